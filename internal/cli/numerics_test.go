package cli

import (
	"regexp"
	"strings"
	"testing"
)

// unstable is a MorrisLecar neuron whose equations blow up in a step of this length.
var unstable = strings.NewReplacer(
	`<attribute id="1" title="threshold" type="double"/>`, attributes("V1", "V2", "V3", "V4", "phi", "offset", "V_L", "V_Ca", "V_K", "g_L", "g_Ca", "g_K"),
	"NODES", `<node id="calm"><attvalues><attvalue for="0" value="MorrisLecar"/>`+values("30", "15", "0", "30", "0.025", "0", "-50", "100", "-70", "0.5", "1.1", "2")+`</attvalues></node>
<node id="wild"><attvalues><attvalue for="0" value="MorrisLecar"/>`+values("30", "15", "0", "30", "0.025", "0", "-50", "100", "-70", "1e6", "1.1", "2")+`</attvalues></node>`,
).Replace(gexf)

func attributes(names ...string) string {
	var b strings.Builder
	for i, n := range names {
		b.WriteString(`<attribute id="` + string(rune('a'+i)) + `" title="` + n + `" type="double"/>`)
	}
	return b.String()
}

func values(v ...string) string {
	var b strings.Builder
	for i, x := range v {
		b.WriteString(`<attvalue for="` + string(rune('a'+i)) + `" value="` + x + `"/>`)
	}
	return b.String()
}

// TestNotFinite checks that a state that overflows ends the run with its LPU, model, uid, variable and step.
func TestNotFinite(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "wild.gexf", unstable)
	write(t, dir, "c.yaml", "dt: 1e-4\nsteps: 3000\nlpus:\n  a:\n    graph: wild.gexf\n    outputs:\n      - {file: a.h5, variables: {V: all}}\n")
	r := nkrun(t, dir, 0, "c.yaml")
	want := `LPU a, step 999, rank 0: model MorrisLecar, uid "wild": V is (NaN|[+-]Inf); it became so within the last 1000 steps`
	if r.code != exitFailed || !regexp.MustCompile(want).MatchString(r.errOut) {
		t.Errorf("code %d: %s\nwant %s", r.code, r.errOut, want)
	}
	if want := `LPU a: the parameters of 1 MorrisLecar component(s), first "wild": the conductances are too large`; !strings.Contains(r.errOut, want) {
		t.Errorf("no warning before the run: %s", r.errOut)
	}
}
