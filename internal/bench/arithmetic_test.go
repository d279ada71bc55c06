package bench

import (
	"math"
	"strings"
	"testing"
)

// TestBytes holds the bytes of a step against those counted by hand.
func TestBytes(t *testing.T) {
	for _, c := range []struct {
		name string
		load Load
		want int
	}{
		// 100 graded values are 800 bytes, and 100 spikes are two words; one way and back.
		{"2 LPUs, 100 of each", Load{LPUs: 2, Spike: 100, Gpot: 100}, 2 * (800 + 16)},
		{"3 LPUs, 6 ways", Load{LPUs: 3, Spike: 130, Gpot: 5}, 6 * (40 + 24)},
		{"spikes only, a full word", Load{LPUs: 2, Spike: 64}, 16},
		{"one spike more", Load{LPUs: 2, Spike: 65}, 32},
		{"graded only", Load{LPUs: 8, Gpot: 1}, 56 * 8},
	} {
		if got := c.load.bytes(); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}

// TestFill takes the slowest rank for each time, and leaves the first exchange out.
func TestFill(t *testing.T) {
	e := Exchanged{Load: Load{LPUs: 2, Gpot: 1000}, Bytes: 16000}
	e.fill(&Run{LoadS: 0.5, RunS: 99, Steps: 1001, Ranks: []Rank{
		{Rank: 0, PeakMB: 30},
		{Rank: 1, Compute: 0.001, Exchange: 1.004, First: 1, Record: 0.003, PeakMB: 50},
		{Rank: 2, Compute: 0.002, Exchange: 0.012, First: 0.002, PeakMB: 40},
	}})
	if near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9*b }; !near(e.ExchangeUS, 10) || !near(e.StepUS, 1e6*1.008/1001) || !near(e.MBs(), 1600) {
		t.Errorf("exchange %g µs, step %g µs, %g MB/s; want 10, %g and 1600", e.ExchangeUS, e.StepUS, e.MBs(), 1e6*1.008/1001)
	}
	if e.SetupS != 0.5 || e.PeakMB != 50 {
		t.Errorf("set-up %g s, %g MB", e.SetupS, e.PeakMB)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct {
		name  string
		load  Load
		want  Load
		fault string
	}{
		{"evenly", Load{4, 9, 30, 10}, Load{4, 3, 10, 10}, ""},
		{"what is left is dropped", Load{4, 11, 0, 10}, Load{4, 3, 0, 10}, ""},
		{"too few", Load{8, 5, 6, 10}, Load{}, "5 spike and 6 gpot ports are too few for the 7 pairs"},
		{"one LPU", Load{1, 5, 5, 10}, Load{}, "--lpus must be at least 2"},
		{"no ports", Load{2, 0, 0, 10}, Load{}, "nor both 0"},
		{"negative", Load{2, -1, 10, 10}, Load{}, "not negative"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.load
			err := l.Share()
			switch {
			case c.fault == "" && (err != nil || l != c.want):
				t.Errorf("%v, %v, want %v", l, err, c.want)
			case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
				t.Errorf("error %v, want %s", err, c.fault)
			}
		})
	}
}

// TestEfficiency works out speed-up and efficiency of runs of known times.
func TestEfficiency(t *testing.T) {
	ran := func(seconds float64, working, copies int) *Scaled {
		return &Scaled{Run: &Run{RunS: seconds}, Working: working, Copies: copies}
	}
	for _, c := range []struct {
		name                string
		first, s            *Scaled
		speedUp, efficiency float64
	}{
		{"the first itself", ran(8, 2, 1), ran(8, 2, 1), 1, 1},
		{"strong, ideal", ran(8, 1, 1), ran(2, 4, 1), 4, 1},
		{"strong, from two ranks on", ran(8, 2, 1), ran(4, 8, 1), 2, 0.5},
		{"weak, ideal", ran(8, 1, 1), ran(8, 4, 4), 4, 1},
		{"weak, twice as slow", ran(8, 2, 1), ran(16, 6, 3), 1.5, 0.5},
		{"ranks without work count for nothing", ran(8, 1, 1), ran(4, 2, 1), 2, 1},
	} {
		if c.s.compare(c.first); c.s.SpeedUp != c.speedUp || c.s.Efficiency != c.efficiency {
			t.Errorf("%s: speed-up %g, efficiency %g; want %g and %g", c.name, c.s.SpeedUp, c.s.Efficiency, c.speedUp, c.efficiency)
		}
	}
}

// TestLimit says what limits runs of which that is clear.
func TestLimit(t *testing.T) {
	run := func(working int, ranks ...Rank) *Scaled {
		s := &Scaled{Run: &Run{RunS: 10, Ranks: ranks}, Started: len(ranks), Working: working}
		for i, r := range ranks {
			if r.Compute > 0 {
				s.LPUs = append(s.LPUs, struct {
					Name string `json:"name"`
					Rank int    `json:"rank"`
				}{string(rune('a' + i)), i})
			}
		}
		return s
	}
	for _, c := range []struct {
		name, want string
		s          *Scaled
	}{
		{"one LPU", "one LPU only", run(1, Rank{}, Rank{Compute: 9})},
		{"uneven", "wait for rank 1 (LPU b), whose LPUs compute 90 %", run(2, Rank{Compute: 1, Host: "x"}, Rank{Compute: 9, Host: "y"})},
		{"short steps", "exchange and waiting take 50 %", run(2, Rank{Compute: 4, Exchange: 5, Host: "x"}, Rank{Compute: 5, Exchange: 5, Host: "y"})},
		{"recording", "recording takes 40 % of the time of rank 0", run(1, Rank{Compute: 5, Record: 4})},
		{"computing", "computing", run(1, Rank{Compute: 9})},
	} {
		if got := c.s.Limit(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
