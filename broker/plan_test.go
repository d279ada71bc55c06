package broker

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAssign(t *testing.T) {
	for _, c := range []struct {
		name   string
		loads  []Load
		ranks  int
		ranksA []int // by LPU
		works  bool
		idle   int
		note   string
	}{
		{"alone", []Load{{"a", 1}}, 1, []int{0}, true, 0, ""},
		{"two LPUs in one process", []Load{{"a", 1}, {"b", 1}}, 1, []int{0, 0}, true, 0, ""},
		{"as many ranks as LPUs", []Load{{"a", 1}, {"b", 1}}, 2, []int{0, 1}, true, 0, ""},
		{"a rank for the broker", []Load{{"a", 1}, {"b", 1}}, 3, []int{1, 2}, false, 0, ""},
		{"more than needed", []Load{{"a", 1}, {"b", 1}}, 5, []int{1, 2}, false, 2, "2 of 5 ranks have no LPU"},
		{"packed by load", []Load{{"a", 1}, {"b", 5}, {"c", 2}, {"d", 2}}, 2, []int{1, 0, 1, 1}, true, 0, "4 LPUs share 2 ranks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Assign(c.loads, c.ranks)
			for i, l := range c.loads {
				if p.RankOf[l.LPU] != c.ranksA[i] {
					t.Errorf("LPU %s on rank %d, want %d", l.LPU, p.RankOf[l.LPU], c.ranksA[i])
				}
			}
			if p.BrokerWorks != c.works || p.Idle != c.idle {
				t.Errorf("broker works %v, idle %d; want %v, %d", p.BrokerWorks, p.Idle, c.works, c.idle)
			}
			if notes := strings.Join(p.Notes(len(c.loads)), "\n"); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, c.note)
			}
		})
	}
}

// TestAssignBalances checks that packing is within the bound of the greedy rule: no rank is heavier than the mean plus the
// heaviest LPU.
func TestAssignBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "lpus")
		ranks := rapid.IntRange(1, n).Draw(t, "ranks")
		loads := make([]Load, n)
		total, heaviest := 0.0, 0.0
		for i := range loads {
			loads[i] = Load{string(rune('a' + i)), float64(rapid.IntRange(1, 1000).Draw(t, "weight"))}
			total += loads[i].Weight
			heaviest = max(heaviest, loads[i].Weight)
		}
		p := Assign(loads, ranks)
		seen := 0
		for r := range ranks {
			sum := 0.0
			for _, name := range p.On(r, loads) {
				seen++
				for _, l := range loads {
					if l.LPU == name {
						sum += l.Weight
					}
				}
			}
			if sum > total/float64(ranks)+heaviest {
				t.Fatalf("rank %d carries %g of %g on %d ranks", r, sum, total, ranks)
			}
		}
		if seen != n {
			t.Fatalf("%d of %d LPUs have a rank", seen, n)
		}
	})
}
