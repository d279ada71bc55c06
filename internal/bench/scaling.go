package bench

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strconv"
)

// Scaled is a run of a configuration on some number of ranks.
type Scaled struct {
	*Run
	Started int // ranks that were started, with the broker's
	Working int // ranks that have LPUs
	Copies  int // of the configuration, for weak scaling

	SpeedUp    float64 // over the first run
	Efficiency float64 // of the working ranks, relative to those of the first run
}

// Scaling runs a configuration on each number of ranks. weak gives the ranks as many copies of the configuration as there are
// of them for each of the first run, so that the work of a rank stays what it is.
func Scaling(config string, ranks []int, weak bool, dir string, more []string) ([]*Scaled, error) {
	var out []*Scaled
	for _, n := range ranks {
		s := &Scaled{Started: n, Copies: 1}
		args := append([]string{}, more...)
		if weak {
			s.Copies = max(n/ranks[0], 1)
			args = append(args, "--copies", strconv.Itoa(s.Copies))
		}
		err := inFolder(dir, func(dir string) (err error) {
			s.Run, err = launch(config, filepath.Join(dir, "out"), n, args...)
			return err
		})
		if err != nil {
			return out, err
		}
		worked := map[int]bool{}
		for _, l := range s.LPUs {
			worked[l.Rank] = true
		}
		s.Working = len(worked)
		first := s
		if len(out) > 0 {
			first = out[0]
		}
		s.compare(first)
		out = append(out, s)
	}
	return out, nil
}

// compare works out how much more the run did in a second than the first one, and that for each working rank.
func (s *Scaled) compare(first *Scaled) {
	s.SpeedUp = first.RunS / s.RunS * float64(s.Copies) / float64(first.Copies)
	s.Efficiency = s.SpeedUp * float64(first.Working) / float64(s.Working)
}

// Limit says what keeps a run from being faster on its ranks.
func (s *Scaled) Limit() string {
	slow, sum := 0, 0.0
	hosts := map[string]int{}
	for r, x := range s.Ranks {
		sum += x.Compute
		if x.Compute > s.Ranks[slow].Compute {
			slow = r
		}
		if x.Compute > 0 {
			hosts[x.Host]++
		}
	}
	worst := s.Ranks[slow]
	balance := sum / float64(s.Working) / worst.Compute
	most := 0
	for _, n := range hosts {
		most = max(most, n)
	}
	switch {
	case s.Working == 1 && s.Started > 1:
		return "there is one LPU only, which one rank computes"
	case s.Working > 1 && most > runtime.NumCPU():
		return fmt.Sprintf("%d working ranks share %d cores", most, runtime.NumCPU())
	case s.Working > 1 && balance < 0.8:
		return fmt.Sprintf("the load is uneven: the others wait for rank %d (%s), whose LPUs compute %.0f %% of the time", slow, s.on(slow), 100*worst.Compute/s.RunS)
	case worst.Exchange > 0.2*s.RunS:
		return fmt.Sprintf("exchange and waiting take %.0f %% of the time even on the busiest rank: steps are short for so many ranks", 100*worst.Exchange/s.RunS)
	case worst.Record > 0.2*s.RunS:
		return fmt.Sprintf("recording takes %.0f %% of the time of rank %d", 100*worst.Record/s.RunS, slow)
	}
	return "computing, which more ranks would share if there were more LPUs"
}

// on names the LPUs of a rank.
func (s *Scaled) on(rank int) string {
	text, more := "", 0
	for _, l := range s.LPUs {
		switch {
		case l.Rank != rank:
		case text == "":
			text = "LPU " + l.Name
		default:
			more++
		}
	}
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
