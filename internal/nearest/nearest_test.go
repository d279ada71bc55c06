package nearest

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestName(t *testing.T) {
	names := []string{"threshold", "resistance", "capacitance", "initV", "V_Ca", "V_K", "ar", "größe", "gr", ""}
	for _, c := range []struct{ word, want string }{
		{"treshold", "threshold"},
		{"thresohld", "threshold"},
		{"INITV", "initV"},
		{"resistence", "resistance"},
		{"V_k", "V_K"},
		{"at", "ar"},
		{"rg", "gr"},
		{"tau", ""}, // two of three letters from ar
		{"groesse", ""},
		{"grösse", "größe"}, // counted in letters, not bytes
		{"banana", ""},
		{"x", ""},
		{"", ""},
	} {
		if got := Name(c.word, names); got != c.want {
			t.Errorf("Name(%q) = %q, want %q", c.word, got, c.want)
		}
	}
	if got := Name("a", []string{"b", "A"}); got != "A" {
		t.Errorf("a single letter's case: %q", got)
	}
	if got := Hint("treshold", names); got != `; did you mean "threshold"?` {
		t.Errorf("Hint: %q", got)
	}
	if got := Hint("banana", names); got != "" {
		t.Errorf("Hint without a near name: %q", got)
	}
}

// TestAgainstFullTable compares with every distance counted in full, by the recurrence as the books have it.
func TestAgainstFullTable(t *testing.T) {
	full := func(a, b string) int {
		d := make([][]int, len(a)+1)
		for i := range d {
			d[i] = make([]int, len(b)+1)
			for j := range d[i] {
				switch {
				case i == 0 || j == 0:
					d[i][j] = i + j
					continue
				case a[i-1] == b[j-1]:
					d[i][j] = d[i-1][j-1]
				default:
					d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
				}
				if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
					d[i][j] = min(d[i][j], d[i-2][j-2]+1)
				}
			}
		}
		return d[len(a)][len(b)]
	}
	word := rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 1, 10, -1)
	rapid.Check(t, func(t *rapid.T) {
		name, all := word.Draw(t, "name"), rapid.SliceOf(word).Draw(t, "candidates")
		best, least := "", max(1, len(name)/3)+1
		for _, c := range all {
			if d := full(name, c); d < least {
				best, least = c, d
			}
		}
		if got := Among(name, slices.Values(all)); got != best {
			t.Fatalf("nearest to %q of %q is %q, want %q", name, strings.Join(all, " "), got, best)
		}
	})
}
