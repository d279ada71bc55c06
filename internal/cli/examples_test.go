package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/lpu/graph"
)

// example copies a folder of examples/ to a temporary one.
func example(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "examples", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// spikesOf returns the times of all spikes of a recording.
func spikesOf(t *testing.T, path string) []float64 {
	t.Helper()
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	times, _, err := r.ReadSpikes()
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// TestModuleExample runs the notebook's module written from scratch: each of the two logs its four lines a step, and what one
// emits in a step is what the other gets in the next.
func TestModuleExample(t *testing.T) {
	for _, ranks := range []int{0, 3} {
		r := mustRun(t, example(t, "module"), ranks, "--log-level", "debug", "config.yaml")
		checkModuleLog(t, r.errOut)
	}
}

func checkModuleLog(t *testing.T, log string) {
	t.Helper()
	said := map[string]string{}
	line := regexp.MustCompile(`\[(m[12]) rank \d step (\d+)\] (input|output) (gpot|spike) port data: (\[.*\])`)
	for _, m := range line.FindAllStringSubmatch(log, -1) {
		said[fmt.Sprint(m[1], m[3], m[4], m[2])] = m[5]
	}
	if len(said) != 2*4*10 {
		t.Fatalf("%d lines of port data, want 4 for each of 10 steps of 2 modules:\n%s", len(said), log)
	}
	for step := range 9 {
		for _, kind := range []string{"gpot", "spike"} {
			for from, to := range map[string]string{"m1": "m2", "m2": "m1"} {
				sent, got := said[fmt.Sprint(from, "output", kind, step)], said[fmt.Sprint(to, "input", kind, step+1)]
				if sent != got {
					t.Errorf("%s emits %s %s in step %d, %s gets %s in the next", from, kind, sent, step, to, got)
				}
			}
		}
	}
	if a := said["m1outputgpot0"]; a == said["m2outputgpot0"] || a == said["m1outputgpot1"] {
		t.Errorf("the modules' random numbers repeat: %s", a)
	}
}

// TestOwnProgramExample builds a separate Go module that imports nkrun, and runs it.
func TestOwnProgramExample(t *testing.T) {
	dir := example(t, "own-program")
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.mod", strings.Replace(string(mod), "=> ../..", "=> "+root, 1))
	build := exec.Command("go", "build", "-o", "own", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	run := exec.Command("./own", "--log-level", "debug", "config.yaml")
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("own: %v\n%s", err, out)
	}
	checkModuleLog(t, string(out))
}

// TestSimpleExample has the numbers of the notebook's figure: 77 spikes, the first at 0.0361 s, the last at 0.9766 s.
func TestSimpleExample(t *testing.T) {
	dir := example(t, "simple")
	mustRun(t, dir, 0, "gen", "simple", "--initV", "-42.5", "simple_lpu.gexf.gz", "simple_input.h5")
	mustRun(t, dir, 0, "config.yaml")
	for _, file := range []string{"simple_output.h5", "simple_output_spike.h5"} {
		times := spikesOf(t, filepath.Join(dir, file))
		if n := len(times); n != 77 || times[0] != 361*1e-4 || times[n-1] != 9766*1e-4 {
			t.Errorf("%s: %d spikes from %g to %g s", file, n, times[0], times[n-1])
		}
	}
	r, err := hdf5io.OpenRecording(filepath.Join(dir, "simple_output_gpot.h5"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if v, err := r.Variable("V"); err != nil || v.Rows != 10000 || len(v.UIDs) != 2 {
		t.Errorf("simple_output_gpot.h5 holds %+v, %v", v, err)
	}
	if st, err := os.Stat(filepath.Join(dir, "simple_output.png")); err != nil || st.Size() < 10000 {
		t.Errorf("no picture was drawn: %v", err)
	}
}

// TestGenericExample runs the demo's LPUs alone and connected, in one process and on ranks, with the reference's numbers of
// spikes.
func TestGenericExample(t *testing.T) {
	dir := example(t, "generic")
	for i := range 2 {
		mustRun(t, dir, 0, "gen", "generic", "--seed", fmt.Sprint(i), "--lpu", fmt.Sprint("lpu_", i),
			fmt.Sprintf("generic_lpu_%d.gexf.gz", i), fmt.Sprintf("generic_lpu_%d_input.h5", i))
	}
	write(t, dir, "pattern.csv", mustRun(t, dir, 0, "gen", "pattern", "--seed", "0", "generic_lpu_0.gexf.gz", "generic_lpu_1.gexf.gz").out)
	for _, c := range []struct {
		config, suffix string
		spikes         [2]int
	}{{"unconnected", "un", [2]int{1884, 1516}}, {"connected", "co", [2]int{1884, 1561}}} {
		mustRun(t, dir, 0, c.config+".yaml", "--out", "alone")
		for _, ranks := range []int{1, 2, 3, 5} {
			out := fmt.Sprint("ranks", ranks)
			r := mustRun(t, dir, ranks, c.config+".yaml", "--out", out)
			if idle := strings.Contains(r.errOut, "2 of 5 ranks have no LPU"); idle != (ranks == 5) {
				t.Errorf("on %d ranks:\n%s", ranks, r.errOut)
			}
			for i, want := range c.spikes {
				name := fmt.Sprintf("generic_lpu_%d_%s_output.h5", i, c.suffix)
				mustRun(t, dir, 0, "diff", "--exact", filepath.Join("alone", name), filepath.Join(out, name))
				if n := len(spikesOf(t, filepath.Join(dir, out, name))); n != want {
					t.Errorf("%s on %d ranks: %d spikes, want %d", name, ranks, n, want)
				}
			}
		}
	}
	mustRun(t, dir, 0, "run", "--ranks", "3", "connected.yaml", "--out", "relaunched")
	mustRun(t, dir, 0, "diff", "--exact", "alone/generic_lpu_1_co_output.h5", "relaunched/generic_lpu_1_co_output.h5")
	if r := nkrun(t, dir, 0, "diff", "alone/generic_lpu_1_un_output.h5", "alone/generic_lpu_1_co_output.h5"); r.code != 1 || !strings.Contains(r.out, "first difference") {
		t.Errorf("diff of unlike recordings: code %d\n%s", r.code, r.out)
	}
}

// TestNotebookTables prints the notebook's two tables of the 2017 graph.
func TestNotebookTables(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, dir, 0, "gen", "generic", "--seed", "0", "--lpu", "lpu_0", "--rates", "s", "lpu.gexf.gz", "input.h5")
	r := mustRun(t, dir, 0, "info", "lpu.gexf.gz", "--nodes", "--where", "class == LeakyIAF", "--rows", "30:35",
		"--columns", "name,class,initV,reset_potential,resting_potential,threshold,resistance,capacitance")
	if want := regexp.MustCompile(`(?m)^sensory_30 +sensory_30_s +LeakyIAF +-56\.4074 +-67\.549 +0 +-25\.1355 +1002\.45 +0\.0669811$`); !want.MatchString(r.out) {
		t.Errorf("the table of neurons:\n%s", r.out)
	}
	r = mustRun(t, dir, 0, "info", "lpu.gexf.gz", "--nodes", "--where", "name startswith proj_3_s-", "--columns", "name,class,ar,ad,reverse,gmax")
	if want := regexp.MustCompile(`(?m)^synapse_proj_3_s-local_12_g +proj_3_s-local_12_g +AlphaSynapse +110 +1900 +10 +3\.1e-07$`); !want.MatchString(r.out) || strings.Count(r.out, "\n") != 10 {
		t.Errorf("the table of synapses:\n%s", r.out)
	}
	g, err := graph.ReadGEXF(filepath.Join(dir, "lpu.gexf.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if g.NumNodes() == 0 {
		t.Error("no nodes")
	}
}

// TestMPIRunLiterally starts `mpirun nkrun config.yaml` with as many slots as this machine has.
func TestMPIRunLiterally(t *testing.T) {
	dir := genericFolder(t, good)
	c := command(t.Context(), t, dir, 1, "config.yaml")
	c.Args = append(c.Args[:1], c.Args[4:]...) // without --oversubscribe -n 1
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, out)
	}
	mustRun(t, dir, 0, "config.yaml", "--out", "alone")
	mustRun(t, dir, 0, "diff", "--exact", "lpu_0.h5", "alone/lpu_0.h5")
}
