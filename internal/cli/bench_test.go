package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestBenchExchange measures little, and looks at what it counts and writes.
func TestBenchExchange(t *testing.T) {
	dir := t.TempDir()
	r := mustRun(t, dir, 0, "bench", "exchange", "--lpus", "2,3", "--spike", "130", "--gpot", "5", "--steps", "50", "--csv", "x.csv", "--plot", "x.svg")
	if !regexp.MustCompile(`(?m)^ +2 +3 +130 +5 +\S+ +\S+ +128 .*\n +3 +4 +130 +5 +\S+ +\S+ +384 `).MatchString(r.out) {
		t.Errorf("the table is\n%s", r.out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "x.csv"))
	if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); err != nil || len(lines) != 3 || strings.Count(lines[2], ",") != 10 {
		t.Errorf("%v: %s", err, text)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "x.svg")); err != nil || !strings.Contains(string(text), ">LPUs<") {
		t.Errorf("%v: the picture is not one over LPUs", err)
	}
	shared := mustRun(t, dir, 0, "bench", "exchange", "--lpus", "3", "--spike", "130", "--gpot", "0", "--steps", "50", "--shared", "--ranks", "1")
	if !regexp.MustCompile(`(?m)^ +3 +1 +65 +0 `).MatchString(shared.out) {
		t.Errorf("shared ports:\n%s", shared.out)
	}
	for _, args := range [][]string{{"--spike", "0", "--gpot", "0"}, {"--lpus", "2,1"}, {"--lpus", "8", "--spike", "5", "--gpot", "0", "--shared"}, {"--steps", "1"}} {
		if r := nkrun(t, dir, 0, append([]string{"bench", "exchange"}, args...)...); r.code != exitUsage || r.out != "" {
			t.Errorf("%v gave code %d, %s", args, r.code, r.out)
		}
	}
}

// TestManyLPUs runs as many LPUs as a fly has neuropils and more, every two of them joined, packed onto ranks.
func TestManyLPUs(t *testing.T) {
	dir := t.TempDir()
	for _, ranks := range []string{"2", "5"} {
		r := mustRun(t, dir, 0, "bench", "exchange", "--lpus", "64", "--spike", "3", "--gpot", "2", "--steps", "20", "--ranks", ranks)
		if want := regexp.MustCompile(`(?m)^ +64 +` + ranks + ` +3 +2 +\S+ +\S+ +96768 `); !want.MatchString(r.out) {
			t.Errorf("%s ranks:\n%s", ranks, r.out)
		}
	}
}

// TestBenchScaling runs a configuration and copies of it on ranks.
func TestBenchScaling(t *testing.T) {
	dir := genericFolder(t, good)
	before := listing(t, dir)
	r := mustRun(t, dir, 0, "bench", "scaling", "config.yaml", "--ranks", "1,3")
	if !regexp.MustCompile(`(?s)\n +1 +1 +2 +\d+ +1\.00 +100 %.*\n +3 +2 +2 +\d+ .*3 ranks: .*RANK +COMPUTES`).MatchString(r.out) {
		t.Errorf("strong scaling:\n%s", r.out)
	}
	r = mustRun(t, dir, 0, "bench", "scaling", "config.yaml", "--ranks", "2,4", "--weak")
	if !regexp.MustCompile(`\n +2 +2 +2 .*\n +4 +4 +4 `).MatchString(r.out) {
		t.Errorf("weak scaling:\n%s", r.out)
	}
	if after := listing(t, dir); after != before {
		t.Errorf("files %s, before %s", after, before)
	}
}
