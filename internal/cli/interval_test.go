package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu"
)

// registerDependent registers a kind whose results depend on where it runs, as no kind's may.
func registerDependent() {
	lpu.Register("dependent", func(c *lpu.Context) (lpu.Processor, error) {
		out, err := c.GpotOut("")
		return stepFunc(func(n int) error {
			values := make([]float64, out.Len())
			if n >= 30 {
				values[len(values)-1] = float64(c.Rank) * 1e-12
			}
			out.Set(values)
			return nil
		}), err
	})
}

// delayed is a chain of three generic LPUs joined back and forth, with delays in steps on the four ways. The first gets input.
func delayed(delays [4]int) string {
	var b strings.Builder
	b.WriteString("dt: 1e-4\nsteps: 700\nwatchdog: 20\nlpus:\n")
	for i := range 3 {
		fmt.Fprintf(&b, "  l%d:\n    graph: lpu_%d.gexf.gz\n", i, i%2)
		fmt.Fprintf(&b, "    inputs:\n      - bernoulli: {variable: I, uids: all, p: 0.3, start: 0, stop: 0.05}\n")
		fmt.Fprintf(&b, "    outputs:\n      - {file: l%d.h5, variables: {V: all, spike_state: all}}\n", i)
	}
	b.WriteString("patterns:\n")
	way := func(a, b2, k int) {
		if delays[k] < 0 {
			return
		}
		fmt.Fprintf(&b, "  - lpus: [l%d, l%d]\n    delay: %g\n    connect:\n", a, b2, float64(delays[k])*1e-4)
		in := []string{"[36:41]", "[0,2,3,4,6]", "[11,13,17,18,20]", "[42:47]"}[k]
		fmt.Fprintf(&b, "      - {from: '/lpu_%d/out/gpot[0:5]', to: '/lpu_%d/in/gpot%s'}\n", a%2, b2%2, in)
	}
	way(0, 1, 0)
	way(1, 0, 1)
	way(1, 2, 2)
	way(2, 1, 3)
	return b.String()
}

// TestExchangeIntervals runs LPUs whose patterns have delays: on ranks that exchange only as often as they must, the recordings
// are those of one process, and so are they where every step is exchanged.
func TestExchangeIntervals(t *testing.T) {
	for _, delays := range [][4]int{
		{3, 3, 3, 3},
		{0, 7, 2, 2},      // between l0 and l1 every step counts
		{100, 50, 31, -1}, // longer than the longest interval
		{5, -1, 0, -1},    // one way only
		{-1, -1, 4, 9},    // l0 is apart
	} {
		t.Run(fmt.Sprint(delays), func(t *testing.T) {
			t.Parallel()
			dir := genericFolder(t, delayed(delays))
			mustRun(t, dir, 0, "config.yaml", "--out", "one", "--quiet")
			for _, c := range []struct {
				ranks int
				more  []string
			}{{2, nil}, {3, nil}, {4, nil}, {4, []string{"--exchange-every-step"}}} {
				out := fmt.Sprintf("r%d%d", c.ranks, len(c.more))
				mustRun(t, dir, c.ranks, append([]string{"config.yaml", "--out", out, "--quiet"}, c.more...)...)
				for i := range 3 {
					name := fmt.Sprintf("l%d.h5", i)
					mustRun(t, dir, 0, "diff", "--exact", filepath.Join("one", name), filepath.Join(out, name))
				}
			}
		})
	}
}

func TestVerify(t *testing.T) {
	dir := genericFolder(t, delayed([4]int{3, 3, 0, 2}))
	r := mustRun(t, dir, 0, "verify", "config.yaml", "--ranks", "1,2,4", "--threads", "1,2", "--set", "steps=100")
	for _, want := range []string{"4 ranks, 2 threads, exchange in every step: equal to 1 ranks, 1 threads", "all 7 ways to run it give the same results, to the bit"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in\n%s", want, r.out)
		}
	}
	if files := listing(t, dir); strings.Contains(files, "l0.h5") || strings.Contains(files, "run.json") {
		t.Errorf("verifying has left %s", files)
	}
}

// TestVerifyNamesTheDifference verifies LPUs one of which knows its rank.
func TestVerifyNamesTheDifference(t *testing.T) {
	dir := genericFolder(t, strings.Replace(withKind("dependent"), "duration: 10", "steps: 200", 1))
	r := nkrun(t, dir, 0, "verify", "config.yaml", "--ranks", "1,3", "--threads", "1")
	want := "1 ranks, 1 threads and 3 ranks, 1 threads differ: first in step 31, LPU other, gpot output ports, /o/out[1]: 0 and 2e-12"
	if r.code != exitFailed || !strings.Contains(r.errOut, want) {
		t.Errorf("code %d: %s%s\nwant %s", r.code, r.out, r.errOut, want)
	}
}
