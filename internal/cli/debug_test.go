package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func contents(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDebug writes the routing tables and port data of an LPU: what one LPU receives in a step is what the other sent in the step
// before, on ranks and in one process.
func TestDebug(t *testing.T) {
	for _, ranks := range []int{0, 3} {
		dir := genericFolder(t, good)
		mustRun(t, dir, ranks, "config.yaml", "--quiet", "--debug", "--out", "o")
		routes := contents(t, dir, "o", "lpu_1.debug", "routes.csv")
		if want := `"lpu_0",\d,"/lpu_0/out/gpot\[0\]","lpu_1",\d,"/lpu_1/in/gpot\[1\]",gpot,0\n`; !regexp.MustCompile(want).MatchString(routes) || strings.Count(routes, "\n") != 4 {
			t.Errorf("routes:\n%s", routes)
		}
		sent := strings.Split(contents(t, dir, "o", "lpu_0.debug", "sent_gpot.csv"), "\n")
		received := strings.Split(contents(t, dir, "o", "lpu_1.debug", "received_gpot.csv"), "\n")
		if len(sent) != 102 || len(received) != 102 || !strings.HasPrefix(sent[0], `step,"/lpu_0/out/gpot[0]",`) || !strings.HasPrefix(received[0], `step,"/lpu_1/in/gpot[1]",`) {
			t.Fatalf("%d rows sent, %d received; columns %.60s and %.60s", len(sent), len(received), sent[0], received[0])
		}
		for n := 1; n < 100; n++ {
			if s, r := strings.Split(sent[n], ",")[1], strings.Split(received[n+1], ",")[1]; s != r {
				t.Fatalf("sent %s in step %d, received %s in the next", s, n-1, r)
			}
		}
	}
}

// TestLogFile logs to files what the terminal is spared.
func TestLogFile(t *testing.T) {
	dir := genericFolder(t, withKind("failing"))
	r := nkrun(t, dir, 3, "config.yaml", "--quiet", "--log-file", "run.log")
	if strings.Contains(r.errOut, "nkrun stop") {
		t.Errorf("--quiet is not:\n%s", r.errOut)
	}
	if text := contents(t, dir, "run.log"); !regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO .*nkrun stop .*job\.json$`).MatchString(text) {
		t.Errorf("run.log:\n%s", text)
	}
	if text := contents(t, dir, "run-2.log"); !regexp.MustCompile(`ERROR LPU other, step 50, rank 2 on \S+: the sky is falling\n`).MatchString(text) {
		t.Errorf("run-2.log:\n%s", text)
	}
}
