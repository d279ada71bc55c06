package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// notebookGraph makes the notebook's LPU and its recording in a folder.
func notebookGraph(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mustRun(t, dir, 0, "gen", "generic", "--seed", "0", "--lpu", "lpu_0", "--rates", "s", "lpu.gexf.gz", "input.h5")
	return dir
}

// TestInfoTables prints the tables that files have, in the ways that they can be asked for.
func TestInfoTables(t *testing.T) {
	dir := notebookGraph(t)
	write(t, dir, "config.yaml", "dt: 1e-4\nsteps: 500\nlpus:\n  a:\n    graph: lpu.gexf.gz\n    inputs:\n      - constant: {variable: I, uids: all, value: 1}\n    outputs:\n      - {file: a.h5, variables: {V: all, spike_state: all}}\n  b: {kind: random, ports: {out: {gpot: '/b/x[0]'}}}\npatterns:\n  - lpus: [a, b]\n    delay: 0.001\n    connect: [{from: '/b/x[0]', to: '/lpu_0/in/gpot[0]'}]\n")
	mustRun(t, dir, 0, "config.yaml", "--quiet")
	for _, c := range []struct {
		name string
		args []string
		want string // the whole output
	}{
		{"one-liner with and", []string{"lpu.gexf.gz", "--nodes", "--where", "class == LeakyIAF and id in (sensory_30, sensory_34)", "--columns", "class", "--csv"},
			"id,class\nsensory_30,LeakyIAF\nsensory_34,LeakyIAF\n"},
		{"classes", []string{"lpu.gexf.gz", "--where", "class startswith L or nodes == 1", "--columns", "class", "--csv"}, "class\nLeakyIAF\n"},
		{"variables", []string{"a.h5", "--where", "variable == V", "--columns", "rows", "--json"}, "[\n{\"variable\": \"V\", \"rows\": 500}\n]\n"},
		{"patterns", []string{"config.yaml", "--patterns", "--csv"}, "a,b,file,connect,delay\na,b,,1,0.001\n"},
		{"lpus", []string{"config.yaml", "--where", "outputs == 1", "--csv"}, "lpu,made_from,inputs,outputs\na,lpu.gexf.gz,1,1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mustRun(t, dir, 0, append([]string{"info"}, c.args...)...).out; got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}

	var uids []struct {
		Variable, UID         string
		Spikes                *int
		First, Last, Min, Max *float64
	}
	fromJSON(t, mustRun(t, dir, 0, "info", "a.h5", "--uids", "--json").out, &uids)
	spikes, rows := 0, 0
	for _, u := range uids {
		switch {
		case u.Spikes != nil:
			spikes += *u.Spikes
			if *u.Spikes > 0 && (*u.First < 0 || *u.First > *u.Last || *u.Last > 0.05) {
				t.Errorf("%s spikes from %g to %g s", u.UID, *u.First, *u.Last)
			}
		case *u.Min > *u.Max:
			t.Errorf("V of %s goes from %g to %g", u.UID, *u.Min, *u.Max)
		default:
			rows++
		}
	}
	if want := len(spikesOf(t, filepath.Join(dir, "a.h5"))); spikes != want || want == 0 || rows == 0 {
		t.Errorf("%d spikes in the table, want %d; %d uids with rows", spikes, want, rows)
	}
}

func fromJSON(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// TestJSON parses what every command prints for machines.
func TestJSON(t *testing.T) {
	dir := genericFolder(t, good)
	mustRun(t, dir, 0, "config.yaml", "--quiet")
	mustRun(t, dir, 0, "config.yaml", "--quiet", "--out", "again", "--set", "lpus.lpu_0.inputs[1].step.value=9", "--set", "lpus.lpu_0.inputs[1].step.start=0")
	for _, c := range []struct {
		args []string
		code int
		path string // of keys and numbers
		want any
	}{
		{[]string{"info", "lpu_0.gexf.gz"}, 0, "what", "graph"},
		{[]string{"info", "lpu_0.h5"}, 0, "variables 0 name", "V"},
		{[]string{"info", "lpu_0_input.h5"}, 0, "what", "input"},
		{[]string{"info", "config.yaml"}, 0, "lpus 1 made_from", "lpu_1.gexf.gz"},
		{[]string{"check", "config.yaml"}, 0, "routes 0 connections", 1.0},
		{[]string{"check", "config.yaml", "--ports"}, 0, "routes 0 ports 0 0", "/lpu_0/out/gpot[0]"},
		{[]string{"check", "config.yaml", "--explain"}, 0, "lpus 0 passes 0 pass", "aggregate"},
		{[]string{"check", "config.yaml", "--set", "dtt=1"}, 2, "errors 0 message", `unknown key "dtt" in the configuration`},
		{[]string{"diff", "lpu_0.h5", "lpu_0.h5"}, 0, "equal", true},
		{[]string{"diff", "lpu_0.h5", "again/lpu_0.h5"}, 1, "variables 0 first uid", "sensory_0"},
		{[]string{"models", "LeakyIAF"}, 0, "accesses 0 unit", "uA/cm^2"},
		{[]string{"ports", "/a[0:2]"}, 0, "1", "/a[1]"},
		{[]string{"ports", "--count", "/a[0:200]"}, 0, "", 200.0},
		{[]string{"version"}, 0, "version", Version},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			r := nkrun(t, dir, 0, append(c.args, "--json")...)
			if r.code != c.code || r.errOut != "" {
				t.Fatalf("code %d, want %d; said %s", r.code, c.code, r.errOut)
			}
			var v any
			fromJSON(t, r.out, &v)
			if got := follow(v, c.path); got != c.want {
				t.Errorf("%s is %v, want %v in\n%s", c.path, got, c.want, r.out)
			}
		})
	}
}

// follow goes along a path of keys and numbers, and returns nil where there is nothing.
func follow(v any, path string) any {
	for _, step := range strings.Fields(path) {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i := int(step[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// TestCheckTellsAllFaults: every fault is an entry with its place.
func TestCheckTellsAllFaults(t *testing.T) {
	text := strings.Replace(strings.Replace(good, "{V: all}", "{W: all}", 1), "uids: [sensory_0]", "uids: [sensry_0]", 1)
	dir := genericFolder(t, text)
	var report struct {
		OK     bool
		Errors []struct {
			File, Message, Hint string
			Line, Column        int
		}
	}
	r := nkrun(t, dir, 0, "check", "config.yaml", "--json")
	fromJSON(t, r.out, &report)
	if r.code != exitUsage || report.OK || len(report.Errors) != 2 {
		t.Fatalf("code %d\n%s", r.code, r.out)
	}
	for i, want := range []struct {
		line int
		text string
	}{{8, "sensry_0"}, {16, `the variable "W"`}} {
		e := report.Errors[i]
		if e.File != "config.yaml" || e.Line != want.line || e.Column == 0 || !strings.Contains(e.Message, want.text) {
			t.Errorf("error %d is %+v, want line %d about %s", i, e, want.line, want.text)
		}
	}
}
