package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

// delayedFolder makes a folder with neurons whose spikes take 18 steps, driven from outside: an engine may take that many steps at once.
// what is added to the outputs.
func delayedFolder(t *testing.T, outputs string) string {
	t.Helper()
	dir := t.TempDir()
	const neurons = 300
	chance := rand.New(rand.NewPCG(3, 4))
	nodes := "id,class,resting_potential,threshold,reset_potential,tau_m,tau_s,refractory_period\n"
	rows := "pre,post,weight\n"
	for i := range neurons {
		nodes += fmt.Sprintf("n%d,LeakyIAFExp,-52,-45,-52,20,5,2.2\n", i)
		for range 10 {
			rows += fmt.Sprintf("n%d,n%d,%g\n", i, chance.IntN(neurons), 6*chance.NormFloat64())
		}
	}
	for i := range 20 {
		nodes += fmt.Sprintf("s%d,BufferSpike,,,,,,\n", i)
		for range 20 {
			rows += fmt.Sprintf("s%d,n%d,%g\n", i, chance.IntN(neurons), 60*chance.Float64())
		}
	}
	write(t, dir, "nodes.csv", nodes)
	write(t, dir, "rows.csv", rows)
	write(t, dir, "config.yaml", `dt: 1e-4
steps: 1500
checkpoint: {file: state.h5, every: 100 steps}
lpus:
  brain:
    graph: {nodes: nodes.csv}
    connections: [{file: rows.csv, delay: 0.0018}]
    inputs:
      - poisson: {variable: spike_state, uids: [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9], rate: 150}
      - spikes: {uids: [s10, s11], times: [[0.001, 0.0011, 0.0999], [0.1499]]}
    outputs:
      - {file: spikes.h5, variables: {spike_state: all}}
      - {file: late.h5, variables: {spike_state: all, V: [n0, n1, n2]}, interval: 7, start: 0.012}
`+outputs)
	return dir
}

// TestWindowsAreInvisible: steps that are taken at once leave the recordings, checkpoints and resumed runs of steps that are taken one by one,
// as they are where V is recorded in each of them.
func TestWindowsAreInvisible(t *testing.T) {
	each := delayedFolder(t, "      - {file: each.h5, variables: {V: [n0]}}\n")
	mustRun(t, each, 0, "config.yaml", "--quiet")
	if len(spikesOf(t, filepath.Join(each, "spikes.h5"))) < 1000 {
		t.Fatal("there are too few spikes for this to say much")
	}
	for _, c := range []struct {
		name string
		runs [][]string
	}{
		{"whole", [][]string{nil}},
		{"two threads", [][]string{{"--threads", "2"}}},
		{"on a rank", [][]string{{"--ranks", "1"}}},
		{"resumed", [][]string{{"--steps", "301"}, {"--steps", "313"}, {"--steps", "1500"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := delayedFolder(t, "")
			for k, args := range c.runs {
				if k > 0 {
					args = append(args, "--resume")
				}
				mustRun(t, dir, 0, append([]string{"config.yaml", "--quiet"}, args...)...)
			}
			for _, file := range []string{"spikes.h5", "late.h5"} {
				mustRun(t, dir, 0, "diff", "--exact", filepath.Join(each, file), filepath.Join(dir, file))
			}
		})
	}
}

// TestFaultWithinWindow: where an input fails, all LPUs have taken the steps before, and recorded them, however many steps are taken at once.
func TestFaultWithinWindow(t *testing.T) {
	const bad = 990
	run := func(outputs string) (spikes [2][]float64) {
		dir := delayedFolder(t, "")
		config := "dt: 1e-4\nsteps: 1500\nlpus:\n"
		for i, name := range []string{"a", "b", "c"} {
			config += fmt.Sprintf("  %s:\n    graph: {nodes: nodes.csv}\n    connections: [{file: rows.csv, delay: 0.0018}]\n    inputs:\n"+
				"      - poisson: {variable: spike_state, uids: [s0, s1, s2, s3], rate: 150}\n", name)
			if name == "b" {
				config += "      - {file: bad.h5}\n"
			}
			config += fmt.Sprintf("    outputs:\n      - {file: %s.h5, variables: {spike_state: all}}\n", name)
			if outputs != "" {
				config += fmt.Sprintf(outputs, i)
			}
		}
		write(t, dir, "config.yaml", config)
		err := hdf5io.WriteInput(filepath.Join(dir, "bad.h5"), []hdf5io.InputData{{Name: "spike_state", UIDs: []string{"s12"}, Rows: 1500, Row: func(k int, dst []float64) {
			if k == bad {
				dst[0] = math.NaN()
			}
		}}})
		if err != nil {
			t.Fatal(err)
		}
		r := nkrun(t, dir, 0, "config.yaml", "--quiet")
		if r.code != exitFailed || !strings.Contains(r.errOut, fmt.Sprint("step ", bad)) {
			t.Fatalf("code %d: %s", r.code, r.errOut)
		}
		return [2][]float64{spikesOf(t, filepath.Join(dir, "a.h5")), spikesOf(t, filepath.Join(dir, "c.h5"))}
	}
	each, windows := run("      - {file: each_%d.h5, variables: {V: [n0]}}\n"), run("")
	for i := range each {
		if len(each[i]) < 100 || !slices.Equal(windows[i], each[i]) {
			t.Errorf("LPU %d: %d spikes are recorded where steps are taken one by one, %d where they are taken together", i, len(each[i]), len(windows[i]))
		}
	}
}
