package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Load is what is exchanged in one measurement: N LPUs that compute nothing, every two of them joined both ways.
type Load struct {
	LPUs        int
	Spike, Gpot int // ports of each pair and direction
	Steps       int
}

// Check says why a load cannot be measured.
func (l *Load) Check() error {
	if l.LPUs < 2 || l.Spike < 0 || l.Gpot < 0 || l.Spike+l.Gpot == 0 {
		return fmt.Errorf("--lpus must be at least 2, and --spike and --gpot not negative, nor both 0; found %d, %d and %d", l.LPUs, l.Spike, l.Gpot)
	}
	return nil
}

// Share spreads the ports of a load, which count the output ports of an LPU, over the pairs that it makes with the others.
func (l *Load) Share() error {
	if err := l.Check(); err != nil {
		return err
	}
	pairs := l.LPUs - 1
	s := Load{l.LPUs, l.Spike / pairs, l.Gpot / pairs, l.Steps}
	if s.Spike+s.Gpot == 0 {
		return fmt.Errorf("--shared: %d spike and %d gpot ports are too few for the %d pairs of an LPU", l.Spike, l.Gpot, pairs)
	}
	*l = s
	return nil
}

// Exchanged is the result of a measurement.
type Exchanged struct {
	Load
	Ranks      int
	StepUS     float64 // µs for a whole step
	ExchangeUS float64 // µs of a step for the exchange on the slowest rank, without step 0
	Bytes      int     // that a step moves between LPUs
	SetupS     float64
	PeakMB     float64 // of the largest rank
}

// MBs returns how much is moved in a second of exchange.
func (e *Exchanged) MBs() float64 { return float64(e.Bytes) / e.ExchangeUS }

// Exchange measures. Ranks is the number of MPI ranks, 1 for a single process; 0 gives one to each LPU, and one to the broker.
// dir is for temporary files, "" for the system's folder.
func Exchange(l Load, ranks int, dir string) (*Exchanged, error) {
	if ranks == 0 {
		ranks = l.LPUs + 1
	}
	e := &Exchanged{Load: l, Ranks: ranks, Bytes: l.bytes()}
	err := inFolder(dir, func(dir string) error {
		config := filepath.Join(dir, "exchange.yaml")
		if err := os.WriteFile(config, []byte(l.config()), 0o666); err != nil {
			return err
		}
		r, err := launch(config, dir, ranks)
		if err != nil {
			return err
		}
		e.fill(r)
		return nil
	})
	return e, err
}

// bytes is what a step moves: from each LPU to each other one, graded values as numbers and spikes as words of 64 bits.
func (l *Load) bytes() int { return l.LPUs * (l.LPUs - 1) * (8*l.Gpot + (l.Spike+63)/64*8) }

// fill takes the times from those of the slowest rank. Those of the whole run count the broker's rest of some milliseconds at its
// end, too, which is not little where a step takes microseconds.
func (e *Exchanged) fill(r *Run) {
	e.SetupS = r.LoadS
	for _, x := range r.Ranks {
		e.StepUS = max(e.StepUS, 1e6*(x.Compute+x.Exchange+x.Record)/float64(r.Steps))
		e.ExchangeUS = max(e.ExchangeUS, 1e6*(x.Exchange-x.First)/float64(max(r.Steps-1, 1)))
		e.PeakMB = max(e.PeakMB, x.PeakMB)
	}
}

// config writes the configuration of a measurement. Ports are named as in the reference's timing programs.
func (l *Load) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "dt: 1e-4\nsteps: %d\nlpus:\n", l.Steps)
	for i := range l.LPUs {
		fmt.Fprintf(&b, "  lpu%d:\n    kind: constant\n    ports: {in: {%s}, out: {%s}}\n", i, l.ports(i, "in"), l.ports(i, "out"))
	}
	if l.LPUs > 1 {
		b.WriteString("patterns:\n")
	}
	for i := range l.LPUs {
		for j := i + 1; j < l.LPUs; j++ {
			fmt.Fprintf(&b, "  - lpus: [lpu%d, lpu%d]\n    connect:\n", i, j)
			for _, way := range [][2]int{{i, j}, {j, i}} {
				for _, t := range l.types() {
					fmt.Fprintf(&b, "      - {from: '/lpu%d/out/%s/lpu%d[0:%d]', to: '/lpu%d/in/%s/lpu%d[0:%d]'}\n", way[0], t.name, way[1], t.n, way[1], t.name, way[0], t.n)
				}
			}
		}
	}
	return b.String()
}

type portType struct {
	name string
	n    int
}

// types returns the types of port that there are any of.
func (l *Load) types() []portType {
	var out []portType
	for _, t := range []portType{{"spike", l.Spike}, {"gpot", l.Gpot}} {
		if t.n > 0 {
			out = append(out, t)
		}
	}
	return out
}

// ports gives the selectors of one LPU and direction.
func (l *Load) ports(lpu int, io string) string {
	var out []string
	for _, t := range l.types() {
		var all []string
		for j := range l.LPUs {
			if j != lpu {
				all = append(all, fmt.Sprintf("/lpu%d/%s/%s/lpu%d[0:%d]", lpu, io, t.name, j, t.n))
			}
		}
		out = append(out, fmt.Sprintf("%s: '%s'", t.name, strings.Join(all, ",")))
	}
	return strings.Join(out, ", ")
}
