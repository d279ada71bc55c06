package worker_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/worker"
)

// TestStepsAllocateNothing runs the two generic LPUs, with input from a file, an exchange and recordings, for 2,000 and 6,000
// steps: the longer run may not allocate more than the shorter one, but for the odd timer of the runtime.
func TestStepsAllocateNothing(t *testing.T) {
	generic, err := filepath.Abs("../testdata/vectors/models/generic")
	if err != nil {
		t.Fatal(err)
	}
	var mallocs [2]uint64
	for k, steps := range []int{2000, 6000} {
		dir := t.TempDir()
		text := fmt.Sprintf("dt: 1e-4\nsteps: %d\nlpus:\n", steps)
		for i := range 2 {
			text += fmt.Sprintf("  lpu_%d:\n    graph: %s/generic_lpu_%d.gexf.gz\n    inputs:\n      - file: %s/generic_lpu_%d_input.h5\n      - bernoulli: {variable: I, uids: all, p: 0.1, start: 0, stop: 0.1}\n"+
				"    outputs:\n      - {file: out%d.h5, variables: {V: all, spike_state: all}, flush: 100}\n", i, generic, i, generic, i, i)
		}
		text += "patterns:\n  - lpus: [lpu_0, lpu_1]\n    connect:\n      - {from: '/lpu_0/out/gpot[0:5]', to: '/lpu_1/in/gpot[1,26,34,39,45]'}\n"
		path := filepath.Join(dir, "config.yaml")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		w, err := worker.Load(cfg, []string{"lpu_0", "lpu_1"}, worker.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		var ports []pattern.Ports
		for _, r := range w.Reports() {
			ports = append(ports, r.Ports)
		}
		links, err := pattern.ElementWise("/lpu_0/out/gpot[0:5]", "/lpu_1/in/gpot[1,26,34,39,45]", pattern.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		routes, err := pattern.Compile(ports, []pattern.Wiring{{A: "lpu_0", B: "lpu_1", Links: links}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Connect(worker.Routing{Routes: routes}, nil); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := w.Run(nil); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		mallocs[k] = after.Mallocs - before.Mallocs
		w.Close()
	}
	if mallocs[1] > mallocs[0]+100 {
		t.Errorf("%d allocations in 2,000 steps, %d in 6,000", mallocs[0], mallocs[1])
	}
}
