package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"
)

func TestOverrides(t *testing.T) {
	folder(t, "a.gexf", "in.h5")
	text := two + `patterns:
- {lpus: [lpu_0, lpu_1], connect: [], delay: 0.001}
- {lpus: [lpu_1, lpu_0], connect: []}
plots:
`
	for _, c := range []struct {
		name      string
		overrides []string
		get       func(c *Config) any
		want      any
	}{
		{"top", []string{"seed=3"}, func(c *Config) any { return c.Seed }, uint64(3)},
		{"last one wins", []string{"seed=3", "seed=4"}, func(c *Config) any { return c.Seed }, uint64(4)},
		{"in an LPU", []string{"lpus.lpu_0.rates=s"}, func(c *Config) any { return c.LPUs[0].Rates }, "s"},
		{"not in the other LPU", []string{"lpus.lpu_0.rates=s"}, func(c *Config) any { return c.LPUs[1].Rates }, "auto"},
		{"quoted name", []string{`lpus."lpu_1".device=gpu:2`}, func(c *Config) any { return c.LPUs[1].Device.String() }, "gpu:2"},
		{"in a list", []string{"patterns[1].delay=0.002"}, func(c *Config) any { return c.Patterns[1].DelaySteps }, 20},
		{"not in its neighbour", []string{"patterns[1].delay=0.002"}, func(c *Config) any { return c.Patterns[0].DelaySteps }, 10},
		{"a list", []string{"lpus.lpu_0.inputs=[{file: in.h5}]"}, func(c *Config) any { return len(c.LPUs[0].Inputs) }, 1},
		{"into a new mapping", []string{"checkpoint.file=c.h5", "checkpoint.every=5m"},
			func(c *Config) any { return c.Checkpoint.Every.Minutes() }, 5.0},
		{"with its default", []string{"checkpoint.file=c.h5"}, func(c *Config) any { return c.Checkpoint.Every.Minutes() }, 10.0},
		{"steps instead of duration", []string{"steps=7"}, func(c *Config) any { return c.Steps }, 7},
		{"spaces", []string{" seed = 5 "}, func(c *Config) any { return c.Seed }, uint64(5)},
		{"dt before duration", []string{"duration=0.002", "dt=1e-3"}, func(c *Config) any { return c.Steps }, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg, err := Parse("config.yaml", []byte(text), c.overrides)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.get(cfg); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestOverrideLeavesAliasAlone(t *testing.T) {
	folder(t, "a.gexf")
	text := head + "lpus:\n  a: &a {graph: a.gexf, threads: 2}\n  b: *a\n"
	c, err := Parse("config.yaml", []byte(text), []string{"lpus.b.threads=4"})
	if err != nil {
		t.Fatal(err)
	}
	if c.LPUs[0].Threads != 2 || c.LPUs[1].Threads != 4 {
		t.Errorf("threads %d and %d, want 2 and 4", c.LPUs[0].Threads, c.LPUs[1].Threads)
	}
}

func TestOverrideFaults(t *testing.T) {
	folder(t, "a.gexf")
	for _, c := range []struct{ override, want string }{
		{"duration", "--set duration: expected key=value; as in duration=0.5 or lpus.lpu_0.device=cpu"},
		{"=3", "--set =3: expected key=value; as in duration=0.5 or lpus.lpu_0.device=cpu"},
		{"duration=x", `--set duration=x: expected a positive number of seconds for "duration", found the text "x"`},
		{"duration=0.10005", "--set duration=0.10005: duration 0.10005 s is not a whole number of time steps of 0.0001 s; the nearest are 0.1 and 0.1001"},
		{"seed=", `--set seed=: expected a whole number >= 0 for "seed", found nothing`},
		{"duraton=1", `--set duraton=1: unknown key "duraton" in the configuration; did you mean "duration"?`},
		{"lpus.lpu_2.device=cpu", `--set lpus.lpu_2.device=cpu: unknown lpu "lpu_2"; did you mean "lpu_0"?`},
		{"lpus.lpu_0.devise=cpu", `--set lpus.lpu_0.devise=cpu: unknown key "devise" in lpu "lpu_0"; did you mean "device"?`},
		{"lpus.lpu_0.graph=b.gexf", `--set lpus.lpu_0.graph=b.gexf: no such file: b.gexf; did you mean "a.gexf"?`},
		{"patterns[0].delay=1", `--set patterns[0].delay=1: "patterns" has no element 0, it has 0; counting begins at 0`},
		{"dt[0]=1", `--set dt[0]=1: "dt" is the number 1e-4, not a list`},
		{"dt.x=1", `--set dt.x=1: "dt" is the number 1e-4 and has no key "x"`},
		{"a..b=1", `--set a..b=1: cannot understand the key "a..b"; as in lpus.lpu_0.device or patterns[0].delay`},
		{"a[x]=1", `--set a[x]=1: cannot understand the key "a[x]"; as in lpus.lpu_0.device or patterns[0].delay`},
		{"seed=#", `--set seed=#: expected a whole number >= 0 for "seed", found nothing`},
		{"seed=\x01", `--set seed= : the value is not a text: it has control characters`},
		{"seed=1\n---\n2", `--set seed=1 --- 2: expected one value, found more`},
		{"patterns[0][1].x=1", `--set patterns[0][1].x=1: "patterns" has no element 0, it has 0; counting begins at 0`},
		{"models=[a", `--set models=[a: this is not valid YAML: sequence end token ']' not found`},
	} {
		t.Run(c.override, func(t *testing.T) {
			_, err := Parse("config.yaml", []byte(two+"patterns: []\n"), []string{c.override})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
	_, err := Parse("config.yaml", []byte(two), []string{"duration=1", "steps=10"})
	if want := `--set steps=10: "duration" and "steps" are both given; remove one`; err == nil || err.Error() != want {
		t.Errorf("two overrides that contradict each other: %v", err)
	}
	_, err = Parse("config.yaml", []byte(two+"sed: 1\n"), []string{"seed=x"})
	if err == nil || !strings.HasPrefix(err.Error(), "config.yaml:4:1: ") {
		t.Errorf("faults of the file come first: %v", err)
	}
}

func TestNumbers(t *testing.T) {
	folder(t, "a.gexf")
	for _, c := range []struct {
		text string
		want float64
	}{
		{"1e-4", 1e-4}, {"1E-4", 1e-4}, {".5", .5}, {"10", 10}, {"10.", 10}, {"+1.5e+1", 15}, {"007", 7}, {"!!float 3", 3},
	} {
		cfg, err := Parse("config.yaml", []byte("steps: 1\nlpus: {a: {graph: a.gexf}}\ndt: "+c.text+"\n"), nil)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if cfg.DT != c.want {
			t.Errorf("%s read as %v", c.text, cfg.DT)
		}
	}
}

func TestTexts(t *testing.T) {
	folder(t, "a.gexf")
	for _, c := range []struct{ text, want string }{
		{"plain words", "plain words"}, {"'quo''ted'", "quo'ted"}, {`"tab\tA"`, "tab\tA"}, {"12", "12"}, {"!!str 007", "007"},
		{"|\n    two\n    lines", "two\nlines\n"}, {"''", ""},
	} {
		text := one + "plots:\n- file: p.png\n  panels: [{type: raster, source: a.gexf, variable: V}]\n  title: " + c.text + "\n"
		cfg, err := Parse("config.yaml", []byte(text), nil)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := cfg.Plots[0].Title; got != c.want {
			t.Errorf("%s read as %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWholeSteps(t *testing.T) {
	for _, c := range []struct {
		t, dt float64
		n     int
		ok    bool
	}{
		{1, 1e-4, 10000, true},
		{0.3, 1e-4, 3000, true},
		{0.1 + 0.2, 1e-1, 3, true}, // rounding of decimal fractions
		{1, 3e-4, 0, false},
		{1, 1.0 / 3, 3, true},
		{1 + 2e-9, 1, 0, false},
		{1 + 5e-10, 1, 1, true},
		{3600, 1e-5, 360000000, true},
		{1e300, 1e-300, 0, false},
	} {
		if n, ok := wholeSteps(c.t, c.dt); n != c.n || ok != c.ok {
			t.Errorf("wholeSteps(%v, %v) = %d, %v; want %d, %v", c.t, c.dt, n, ok, c.n, c.ok)
		}
	}
}

func TestAliasesAndMergeKeys(t *testing.T) {
	folder(t, "a.gexf", "b.gexf")
	text := head + `lpus:
  a: &base
    graph: a.gexf
    threads: 2
    device: &dev gpu:1
  b:
    <<: *base
    graph: b.gexf
  c:
    <<: [{rates: s}, *base]
  d: {graph: a.gexf, device: *dev}
`
	c, err := Parse("config.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range c.LPUs {
		got = append(got, fmt.Sprint(l.Name, " ", l.Graph.File.Written, " ", l.Threads, " ", l.Device, " ", l.Rates))
	}
	want := "a a.gexf 2 gpu:1 auto, b b.gexf 2 gpu:1 auto, c a.gexf 2 gpu:1 s, d a.gexf 1 gpu:1 auto"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if at := c.LPUs[1].At("threads").String(); at != "config.yaml:6:14" {
		t.Errorf("a merged key stands at %s", at)
	}
}

// The help page has every key that the examples use, and the examples use every key of the help page.
func TestKeysAreComplete(t *testing.T) {
	used := map[string]bool{}
	for _, name := range []string{"design", "everything"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := yaml.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		collectKeys(tree, used)
	}
	listed := map[string]bool{}
	seen := map[string]bool{}
	for _, k := range Keys() {
		listed[k.Name] = true
		if id := k.Where + "." + k.Name; seen[id] {
			t.Errorf("%s stands twice", id)
		} else {
			seen[id] = true
		}
		if k.Type == "" || k.Doc == "" || k.Where == "" || k.Default == "" {
			t.Errorf("%+v is incomplete", k)
		}
		if !used[k.Name] {
			t.Errorf("no example uses %s.%s", k.Where, k.Name)
		}
	}
	// What is a name of the user's, not a key.
	for _, name := range []string{"lpu_0", "lpu_1", "lpu_2", "m1", "retina", "module", "V", "spike_state", "gmax", "ar",
		"gain", "name", "on", "list", "three", "nothing"} {
		delete(used, name)
	}
	for _, kind := range kindNames() {
		delete(used, kind)
	}
	for name := range used {
		if !listed[name] {
			t.Errorf("key %q is used but not listed", name)
		}
	}
}

func collectKeys(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			into[k] = true
			collectKeys(x, into)
		}
	case []any:
		for _, x := range v {
			collectKeys(x, into)
		}
	}
}

func TestErrorsAs(t *testing.T) {
	folder(t)
	_, err := Parse("config.yaml", []byte("dt: x\n"), nil)
	var one Error
	if wrapped := fmt.Errorf("check: %w", err); !errors.As(wrapped, &one) || one.Pos.Line != 1 {
		t.Errorf("no Error inside %v", err)
	}
}

// drawConfig makes a configuration that is right.
func drawConfig(t *rapid.T) string {
	var b strings.Builder
	dt := rapid.SampledFrom([]string{"1e-4", "0.0005", "2.5e-5", "1E-3"}).Draw(t, "dt")
	fmt.Fprintf(&b, "dt: %s\n", dt)
	fmt.Fprintf(&b, "steps: %d\n", rapid.IntRange(1, 1<<40).Draw(t, "steps"))
	if rapid.Bool().Draw(t, "seeded") {
		fmt.Fprintf(&b, "seed: %d\n", rapid.Uint64().Draw(t, "seed"))
	}
	b.WriteString("lpus:\n")
	lpus := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,4}|[0-9]{1,3}|true|[a-z]\.[a-z]`), 1, 5, rapid.ID).Draw(t, "lpus")
	number := func(label string) float64 { return rapid.Float64Range(-1e3, 1e3).Draw(t, label) }
	for _, name := range lpus {
		fmt.Fprintf(&b, "  %s:\n    graph: a.gexf\n    inputs:\n", name)
		for range rapid.IntRange(0, 4).Draw(t, "inputs") {
			uids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zA-Z_]{1,5}[0-9]{0,3}|[0-9]{1,4}`), 1, 4, rapid.ID).Draw(t, "uids")
			list := "[" + strings.Join(uids, ", ") + "]"
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				fmt.Fprintf(&b, "    - step: {variable: I, uids: %s, value: %g, start: 0.5}\n", list, number("value"))
			case 1:
				fmt.Fprintf(&b, "    - ramp: {variable: I, uids: %s, start: %g, duration: 1, from: %g, to: 0}\n", list, number("start"), number("from"))
			case 2:
				fmt.Fprintf(&b, "    - bernoulli: {variable: spike_state, uids: %s, p: %g}\n", list, rapid.Float64Range(0, 1).Draw(t, "p"))
			case 3:
				fmt.Fprintf(&b, "    - spikes: {uids: [%q], times: [[%g, %g]]}\n", uids[0], number("t")+1e3, number("t")+1e3)
			case 4:
				b.WriteString("    - {file: in.h5}\n")
			}
		}
	}
	if len(lpus) > 1 {
		fmt.Fprintf(&b, "patterns:\n- lpus: [%s, %s]\n  connect:\n", lpus[0], lpus[1])
		for i := range rapid.IntRange(1, 3).Draw(t, "connections") {
			fmt.Fprintf(&b, "  - {from: '/a[%d]', to: \"/b[%d]\"}\n", i, i)
		}
	}
	return b.String()
}

// The resolved form means what the configuration means, for any configuration.
func TestResolvedRoundTrip(t *testing.T) {
	folder(t, "a.gexf", "in.h5")
	rapid.Check(t, func(t *rapid.T) {
		text := drawConfig(t)
		c, err := Parse("config.yaml", []byte(text), nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		resolved, err := json.Marshal(c.Resolved())
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("config.yaml", resolved, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if again.Hash() != c.Hash() || again.Steps != c.Steps {
			t.Fatalf("the resolved form means something else:\n%s\n%s", text, resolved)
		}
	})
}

// FuzzParse looks for texts that make the parser panic, hang or return neither a configuration nor a positioned fault.
func FuzzParse(f *testing.F) {
	for name := range examples {
		text, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, "duration=0.5")
	}
	for _, c := range faults {
		f.Add([]byte(c.text), "lpus.lpu_0.device=gpu:1")
	}
	for _, s := range []string{"patterns[0].delay=1", `lpus."a".x=[{`, "=", "a[9999999999999999999]=1", "<<=1", "x=*y", "seed=&a [*a]"} {
		f.Add([]byte(two), s)
	}
	dir := f.TempDir() // the fuzzer must stay in the folder it was started in
	if err := os.WriteFile(filepath.Join(dir, "a.gexf"), nil, 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte, override string) {
		c, err := Parse(filepath.Join(dir, "config.yaml"), text, []string{override})
		if err == nil {
			if _, err := json.Marshal(c.Resolved()); err != nil {
				t.Errorf("the resolved form cannot be written: %v", err)
			}
			if c.Steps < 1 || c.DT <= 0 || len(c.LPUs) == 0 {
				t.Errorf("%d steps of %v s for %d LPUs", c.Steps, c.DT, len(c.LPUs))
			}
			return
		}
		var faults Errors
		if !errors.As(err, &faults) || len(faults) == 0 {
			t.Fatalf("no positioned fault: %v", err)
		}
		for _, fault := range faults {
			if fault.Pos.File == "" || fault.Msg == "" || strings.Contains(fault.Msg, "\n") {
				t.Errorf("a fault without place or words: %+v", fault)
			}
		}
	})
}

// BenchmarkParse measures a configuration with ten thousand connections.
func BenchmarkParse(b *testing.B) {
	folder(b, "a.gexf")
	text := []byte(two + "patterns:\n- lpus: [lpu_0, lpu_1]\n  connect:\n" +
		strings.Repeat("  - {from: '/lpu_0/out/spk[0]', to: '/lpu_1/in/spk[1]'}\n", 10_000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse("config.yaml", text, nil); err != nil {
			b.Fatal(err)
		}
	}
}
