package compile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// Components of models that receive weighted spikes, with all that they need.
const (
	expCell  = "LeakyIAFExp resting_potential=-52 threshold=-45 reset_potential=-52 tau_m=20 tau_s=5"
	exp2Cell = "LeakyIAFExp2 resting_potential=-52 threshold=-45 reset_potential=-52 tau_m=20 tau_e=5 tau_i=10"
)

// table makes a Table of rows "pre post weight delay"; weight and delay stand in all rows or in none, a weight of - is none. Rows come
// in chunks of two.
func (l lpuText) table(t Table, rows ...string) Table {
	number := map[string]int32{}
	for _, line := range l {
		if f := strings.Fields(line); f[1] != "->" {
			number[f[0]] = int32(len(number))
		}
	}
	var all Rows
	for _, row := range rows {
		f := strings.Fields(row)
		all.Pre, all.Post = append(all.Pre, number[f[0]]), append(all.Post, number[f[1]])
		if len(f) > 2 && f[2] != "-" {
			w, _ := strconv.ParseFloat(f[2], 32)
			all.Weight = append(all.Weight, float32(w))
		}
		if len(f) > 3 {
			d, _ := strconv.ParseFloat(f[3], 64)
			all.Delay = append(all.Delay, d)
		}
	}
	t.Rows = func(yield func(Rows) error) error {
		for from := 0; from < len(rows); from += 2 {
			to := min(from+2, len(rows))
			part := Rows{First: int64(from), Pre: all.Pre[from:to], Post: all.Post[from:to]}
			if all.Weight != nil {
				part.Weight = all.Weight[from:to]
			}
			if all.Delay != nil {
				part.Delay = all.Delay[from:to]
			}
			if err := yield(part); err != nil {
				return err
			}
		}
		return nil
	}
	if t.Name == "" {
		t.Name = "tab.csv"
	}
	if t.Scale == 0 {
		t.Scale = 1
	}
	return t
}

// eventLines lists a program's events in their order, one line for each connection: "source -> target.variable weight +delay"; the weight is
// what a spike adds, and left out where the variable is set.
func eventLines(p *Program) []string {
	name := map[int32]string{}
	ring := p.SpikeRing()
	for i := range p.Pops {
		q := &p.Pops[i]
		for _, o := range q.Out {
			if o.Ring == ring {
				for j, uid := range q.UIDs {
					name[int32(o.Offset+j)] = uid
				}
			}
		}
	}
	for _, l := range p.In {
		if l.Ring == ring {
			for k, place := range l.Place {
				ids := p.Ports.InGpot
				if l.Spike {
					ids = p.Ports.InSpike
				}
				name[place] = ids[l.Port[k]].String()
			}
		}
	}
	var out []string
	for _, e := range p.Events {
		q := &p.Pops[e.Pop]
		for s, place := range e.Source {
			for g := e.First[s]; g < e.First[s+1]; g++ {
				for c := e.Row[g]; c < e.Row[g+1]; c++ {
					i := e.Post[c]
					if e.Access >= 0 {
						out = append(out, fmt.Sprintf("%s -> %s.%s +%d", name[place], q.UIDs[i], q.Model.Accesses[e.Access].Name.Name, e.Delay[g]))
						continue
					}
					w := e.Scale
					if e.Weight != nil {
						w *= float64(e.Weight[c])
					}
					if e.Wide != nil {
						w *= e.Wide[c]
					}
					switch len(e.Factor) {
					case 0:
					case 1:
						w *= e.Factor[0]
					default:
						w *= e.Factor[i]
					}
					out = append(out, fmt.Sprintf("%s -> %s.%s %.6g +%d", name[place], q.UIDs[i], q.Model.States[e.State].Name.Name, w, e.Delay[g]))
				}
			}
		}
	}
	return out
}

// TestWeightedEdges: what an edge to a model that receives weighted spikes means.
func TestWeightedEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		lpu   lpuText
		want  []string
		warns []string
		err   string
	}{
		{name: "the one thing that is received needs no name",
			lpu:  lpuText{"n LeakyIAF", "m " + expCell, "n -> m weight=2.5"},
			want: []string{"n -> m.g 2.5 +1"}},
		{name: "it may have one",
			lpu:  lpuText{"n LeakyIAF", "m " + expCell, "n -> m weight=-2.5 variable=g"},
			want: []string{"n -> m.g -2.5 +1"}},
		{name: "one of two",
			lpu:  lpuText{"n LeakyIAF", "m " + exp2Cell, "n -> m weight=1 variable=g_e", "n -> m weight=-2 variable=g_i"},
			want: []string{"n -> m.g_e 1 +1", "n -> m.g_i -2 +1"}},
		{name: "without a weight it is 1, with one warning",
			lpu:   lpuText{"n LeakyIAF", "m " + expCell, "n -> m", "m -> m"},
			want:  []string{"n -> m.g 1 +1", "m -> m.g 1 +1"},
			warns: []string{`{e0}: edge "n" -> "m" has no weight; 1 is taken`}},
		{name: "delays are rounded, to even where they are halfway, and are at least one step",
			lpu: lpuText{"n LeakyIAF", "m " + expCell, "n -> m weight=1 delay=0", "n -> m weight=2 delay=0.00004", "n -> m weight=3 delay=0.00014", "n -> m weight=4 delay=0.00016",
				"n -> m weight=5 delay=0.00031", "n -> m weight=6 delay=0.0018"},
			want: []string{"n -> m.g 1 +1", "n -> m.g 2 +1", "n -> m.g 3 +1", "n -> m.g 4 +2", "n -> m.g 5 +3", "n -> m.g 6 +18"}},
		{name: "sources as they come; delays, then targets ascending",
			lpu: lpuText{"n LeakyIAF", "k LeakyIAF", "a " + expCell, "b " + expCell, "k -> b weight=1 delay=0.001", "n -> b weight=2", "k -> a weight=3 delay=0.001", "k -> b weight=4 delay=0.0005",
				"k -> a weight=5 delay=0.001"},
			want: []string{"k -> b.g 4 +5", "k -> a.g 3 +10", "k -> a.g 5 +10", "k -> b.g 1 +10", "n -> b.g 2 +1"}},
		{name: "ports as sources",
			lpu:  lpuText{"p Port in spike /p", "m " + expCell, "a " + exp2Cell, "p -> m weight=2 delay=0.0003", "p -> a weight=3 variable=g_i"},
			want: []string{"/p -> m.g 2 +3", "/p -> a.g_i 3 +1"}},
		{name: "a synapse receives spikes as such, and weights by name",
			lpu:  lpuText{"n LeakyIAF", "s AlphaSynapse", "n -> s", "n -> s weight=3 variable=v"},
			want: []string{"n -> s.v 0.06 +1"}}, // times ar*ad
		{name: "one of two must be named",
			lpu: lpuText{"n LeakyIAF", "m " + exp2Cell, "n -> m weight=1"},
			err: `{e0}: edge "n" -> "m" could carry spikes to any of g_e and g_i, which LeakyIAFExp2 receives: set the edge's attribute variable to say which`},
		{name: "misspelt",
			lpu: lpuText{"n LeakyIAF", "m " + exp2Cell, "n -> m weight=1 variable=ge"},
			err: `{e0}: edge "n" -> "m" names the variable "ge", but LeakyIAF updates spike_state and V and LeakyIAFExp2 accesses nothing but weighted spikes in g_e and g_i; did you mean "g_e"?`},
		{name: "no spikes",
			lpu: lpuText{"n MorrisLecar", "m " + expCell, "n -> m weight=1"},
			err: `{e0}: edge "n" -> "m" can mean nothing: MorrisLecar updates V, LeakyIAFExp accesses nothing but weighted spikes in g; put a synapse between them, or give the edge a weight and its target a model that receives it`},
		{name: "a graded port",
			lpu: lpuText{"p Port in gpot /p", "m " + expCell, "p -> m weight=1"},
			err: `{e0}: edge "p" -> "m" ends at a component of model LeakyIAFExp, which accesses nothing but weighted spikes in g`},
		{name: "a weight that is no number",
			lpu: lpuText{"n LeakyIAF", "m " + expCell, "n -> m weight=much"},
			err: `{e0}: attribute weight of edge "n" -> "m" is "much", expected a number`},
		{name: "weights that are not finite",
			lpu: lpuText{"n LeakyIAF", "m " + expCell, "n -> m weight=nan", "n -> m weight=inf"},
			err: `{e0}: edge "n" -> "m" has the weight NaN; expected a finite number
{e1}: edge "n" -> "m" has the weight +Inf; expected a finite number`},
		{name: "a negative delay",
			lpu: lpuText{"n LeakyIAF", "m " + expCell, "n -> m weight=1 delay=-0.001"},
			err: `{e0}: edge "n" -> "m" has the delay -0.001 s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compileText(t, c.lpu, Options{Rates: "ms"})
			if got.err != c.err {
				t.Fatalf("error\n%s\nwant\n%s", got.err, c.err)
			}
			if c.err != "" {
				return
			}
			for i := range got.warnings {
				got.warnings[i] = strings.TrimPrefix(got.warnings[i], "LPU x: ")
			}
			if !slices.Equal(got.warnings, c.warns) {
				t.Errorf("warnings %q, want %q", got.warnings, c.warns)
			}
			if lines := eventLines(got.Program()); !slices.Equal(lines, c.want) {
				t.Errorf("events:\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestTables: what rows of tables become.
func TestTables(t *testing.T) {
	two := lpuText{"n LeakyIAF", "a " + expCell, "b " + expCell, "c " + exp2Cell, "p Port in spike /p"}
	for _, c := range []struct {
		name   string
		lpu    lpuText
		tables []Table
		want   []string
	}{
		{"rows in any order, of several sources", two, []Table{two.table(Table{Delay: 18e-4}, "p b 1", "n b 2", "a b 3", "n a 4", "n b 5")},
			[]string{"n -> a.g 4 +18", "n -> b.g 2 +18", "n -> b.g 5 +18", "a -> b.g 3 +18", "/p -> b.g 1 +18"}},
		{"sorted by delay, then target", two, []Table{two.table(Table{}, "n b 1 0.001", "n a 2 0.001", "n b 3 0.0004", "n a 4 0.0021", "a a 5 0")},
			[]string{"n -> b.g 3 +4", "n -> a.g 2 +10", "n -> b.g 1 +10", "n -> a.g 4 +21", "a -> a.g 5 +1"}},
		{"one weight and delay for all rows", two, []Table{two.table(Table{Weight: 2, Scale: 1.5, Delay: 2e-4}, "n b", "n a")},
			[]string{"n -> a.g 3 +2", "n -> b.g 3 +2"}},
		{"a column of weights counts, not the one weight", two, []Table{two.table(Table{Weight: 2, Scale: 0.5}, "n b 8")},
			[]string{"n -> b.g 4 +1"}},
		{"delays without weights", two, []Table{two.table(Table{Weight: 2}, "n b - 0.0003", "n a - 0.0001")},
			[]string{"n -> a.g 2 +1", "n -> b.g 2 +3"}},
		{"targets of two models that receive the same", lpuText{"n LeakyIAF", "a " + expCell, "s ShiuLIF"}, []Table{lpuText{"n LeakyIAF", "a " + expCell, "s ShiuLIF"}.table(Table{}, "n s 1", "n a 2", "s a 3")},
			[]string{"n -> a.g 2 +1", "s -> a.g 3 +1", "n -> s.g 1 +1"}},
		{"two tables, and one thing of two", two, []Table{two.table(Table{}, "n a 1"), two.table(Table{To: "g_i"}, "n c -2", "a c -3")},
			[]string{"n -> a.g 1 +1", "n -> c.g_i -2 +1", "a -> c.g_i -3 +1"}},
		{"rows beside edges", append(slices.Clone(two), "a -> b weight=7"), []Table{two.table(Table{}, "n a 1")},
			[]string{"a -> b.g 7 +1", "n -> a.g 1 +1"}},
		{"weights are kept in single precision", two, []Table{two.table(Table{}, "n a 16777217")},
			[]string{"n -> a.g 1.67772e+07 +1"}},
		{"no rows", two, []Table{two.table(Table{})}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := compileText(t, c.lpu, Options{Tables: c.tables})
			if got.err != "" {
				t.Fatal(got.err)
			}
			if lines := eventLines(got.Program()); !slices.Equal(lines, c.want) {
				t.Errorf("events:\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestTableEven: where all delays are one, each source has one segment and the program says so.
func TestTableEven(t *testing.T) {
	l := lpuText{"n LeakyIAF", "a " + expCell, "b " + expCell}
	for name, c := range map[string]struct {
		table Table
		delay int32
		even  bool
	}{
		"one for all":     {l.table(Table{Weight: 1, Delay: 18e-4}, "n a", "b a"), 18, true},
		"a column of one": {l.table(Table{Weight: 1}, "n a - 0.0018", "b a - 0.0018"), 18, true},
		"two":             {l.table(Table{Weight: 1}, "n a - 0.0018", "b a - 0.0019"), 0, false},
	} {
		e := compileText(t, l, Options{Tables: []Table{c.table}}).Program().Events[0]
		if d, even := e.Even(); d != c.delay || even != c.even {
			t.Errorf("%s: %d, %v, want %d, %v", name, d, even, c.delay, c.even)
		}
		if e.Weight != nil || e.Wide != nil {
			t.Errorf("%s: weights are stored that are all 1", name)
		}
	}
}

// TestTableSynapses: a synapse in front of each target.
func TestTableSynapses(t *testing.T) {
	l := lpuText{"n LeakyIAF", "a LeakyIAF", "b MorrisLecar", "c LeakyIAF"}
	alpha := Table{Weight: 1, Synapse: model.LibraryModel("AlphaSynapse"), Params: map[string]float64{"gmax": 3, "ar": 0.5, "ad": 0.25, "reverse": -7}}
	p := compileText(t, l, Options{Rates: "ms", Tables: []Table{l.table(alpha, "n c 1", "n b 2", "c b 4", "n c 8")}}).Program()
	want := []string{"c.I <- auto_0.I", "b.I <- auto_1.I", "auto_0.g <- syn_2_0.g reverse -7", "auto_1.g <- syn_2_1.g reverse -7", "auto_0.V <- c.V", "auto_1.V <- b.V"}
	if got := connections(p); !slices.Equal(got, want) {
		t.Errorf("connections:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	q := popOf(t, p, "AlphaSynapse")
	if q.N != 2 || !slices.Equal(q.Params[0], []float64{3}) || !slices.Equal(q.Params[1], []float64{0.5}) || !slices.Equal(q.Params[2], []float64{0.25}) {
		t.Errorf("%d synapses with %v", q.N, q.Params)
	}
	want = []string{"n -> syn_2_0.v 0.125 +1", "n -> syn_2_0.v 1 +1", "n -> syn_2_1.v 0.25 +1", "c -> syn_2_1.v 0.5 +1"} // the weights times ar*ad
	if got := eventLines(p); !slices.Equal(got, want) {
		t.Errorf("events:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// A current needs no aggregator.
	current := Table{Weight: 1, Synapse: model.LibraryModel("ExpCurrentSynapse"), Params: map[string]float64{"weight": 2, "tau": 5}}
	p = compileText(t, l, Options{Tables: []Table{l.table(current, "n a", "c a")}}).Program()
	if got := connections(p); !slices.Equal(got, []string{"a.I <- syn_2_0.I"}) {
		t.Errorf("connections %v", got)
	}
	if got := eventLines(p); !slices.Equal(got, []string{"n -> syn_2_0.s 1 +1", "c -> syn_2_0.s 1 +1"}) {
		t.Errorf("events %v", got)
	}
}

// TestTableFaults has the whole messages.
func TestTableFaults(t *testing.T) {
	l := lpuText{"n LeakyIAF", "m MorrisLecar", "a " + expCell, "c " + exp2Cell, "s AlphaSynapse", "p Port in gpot /p", "q Port out spike /q", "r Port in spike /r"}
	synapse := func(class string, params map[string]float64) Table {
		return Table{Weight: 1, Synapse: model.LibraryModel(class), Params: params}
	}
	alpha := map[string]float64{"gmax": 1, "ar": 1, "ad": 1}
	for _, c := range []struct {
		name  string
		table Table
		want  string
	}{
		{"a source without spikes", l.table(Table{}, "n a 1", "n a 1", "m a 1"), `tab.csv, row 3: pre is the component "m" of model MorrisLecar, which has no spikes: it updates V`},
		{"a graded port", l.table(Table{}, "p a 1"), `tab.csv, row 1: pre is the graded input port node "p", which has no spikes`},
		{"an output port as a source", l.table(Table{}, "n a 1", "q a 1"), `tab.csv, row 2: pre is the output port node "q"; signals only end there`},
		{"a port as a target", l.table(Table{}, "n q 1"), `tab.csv, row 1: post is the port node "q"; a table ends at components`},
		{"a target that receives nothing", l.table(Table{}, "n a 1", "n a 2", "n a 3", "n n 1"),
			`tab.csv, row 4: rows end at model LeakyIAF, which receives no weighted spikes (its file declares none with receives)`},
		{"a target that receives two things", l.table(Table{}, "n c 1"), "tab.csv, row 1: rows end at model LeakyIAFExp2, which receives g_e and g_i; say which with `to`"},
		{"a thing that the target does not receive", l.table(Table{To: "ge"}, "n c 1"),
			`tab.csv, row 1: rows end at model LeakyIAFExp2, which does not receive "ge" but g_e and g_i; did you mean "g_e"?`},
		{"a negative delay", l.table(Table{}, "n a 1 0", "n a 1 0", "n a 1 -0.001"), `tab.csv, row 3: the delay is -0.001 s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
		{"a negative delay of all", l.table(Table{Delay: -1}, "n a 1"), `tab.csv: the delay is -1 s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
		{"a delay that is NaN", l.table(Table{Delay: math.NaN()}, "n a 1"), `tab.csv: the delay is NaN s; expected at least 0 and at most 16777216 steps of 0.0001 s`},
		{"a synapse that does not lead to the target", l.table(synapse("AlphaSynapse", alpha), "n a"),
			`tab.csv: a synapse of model AlphaSynapse updates g, which can't lead to LeakyIAFExp, which accesses nothing but weighted spikes in g`},
		{"a synapse without a parameter", l.table(synapse("AlphaSynapse", map[string]float64{"gmax": 1, "ar": 1}), "n n"), `tab.csv: the synapse's parameter "ad" (1/ms) is missing from params`},
		{"a misspelt parameter", l.table(synapse("AlphaSynapse", map[string]float64{"gmax": 1, "ar": 1, "ad": 1, "revers": 1}), "n n"),
			`tab.csv: model AlphaSynapse has no parameter "revers"; did you mean "reverse"?`},
		{"a synapse that receives nothing", l.table(synapse("PowerGPotGPot", nil), "n n"), `tab.csv: rows end at model PowerGPotGPot, which receives no weighted spikes (its file declares none with receives)`},
		{"a table that cannot be read", Table{Name: "tab.csv", Rows: func(func(Rows) error) error { return fmt.Errorf("tab.csv:7:1: unknown uid") }}, `tab.csv:7:1: unknown uid`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := compileText(t, l, Options{Rates: "ms", Tables: []Table{c.table}}); got.err != c.want {
				t.Errorf("got\n%s\nwant\n%s", got.err, c.want)
			}
		})
	}
}

// TestManyTableFaults: faults of a table are told together, each where it stands; of very many the first ones.
func TestManyTableFaults(t *testing.T) {
	l := lpuText{"n LeakyIAF", "m MorrisLecar", "a " + expCell, "q Port out spike /q"}
	where := func(row int64) string { return fmt.Sprintf("tab.csv:%d", row+2) }
	tab := l.table(Table{Where: where}, "n a 1", "n q 1", "m a 1", "m a 2", "n n 1", "n n 2", "q a 1", "n a 1")
	want := `tab.csv:3: post is the port node "q"; a table ends at components
tab.csv:4: pre is the component "m" of model MorrisLecar, which has no spikes: it updates V
tab.csv:6: rows end at model LeakyIAF, which receives no weighted spikes (its file declares none with receives)
tab.csv:8: pre is the output port node "q"; signals only end there`
	if got := compileText(t, l, Options{Tables: []Table{tab}}); got.err != want {
		t.Errorf("got\n%s\nwant\n%s", got.err, want)
	}
	tab = l.table(Table{Where: where}, "n a 1 0", "n a 1 -1", "n a 1 0", "n a 1 -2")
	want = `tab.csv:3: the delay is -1 s; expected at least 0 and at most 16777216 steps of 0.0001 s
tab.csv:5: the delay is -2 s; expected at least 0 and at most 16777216 steps of 0.0001 s`
	if got := compileText(t, l, Options{Tables: []Table{tab}}); got.err != want {
		t.Errorf("got\n%s\nwant\n%s", got.err, want)
	}
	got := compileText(t, l, Options{Tables: []Table{l.table(Table{Where: where}, slices.Repeat([]string{"n q 1"}, 50)...)}})
	if lines := strings.Split(got.err, "\n"); len(lines) != 21 || !strings.HasPrefix(lines[19], "tab.csv:21: ") || !strings.HasPrefix(lines[20], "and ") {
		t.Errorf("got\n%s", got.err)
	}
}

// TestWeightThatMeansNothing: an edge to a synapse that is a component of its own sets an input, whatever its weight.
func TestWeightThatMeansNothing(t *testing.T) {
	got := compileText(t, lpuText{"n LeakyIAF", "s AlphaSynapse gmax=1 ar=1 ad=1", "n -> s weight=3"}, Options{Rates: "ms"})
	if w := strings.Join(got.warnings, "\n"); !strings.Contains(w, "its weight means nothing") || !strings.Contains(w, "(v) as the edge's variable") {
		t.Errorf("warnings: %s", w)
	}
}

// TestWeightedLongDelay: a delay beyond the run's end needs no more memory than the run is long.
func TestWeightedLongDelay(t *testing.T) {
	l := lpuText{"n LeakyIAF", "a " + expCell, "n -> a weight=1 delay=100"}
	got := eventLines(compileText(t, l, Options{Steps: 50, Tables: []Table{l.table(Table{}, "n a 2 100")}}).Program())
	if !slices.Equal(got, []string{"n -> a.g 1 +51", "n -> a.g 2 +51"}) {
		t.Error(got)
	}
}
