package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCheckRanks prints the plan for several ranks.
func TestCheckRanks(t *testing.T) {
	dir := genericFolder(t, good)
	for _, c := range []struct{ ranks, want string }{
		{"2", `(?s)RANK +LPUS +EXPECTED LOAD\n0 +lpu_0 +4\d\.\d %\n1 +lpu_1 +5\d\.\d %\nexpected balance, by the size of the graphs: 2 ranks work \d\d % of the time, a speed-up of at most 1\.\d\d`},
		{"5", `(?s)0 +\(the broker\).*4 +\(idle\).*note: 2 of 5 ranks have no LPU and stay idle`},
	} {
		r := mustRun(t, dir, 0, "check", "config.yaml", "--ranks", c.ranks)
		if !regexp.MustCompile(c.want).MatchString(r.out) {
			t.Errorf("%s ranks:\n%s", c.ranks, r.out)
		}
	}
}

// TestTooLargeForMemory refuses a graph of which the size alone tells that it has no room.
func TestTooLargeForMemory(t *testing.T) {
	for _, ranks := range []int{0, 3} {
		dir := genericFolder(t, strings.Replace(good, "lpu_1.gexf.gz", "huge.gexf", 1))
		huge := filepath.Join(dir, "huge.gexf")
		if err := os.WriteFile(huge, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(huge, 1<<43); err != nil { // 8 TB, all of it a hole
			t.Fatal(err)
		}
		before := listing(t, dir)
		r := nkrun(t, dir, ranks, "config.yaml")
		if r.code != exitUsage || !regexp.MustCompile(`config\.yaml:13:12: .*of which LPU lpu_1 takes 11434\.\d GB; \S+ GB are available`).MatchString(r.errOut) {
			t.Errorf("on %d ranks: code %d\n%s", ranks, r.code, r.errOut)
		}
		if after := listing(t, dir); after != before {
			t.Errorf("files %s, before %s", after, before)
		}
	}
}
