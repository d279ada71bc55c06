//go:build cuda

package cuda

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMixed runs the notebook's two connected LPUs on processors and GPUs, one of each in both directions and both on GPUs, in one
// process and under mpirun, and with a program without CUDA as one of the ranks: recordings are those of processors.
func TestMixed(t *testing.T) {
	dir := t.TempDir()
	nkrun, plain := programs(t)
	example := filepath.Join(dir, "generic") // its graphs, inputs and pattern are generated
	command(t, "cp", "-r", "../examples/generic", example)
	command(t, "env", "NKRUN="+plain, filepath.Join(example, "generate"))
	config := filepath.Join(example, "connected.yaml")
	const both = 0 // one rank of each program
	run := func(ranks int, first, second string) string {
		out := filepath.Join(dir, fmt.Sprint(ranks, first, second))
		args := []string{nkrun, "run", config, "--steps", "1500", "--out", out,
			"--set", "lpus.lpu_0.device=" + first, "--set", "lpus.lpu_1.device=" + second}
		switch {
		case ranks == both:
			args = append([]string{"mpirun", "--oversubscribe", "-n", "1"}, append(args, append([]string{":", "-n", "1", plain}, args[1:]...)...)...)
		case ranks > 1:
			args = append([]string{"mpirun", "--oversubscribe", "-n", fmt.Sprint(ranks)}, args...)
		}
		command(t, args[0], args[1:]...)
		return out
	}
	want := run(1, "cpu", "cpu")
	for _, c := range []struct {
		ranks         int
		first, second string
	}{{1, "cpu", "gpu"}, {1, "gpu", "cpu"}, {1, "gpu", "gpu:0"}, {2, "cpu", "gpu"}, {2, "gpu:1", "cpu"}, {3, "gpu", "gpu"}, {1, "auto", "auto"}, {both, "gpu", "cpu"}} {
		t.Run(fmt.Sprintf("%s and %s, %d ranks", c.first, c.second, c.ranks), func(t *testing.T) {
			got := run(c.ranks, c.first, c.second)
			files, err := filepath.Glob(filepath.Join(want, "*.h5"))
			if err != nil || len(files) != 2 {
				t.Fatalf("%v, %v", files, err)
			}
			for _, f := range files {
				command(t, nkrun, "diff", "--rel", "1e-9", f, filepath.Join(got, filepath.Base(f)))
			}
			text, err := os.ReadFile(filepath.Join(got, "run.json"))
			if err != nil {
				t.Fatal(err)
			}
			if gpus, want := strings.Count(string(text), `"device": "gpu:`), strings.Count(c.first+c.second, "gpu")+strings.Count(c.first+c.second, "auto"); gpus < want {
				t.Errorf("run.json tells of %d GPUs, expected %d", gpus, want)
			}
		})
	}
	out, err := try(nkrun, "run", config, "--device", "gpu:7", "--out", dir)
	if err == nil || !strings.Contains(out, "LPU lpu_0 asks for gpu:7, but this machine has gpu:0 (stand-in, 1.0 GB), gpu:1 (stand-in, 1.0 GB)") {
		t.Errorf("%v: %s", err, out)
	}
}
