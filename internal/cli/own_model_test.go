package cli

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

// spikesOfUID returns the times of the spikes of one component of a recording.
func spikesOfUID(t *testing.T, path, uid string) []float64 {
	t.Helper()
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := r.Variable("spike_state")
	if err != nil {
		t.Fatal(err)
	}
	times, index, err := r.ReadSpikes()
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for k, i := range index {
		if v.UIDs[i] == uid {
			out = append(out, times[k])
		}
	}
	return out
}

// TestOwnModelExample runs the example in one process and on ranks, from an empty cache, with equal recordings. The neuron that
// does not tire fires at the interval of its equation's solution, t_ref + tau log((I/g_L + E_L - V_r)/(I/g_L + E_L - V_T)).
func TestOwnModelExample(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := example(t, "own-model")
	mustRun(t, dir, 3, "config.yaml", "--out", "ranks")
	mustRun(t, dir, 0, "config.yaml")
	for _, file := range []string{"a.h5", "b.h5"} {
		mustRun(t, dir, 0, "diff", "--exact", file, filepath.Join("ranks", file))
	}
	mustRun(t, dir, 0, "config.yaml", "--set", "precision=single", "--out", "single")
	steady, tiring := spikesOfUID(t, filepath.Join(dir, "a.h5"), "steady"), spikesOfUID(t, filepath.Join(dir, "a.h5"), "tiring")
	want := 2e-3 + 10e-3*math.Log(2.5)
	if n := len(steady); n != 40 || math.Abs((steady[n-1]-steady[0])/float64(n-1)-want) > 1e-4 {
		t.Errorf("%d spikes of the steady neuron, interval %g s, want 40 and %g s", n, (steady[n-1]-steady[0])/float64(n-1), want)
	}
	n := len(tiring)
	if first, last := tiring[1]-tiring[0], tiring[n-1]-tiring[n-2]; !(last > 1.5*first) {
		t.Errorf("the tiring neuron's intervals go from %g to %g s", first, last)
	}
	if follower := spikesOfUID(t, filepath.Join(dir, "b.h5"), "follower"); len(follower) == 0 || len(follower) >= n {
		t.Errorf("%d spikes of the follower, %d of the neuron that drives it", len(follower), n)
	}
	if st, err := os.Stat(filepath.Join(dir, "own_model.png")); err != nil || st.Size() < 10000 {
		t.Errorf("no picture was drawn: %v", err)
	}
}

// TestOwnModelFaults checks that mistakes in model files end a run before it begins, with code 2 and their place.
func TestOwnModelFaults(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	good := func() string {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "own-model", "AdaptiveIAF.nk"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}()
	for _, c := range []struct {
		name, model, models string
		env                 [2]string
		want                string
	}{
		{name: "misspelt name", model: strings.Replace(good, "(E_L - V)", "(E_LL - V)", 1), models: "[AdaptiveIAF.nk]",
			want: `AdaptiveIAF\.nk:\d+:\d+: unknown name "E_LL" in equations; did you mean "E_L"\?`},
		{name: "two of one name", model: good, models: "[AdaptiveIAF.nk, again.nk]",
			want: `config\.yaml:\d+:26: AdaptiveIAF\.nk and again\.nk both hold a model named AdaptiveIAF`},
		{name: "no file", model: good, models: "[AdaptveIAF.nk]", want: `config\.yaml:\d+:10: .*AdaptveIAF\.nk; did you mean "AdaptiveIAF\.nk"`},
		{name: "no models", model: good, models: "[]", want: `unknown model class "AdaptiveIAF"`},
		{name: "no compiler", model: good, models: "[AdaptiveIAF.nk]", env: [2]string{"CC", "no-such-compiler"},
			want: `LPU [ab]: model AdaptiveIAF \(.*AdaptiveIAF\.nk\): the environment variable CC names the C compiler "no-such-compiler"`},
	} {
		for _, args := range [][]string{{"config.yaml"}, {"check", "config.yaml"}} {
			t.Run(c.name+" "+args[0], func(t *testing.T) {
				if c.env[0] != "" {
					t.Setenv(c.env[0], c.env[1])
				}
				dir := example(t, "own-model")
				write(t, dir, "AdaptiveIAF.nk", c.model)
				write(t, dir, "again.nk", c.model)
				config, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
				if err != nil {
					t.Fatal(err)
				}
				write(t, dir, "config.yaml", strings.Replace(string(config), "[AdaptiveIAF.nk]", c.models, 1))
				r := nkrun(t, dir, 0, args...)
				if r.code != exitUsage || !regexp.MustCompile(c.want).MatchString(r.errOut) {
					t.Errorf("code %d, message\n%s\nwant %s", r.code, r.errOut, c.want)
				}
			})
		}
	}
}

// TestReplacedModel: a model with the name of a built-in one takes its place, which is told.
func TestReplacedModel(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := genericFolder(t, "models: [mine.nk]\n"+good)
	text := mustRun(t, dir, 0, "models", "LeakyIAF").out
	write(t, dir, "mine.nk", text)
	r := mustRun(t, dir, 0, "config.yaml", "--out", "same")
	if !strings.Contains(r.errOut, "the model LeakyIAF of mine.nk replaces the built-in one") {
		t.Errorf("nothing says so:\n%s", r.errOut)
	}
	write(t, dir, "mine.nk", strings.Replace(text, "V = reset_potential;", "V = reset_potential - 10;", 1))
	mustRun(t, dir, 0, "config.yaml", "--out", "other")
	write(t, dir, "config.yaml", good)
	mustRun(t, dir, 0, "config.yaml")
	mustRun(t, dir, 0, "diff", "--exact", "lpu_0.h5", "same/lpu_0.h5")
	if r := nkrun(t, dir, 0, "diff", "lpu_0.h5", "other/lpu_0.h5"); r.code != 1 {
		t.Errorf("the replaced model acts like the built-in one (code %d)", r.code)
	}
}

// TestModelsOfFile prints and checks a model file.
func TestModelsOfFile(t *testing.T) {
	dir := example(t, "own-model")
	r := mustRun(t, dir, 0, "models", "AdaptiveIAF.nk")
	text, err := os.ReadFile(filepath.Join(dir, "AdaptiveIAF.nk"))
	if err != nil {
		t.Fatal(err)
	}
	if want := string(text) + "# equations are advanced exactly, while what the model accesses holds still (method exact)\n"; r.out != want {
		t.Errorf("printed\n%s\nwant\n%s", r.out, want)
	}
	write(t, dir, "AdaptiveIAF.nk", strings.Replace(string(text), "uF/cm^2 = 1", "uF/cm2 = 1", 1))
	if r := nkrun(t, dir, 0, "models", "AdaptiveIAF.nk"); r.code != exitUsage || !strings.Contains(r.errOut, "AdaptiveIAF.nk:15:31: ") {
		t.Errorf("code %d: %s", r.code, r.errOut)
	}
}

// TestModelsPage does what the page on models tells: writes the model, the graph and the configuration, and runs them.
func TestModelsPage(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	code := map[string]string{}
	for _, b := range blocks(t, "models.md") {
		code[b[0]] = b[1]
	}
	write(t, dir, "Hesitant.nk", code["nk"])
	mustRun(t, dir, 0, "models", "Hesitant.nk")
	python(t, dir, code["python"])
	write(t, dir, "config.yaml", code["yaml"])
	args := strings.Fields(code["sh"])
	r := mustRun(t, dir, 0, args[1:]...)
	if strings.Contains(r.errOut, "WARN") {
		t.Errorf("the tutorial warns:\n%s", r.errOut)
	}
	plain, hesitant := spikesOfUID(t, filepath.Join(dir, "a.h5"), "plain"), spikesOfUID(t, filepath.Join(dir, "a.h5"), "hesitant")
	if len(hesitant) < 5 || len(plain) <= len(hesitant) {
		t.Errorf("%d spikes of the plain neuron, %d of the hesitant one", len(plain), len(hesitant))
	}
	if st, err := os.Stat(filepath.Join(dir, "hesitant.png")); err != nil || st.Size() < 10000 {
		t.Errorf("no picture was drawn: %v", err)
	}
}

// TestRandomModel: sources spike the same on any number of ranks, otherwise in another LPU or with another seed, and each for
// itself although all have one rate.
func TestRandomModel(t *testing.T) {
	dir := t.TempDir()
	var nodes strings.Builder
	for _, uid := range []string{"p0", "p1", "p2"} {
		nodes.WriteString(`<node id="` + uid + `"><attvalues><attvalue for="0" value="PoissonSource"/><attvalue for="1" value="300"/></attvalues></node>`)
	}
	write(t, dir, "p.gexf", strings.NewReplacer(`title="threshold"`, `title="rate"`, "NODES", nodes.String()).Replace(gexf))
	write(t, dir, "c.yaml", `dt: 1e-4
steps: 2000
lpus:
  a: {graph: p.gexf, outputs: [{file: a.h5, variables: {spike_state: all}}]}
  b: {graph: p.gexf, outputs: [{file: b.h5, variables: {spike_state: all}}]}
`)
	mustRun(t, dir, 0, "c.yaml")
	mustRun(t, dir, 3, "c.yaml", "--out", "ranks")
	mustRun(t, dir, 0, "c.yaml", "--set", "seed=5", "--out", "other")
	mustRun(t, dir, 0, "diff", "--exact", "a.h5", "ranks/a.h5")
	for _, pair := range [][2]string{{"a.h5", "b.h5"}, {"a.h5", "other/a.h5"}} {
		if r := nkrun(t, dir, 0, "diff", pair[0], pair[1]); r.code != 1 {
			t.Errorf("%s and %s are alike (code %d)", pair[0], pair[1], r.code)
		}
	}
	p0, p1 := spikesOfUID(t, filepath.Join(dir, "a.h5"), "p0"), spikesOfUID(t, filepath.Join(dir, "a.h5"), "p1")
	if len(p0) < 20 || slices.Equal(p0, p1) {
		t.Errorf("%d and %d spikes of two sources, equal or too few", len(p0), len(p1))
	}
}
