package compile

import (
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

func TestInitialValues(t *testing.T) {
	for _, c := range []struct {
		name, class, state string
		attrs              [2]string // of two components
		want               []float64
	}{
		{"given", "LeakyIAF", "V", [2]string{"initV=-42", "initV=-43"}, []float64{-42, -43}},
		{"given on one node only", "LeakyIAF", "V", [2]string{"initV=-42", ""}, []float64{-42, -60}},
		{"resting potential, of each", "LeakyIAF", "V", [2]string{"", "resting_potential=-70"}, []float64{-60, -70}},
		{"number of the model", "MorrisLecar", "V", [2]string{"", "initV=-50"}, []float64{-70, -50}},
		{"and of its gate", "MorrisLecar", "n", [2]string{"initn=0.02", ""}, []float64{0.02, 0.3525}},
		{"no attribute sets it", "AlphaSynapse", "z", [2]string{"", ""}, []float64{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compileText(t, lpuText{"a " + c.class + " " + c.attrs[0], "b " + c.class + " " + c.attrs[1]}, Options{Rates: "ms"}).Program()
			if got := state(t, p, c.class, c.state); !slices.Equal(got, c.want) {
				t.Errorf("%s starts at %v, want %v", c.state, got, c.want)
			}
		})
	}
}

// TestFirstRow: readers see the initial membrane potential before the first step, however long ago their delay reaches; all
// else begins at 0. The reference shows 0 without initV.
func TestFirstRow(t *testing.T) {
	p := compileText(t, lpuText{"n LeakyIAF", "m MorrisLecar initV=-52", "s AlphaSynapse reverse=0", "s -> n"}, Options{Rates: "ms"}).Program()
	for class, want := range map[string]map[string]string{
		"LeakyIAF":     {"spike_state": "", "V": "V"},
		"MorrisLecar":  {"V": "V"},
		"AlphaSynapse": {"g": ""},
		"Aggregator":   {"I": ""},
	} {
		q := popOf(t, p, class)
		for k, o := range q.Out {
			state := ""
			if o.State >= 0 {
				state = q.Model.States[o.State].Name.Name
			}
			if variable := q.Model.Updates[k].Name; state != want[variable] {
				t.Errorf("%s: %s begins with the state %q, want %q", class, variable, state, want[variable])
			}
		}
	}
}

// TestConstants: a parameter that is the same for all, or a constant of such, is stored once.
func TestConstants(t *testing.T) {
	l := lpuText{"a SynapseNMDA", "b SynapseNMDA", "c SynapseNMDA gmax=2"}
	q := popOf(t, compileText(t, l, Options{}).Program(), "SynapseNMDA")
	got := map[string][]float64{}
	for k, p := range q.Model.Params {
		got[p.Name.Name] = q.Params[k]
	}
	for k, c := range q.Model.Consts {
		got[c.Name.Name] = q.Params[len(q.Model.Params)+k]
	}
	if want := []float64{1, 1, 2}; !slices.Equal(got["gmax"], want) {
		t.Errorf("gmax is %v, want %v", got["gmax"], want)
	}
	for name, want := range map[string]float64{"st": 5, "Mg": 1, "b": 0.980198673306755} { // exp(-0.1/5)
		if v := got[name]; len(v) != 1 || v[0]-want > 1e-15 || want-v[0] > 1e-15 {
			t.Errorf("%s is %v, want one value %v", name, v, want)
		}
	}
}

// TestShared: zeros of different signs may differ in what is computed from them, so they are not one value.
func TestShared(t *testing.T) {
	negative := -1 / inf
	for _, c := range []struct{ v, want []float64 }{
		{nil, nil}, {[]float64{3}, []float64{3}}, {[]float64{3, 3, 3}, []float64{3}}, {[]float64{3, 3, 4}, []float64{3, 3, 4}},
		{[]float64{0, negative}, []float64{0, negative}},
	} {
		if got := shared(c.v); len(got) != len(c.want) {
			t.Errorf("%v is stored as %v, want %v", c.v, got, c.want)
		}
	}
}

func TestRates(t *testing.T) {
	const old, new = "s AlphaSynapse ar=110 ad=1900 gmax=0.003 reverse=1", "s AlphaSynapse ar=0.11 ad=1.9 gmax=3 reverse=1"
	asMs := []float64{3, 110.0 / 1000, 1900.0 / 1000} // gmax, ar, ad as the equations take them
	for _, c := range []struct {
		name, rates string
		lpu         lpuText
		dialect     string
		want        []float64
		warns       string
	}{
		{"auto, today's", "auto", lpuText{new}, "ms", []float64{3, 0.11, 1.9}, ""},
		{"auto, of 2017", "auto", lpuText{old}, "s", asMs,
			"LPU x: AlphaSynapse rates are read as 1/s, gmax as uS/cm^2 per ms (the dialect of 2017): in 1/ms (ar+ad)*dt would be 1 or more, first at node \"s\"; set `rates: s` or `rates: ms` to say which"},
		{"auto is the default", "", lpuText{old}, "s", asMs,
			"LPU x: AlphaSynapse rates are read as 1/s, gmax as uS/cm^2 per ms (the dialect of 2017): in 1/ms (ar+ad)*dt would be 1 or more, first at node \"s\"; set `rates: s` or `rates: ms` to say which"},
		{"auto, no synapses", "auto", lpuText{"n LeakyIAF"}, "ms", nil, ""},
		{"s, as told", "s", lpuText{old}, "s", asMs, ""},
		{"ms, as told", "ms", lpuText{new}, "ms", []float64{3, 0.11, 1.9}, ""},
		{"s, although it is slow", "s", lpuText{"s AlphaSynapse ar=1 ad=2 gmax=5"}, "s", []float64{5000, 0.001, 0.002}, ""},
		{"auto, just stable", "auto", lpuText{"s AlphaSynapse ar=4 ad=5.9 gmax=1"}, "ms", []float64{1, 4, 5.9}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compileText(t, c.lpu, Options{Rates: c.rates})
			if got.err != "" || got.Rates() != c.dialect {
				t.Fatalf("dialect %q (%s), want %q", got.Rates(), got.err, c.dialect)
			}
			if warns := strings.Join(got.warnings, "\n"); warns != c.warns {
				t.Errorf("warnings %q, want %q", warns, c.warns)
			}
			if c.want == nil {
				return
			}
			q := popOf(t, got.Program(), "AlphaSynapse")
			for k, p := range q.Model.Params {
				if q.Params[k][0] != c.want[k] {
					t.Errorf("%s is %v, want %v", p.Name.Name, q.Params[k][0], c.want[k])
				}
			}
		})
	}
	t.Run("one tells for all", func(t *testing.T) {
		got := compileText(t, lpuText{"r AlphaSynapse ar=1 ad=2 gmax=5", old}, Options{})
		q := popOf(t, got.Program(), "AlphaSynapse")
		if got.Rates() != "s" || !slices.Equal(q.Params[1], []float64{0.001, 0.11}) {
			t.Errorf("dialect %s, ar %v", got.Rates(), q.Params[1])
		}
	})
}

func TestUnknownAttributes(t *testing.T) {
	for _, c := range []struct {
		name  string
		lpu   lpuText
		warns []string
	}{
		{"a number that the model does not know", lpuText{"n LeakyIAF", "m LeakyIAF cell_size=3", "k LeakyIAF cell_size=4"},
			[]string{`LPU x: {m}: attribute "cell_size" of 2 LeakyIAF node(s), first "m", means nothing to the model and is left out`}},
		{"texts describe, and need no warning", lpuText{"n LeakyIAF neuropil=LH name=n17 label=x circuit=proj"}, nil},
		{"what the model ignores by declaration", lpuText{"n PowerGPotGPot gmax=3"}, nil},
		{"what looks like a parameter that is there", lpuText{"n LeakyIAF threshold_=3"},
			[]string{`LPU x: {n}: attribute "threshold_" of 1 LeakyIAF node(s), first "n", means nothing to the model and is left out`}},
		{"weights of networkx", lpuText{"n LeakyIAF weight=3 id=4"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compileText(t, c.lpu, Options{})
			if got.err != "" {
				t.Fatal(got.err)
			}
			if !slices.Equal(got.warnings, c.warns) {
				t.Errorf("warnings:\n%s\nwant\n%s", strings.Join(got.warnings, "\n"), strings.Join(c.warns, "\n"))
			}
		})
	}
}

// TestWholeNumbers: whole numbers and texts that spell a number are numbers like any other; the reference makes everything of the
// class whole when the first is.
func TestWholeNumbers(t *testing.T) {
	g := graph.New("net")
	for i, v := range []graph.Value{graph.IntValue(2), graph.StringValue(" 2.5 "), graph.FloatValue(0.5)} {
		n := g.AddNode(string(rune('a' + i)))
		g.SetNode(n, "model", graph.StringValue("AlphaSynapse")) // the attribute that classes are in besides class
		for _, p := range []string{"gmax", "ar", "ad"} {
			g.SetNode(n, p, v)
		}
	}
	c, err := Graph(g, Options{LPU: "x", DT: 1e-4, Rates: "ms"})
	if err != nil {
		t.Fatal(err)
	}
	if got := popOf(t, c.Program(), "AlphaSynapse").Params[0]; !slices.Equal(got, []float64{2, 2.5, 0.5}) {
		t.Errorf("gmax is %v", got)
	}
}

// TestOwnModel: a user's model comes before the built-in one of its name.
func TestOwnModel(t *testing.T) {
	own, err := model.Parse("own.nk", `model LeakyIAF
  doc "Not leaky."
  accesses I sum uA/cm^2
  updates V mV
  state V mV = 0
  step V += I;
`)
	if err != nil {
		t.Fatal(err)
	}
	c := compileText(t, lpuText{"n LeakyIAF"}, Options{Models: map[string]*model.Model{"LeakyIAF": own}})
	if c.err != "" {
		t.Fatal(c.err)
	}
	if q := c.Program().Pops[0]; q.Model != own || len(q.States) != 1 {
		t.Errorf("the model of %s is used", q.Model.File)
	}
	if c := compileText(t, lpuText{"n leakyIAFF"}, Options{Models: map[string]*model.Model{"LeakyIAFF": own}}); !strings.Contains(c.err, `did you mean "LeakyIAFF"?`) {
		t.Errorf("own models are not among the suggestions: %s", c.err)
	}
}
