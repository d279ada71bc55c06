package cli

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu"
)

// mixing is a Processor that forgets nothing: its outputs hang on every bit that has come in so far, so that a value which is
// late, lost or another's shows in all that follows. After the last step it writes what it has come to into a file.
type mixing struct {
	c     *lpu.Context
	state uint64
}

func registerMixing() {
	lpu.Register("mixing", func(c *lpu.Context) (lpu.Processor, error) { return &mixing{c, c.Seed}, nil })
}

func (m *mixing) mix(x uint64) uint64 {
	m.state = (m.state ^ x) * 0x9e3779b97f4a7c15
	m.state ^= m.state >> 29
	return m.state
}

func (m *mixing) Step(n int) error {
	p := m.c.Ports
	for _, v := range p.InGpot {
		m.mix(math.Float64bits(v))
	}
	for _, s := range p.InSpike {
		m.mix(uint64(s))
	}
	for i := range p.OutGpot {
		p.OutGpot[i] = float64(m.mix(1) >> 11)
	}
	for i := range p.OutSpike {
		p.OutSpike[i] = uint8(m.mix(2) >> 63)
	}
	if n < m.c.Steps-1 {
		return nil
	}
	return os.WriteFile(m.c.ID+".mixed", strconv.AppendUint(nil, m.state, 16), 0o666)
}

func (m *mixing) Checkpoint() ([]byte, error) {
	return binary.LittleEndian.AppendUint64(nil, m.state), nil
}

func (m *mixing) Restore(state []byte) error {
	if len(state) != 8 {
		return errors.New("not 8 bytes")
	}
	m.state = binary.LittleEndian.Uint64(state)
	return nil
}

// mixed returns what the LPUs of a run have come to, and removes it.
func mixed(t *testing.T, dir string, lpus int) string {
	t.Helper()
	var out strings.Builder
	for i := range lpus {
		path := filepath.Join(dir, fmt.Sprintf("l%d.mixed", i))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		os.Remove(path)
		fmt.Fprintf(&out, "l%d %s\n", i, text)
	}
	return out.String()
}

// fewChecks makes rapid check so many cases, unless the command line says how many: a case here is several runs under mpirun.
func fewChecks(t *testing.T, n int) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	f := flag.Lookup("rapid.checks")
	before := f.Value.String()
	f.Value.Set(strconv.Itoa(n))
	t.Cleanup(func() { f.Value.Set(before) })
}

// anyNetwork draws a configuration of some LPUs, with patterns one way or both ways between some of them.
func anyNetwork(rt *rapid.T, lpus, steps int) string {
	type link struct{ from, to, typ string }
	type way struct{ a, b int }
	links := map[way][]link{}
	delay := map[way]int{}
	ports := make([][4][]string, lpus) // in gpot, in spike, out gpot, out spike
	for a := range lpus {
		for k, name := range []string{"in/gpot", "in/spike", "out/gpot", "out/spike"} {
			ports[a][k] = []string{fmt.Sprintf("/l%d/%s/free", a, name)}
		}
	}
	joined := rapid.SampledFrom([]int{1, 2, 4}).Draw(rt, "one way in so many is joined")
	for a := range lpus {
		for b := range lpus {
			if a == b || rapid.IntRange(1, joined).Draw(rt, "joined") > 1 {
				continue
			}
			w := way{a, b}
			delay[w] = rapid.SampledFrom([]int{0, 0, 1, 2, 3, 5, 8, 13, 20, 31, 45}).Draw(rt, "delay")
			for k, typ := range []string{"gpot", "spike"} {
				n := rapid.SampledFrom([]int{0, 1, 3, 64, 70}).Draw(rt, typ)
				if n == 0 {
					continue
				}
				from, to := fmt.Sprintf("/l%d/out/%s/l%d", a, typ, b), fmt.Sprintf("/l%d/in/%s/l%d", b, typ, a)
				ports[a][2+k] = append(ports[a][2+k], fmt.Sprintf("%s[0:%d]", from, n))
				ports[b][k] = append(ports[b][k], fmt.Sprintf("%s[0:%d]", to, n))
				switch {
				case rapid.Bool().Draw(rt, "in order"):
					links[w] = append(links[w], link{fmt.Sprintf("%s[0:%d]", from, n), fmt.Sprintf("%s[0:%d]", to, n), typ})
				default: // the last comes first, and one goes to several
					last := rapid.IntRange(0, n-1).Draw(rt, "one that goes to several")
					links[w] = append(links[w], link{fmt.Sprintf("%s[%d]", from, last), fmt.Sprintf("%s[%d:%d]", to, last, n), typ})
					for i := range last {
						links[w] = append(links[w], link{fmt.Sprintf("%s[%d]", from, last-i), fmt.Sprintf("%s[%d]", to, i), typ})
					}
				}
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "dt: 1e-4\nsteps: %d\nwatchdog: 20\ncheckpoint: {file: state.h5, every: %d steps}\nlpus:\n", steps, rapid.IntRange(1, 40).Draw(rt, "every"))
	for i, p := range ports {
		fmt.Fprintf(&b, "  l%d:\n    kind: mixing\n    ports: {in: {gpot: '%s', spike: '%s'}, out: {gpot: '%s', spike: '%s'}}\n", i,
			strings.Join(p[0], ","), strings.Join(p[1], ","), strings.Join(p[2], ","), strings.Join(p[3], ","))
	}
	head := "patterns:\n"
	for x := range lpus {
		for y := range lpus {
			w := way{x, y}
			if len(links[w]) == 0 {
				continue
			}
			fmt.Fprintf(&b, "%s  - lpus: [l%d, l%d]\n    delay: %g\n    connect:\n", head, x, y, float64(delay[w])*1e-4)
			head = ""
			for _, l := range links[w] {
				fmt.Fprintf(&b, "      - {from: '%s', to: '%s', type: %s}\n", l.from, l.to, l.typ)
			}
		}
	}
	return b.String()
}

// TestAnyNetworkOnAnyRanks draws networks of LPUs with delays, and runs them on ranks, exchanging at intervals or in every step, in one
// go or in two with a checkpoint between them: all comes to the bits of one process.
func TestAnyNetworkOnAnyRanks(t *testing.T) {
	fewChecks(t, 6)
	rapid.Check(t, func(rt *rapid.T) {
		lpus, steps := rapid.IntRange(2, 6).Draw(rt, "LPUs"), rapid.IntRange(2, 120).Draw(rt, "steps")
		dir := t.TempDir()
		write(t, dir, "config.yaml", anyNetwork(rt, lpus, steps))
		run := func(what string, args ...string) {
			ranks := rapid.IntRange(0, 4).Draw(rt, "ranks "+what)
			if rapid.Bool().Draw(rt, "every step "+what) {
				args = append(args, "--exchange-every-step")
			}
			if r := nkrun(t, dir, ranks, append([]string{"config.yaml", "--quiet"}, args...)...); r.code != 0 {
				rt.Fatalf("%s on %d ranks: code %d: %s", what, ranks, r.code, r.errOut)
			}
		}
		if r := nkrun(t, dir, 0, "config.yaml", "--quiet", "--set", "checkpoint=off"); r.code != 0 {
			rt.Fatalf("in one process: code %d: %s", r.code, r.errOut)
		}
		want := mixed(t, dir, lpus)
		run("in one go")
		if got := mixed(t, dir, lpus); got != want {
			rt.Errorf("in one go:\n%swant\n%s", got, want)
		}
		half := rapid.IntRange(1, steps-1).Draw(rt, "interrupted before step")
		run("first part", "--steps", strconv.Itoa(half))
		run("second part", "--resume")
		if got := mixed(t, dir, lpus); got != want {
			rt.Errorf("interrupted before step %d:\n%swant\n%s", half, got, want)
		}
	})
}
