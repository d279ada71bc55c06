package cli

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
)

// networks are those that the compiler's passes are held against: the vectors' two LPUs, with ports, conductances and a pattern, and
// neurons in closed form behind a table of weighted connections. Both record V and all spikes.
var networks = []struct {
	name  string
	make  func(t *testing.T) (dir string)
	files []string
	idle  string // what the pass idle has to say of it
}{
	{"generic", func(t *testing.T) string {
		text := strings.Replace(good, "start: 0.3", "start: 0.05", 1)
		text = strings.ReplaceAll(strings.Replace(text, ", spike_state: [proj_3]", "", 1), "{V: all}", "{V: all, spike_state: all}")
		return genericFolder(t, strings.Replace(text, "duration: 0.01", "duration: 0.2", 1))
	}, []string{"lpu_0.h5", "lpu_1.h5"}, "0 of "},
	{"weighted", weightedFolder, []string{"brain.h5"}, "600 of "},
}

// weightedFolder makes a folder with 600 neurons that excite and inhibit each other, and 40 sources that drive them.
func weightedFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const neurons, sources = 600, 40
	chance := rand.New(rand.NewPCG(1, 2))
	nodes := "id,class,rate,resting_potential,threshold,reset_potential,tau_m,tau_s,refractory_period\n"
	rows := "pre,post,weight,delay\n"
	for i := range neurons {
		nodes += fmt.Sprintf("n%d,LeakyIAFExp,,-52,-45,-52,20,5,2.2\n", i)
		for range 10 {
			rows += fmt.Sprintf("n%d,n%d,%g,0.0018\n", i, chance.IntN(neurons), 6*chance.NormFloat64())
		}
	}
	for i := range sources {
		nodes += fmt.Sprintf("s%d,PoissonSource,60,,,,,,\n", i)
		for range neurons / sources {
			rows += fmt.Sprintf("s%d,n%d,%g,\n", i, chance.IntN(neurons), 60*chance.Float64())
		}
	}
	write(t, dir, "nodes.csv", nodes)
	write(t, dir, "rows.csv", strings.ReplaceAll(rows, ",\n", ",0.0001\n"))
	write(t, dir, "config.yaml", `dt: 1e-4
duration: 0.2
lpus:
  brain:
    graph: {nodes: nodes.csv}
    connections: [{file: rows.csv}]
    outputs:
      - {file: brain.h5, variables: {V: [n0, n1, n2, n3, n4, n5, n6, n7, n8, n9], spike_state: all}}
`)
	return dir
}

// TestExactPasses: group, share and sparse are exact. With or without any of them, recordings have the same bits, while merge,
// order and idle are off, which only agree up to rounding.
func TestExactPasses(t *testing.T) {
	inexact := "merge,order,idle"
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) {
			dir := n.make(t)
			mustRun(t, dir, 0, "config.yaml", "--quiet", "--out", "all", "--without", inexact)
			for _, passes := range []string{"group", "share", "sparse", "group,share,sparse"} {
				without := inexact + "," + passes
				mustRun(t, dir, 0, "config.yaml", "--quiet", "--out", without, "--without", without)
				for _, file := range n.files {
					mustRun(t, dir, 0, "diff", "--exact", filepath.Join("all", file), filepath.Join(without, file))
				}
			}
		})
	}
}

// TestOptimizedAgreesWithPlain: all passes together, and all but each, change V by no more than 1e-9 of its largest magnitude, and
// no spike.
func TestOptimizedAgreesWithPlain(t *testing.T) {
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) {
			dir := n.make(t)
			mustRun(t, dir, 0, "config.yaml", "--quiet", "--out", "plain", "--no-optimize")
			for _, without := range append([]string{""}, compile.PassNames()...) {
				out := "without_" + without
				mustRun(t, dir, 0, "config.yaml", "--quiet", "--out", out, "--without", without)
				for _, file := range n.files {
					plain := filepath.Join("plain", file)
					if len(spikesOf(t, filepath.Join(dir, plain))) == 0 {
						t.Fatalf("%s has no spikes, so that the comparison says little", plain)
					}
					tolerance := fmt.Sprint(1e-9 * largest(t, dir, plain))
					if r := nkrun(t, dir, 0, "diff", "--abs", tolerance, plain, filepath.Join(out, file)); r.code != 0 {
						t.Errorf("without %q, tolerance %s mV: %s", without, tolerance, r.out)
					}
				}
			}
		})
	}
}

// largest is the largest magnitude of V in a recording.
func largest(t *testing.T, dir, file string) float64 {
	t.Helper()
	var uids []struct{ Min, Max *float64 }
	fromJSON(t, mustRun(t, dir, 0, "info", file, "--uids", "--json").out, &uids)
	most := 0.0
	for _, u := range uids {
		if u.Min != nil {
			most = max(most, math.Abs(*u.Min), math.Abs(*u.Max))
		}
	}
	return most
}

// TestExplain: `check --explain` prints a line for each pass of each LPU, and a misspelt pass is told.
func TestExplain(t *testing.T) {
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) {
			dir := n.make(t)
			out := mustRun(t, dir, 0, "check", "--explain", "config.yaml").out
			for _, file := range n.files {
				lpu := strings.TrimSuffix(file, ".h5")
				for _, pass := range compile.PassNames() {
					if strings.Count(out, fmt.Sprintf("%s, pass %s: ", lpu, pass)) != 1 {
						t.Errorf("not one line on pass %s of %s in\n%s", pass, lpu, out)
					}
				}
				if line := fmt.Sprintf("%s, pass idle: %s", lpu, n.idle); !strings.Contains(out, line) {
					t.Errorf("expected %q in\n%s", line, out)
				}
			}
		})
	}
	dir := genericFolder(t, good)
	if r := nkrun(t, dir, 0, "config.yaml", "--without", "shar"); r.code != exitUsage || !strings.Contains(r.errOut, `unknown pass "shar"; did you mean "share"?`) {
		t.Errorf("code %d: %s", r.code, r.errOut)
	}
}
