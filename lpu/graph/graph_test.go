package graph

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBuildAndAsk(t *testing.T) {
	g := New("made by hand")
	a, b := g.AddNode("a"), g.AddNode("b")
	g.SetNode(b, "class", StringValue("LeakyIAF"))
	g.SetNode(b, "V", IntValue(-60))
	g.SetNode(a, "class", StringValue("Port")) // a is not the newest node
	g.SetNode(b, "spiking", BoolValue(true))   // nor are b's attributes the newest
	g.SetNode(b, "V", FloatValue(-61.5))       // replaced where it stands
	g.SetNode(b, "odd", StringValue("x"))
	g.SetNode(b, "text", StringValue(" 2.5 "))
	e := g.AddEdge(a, b)
	g.SetEdge(e, "delay", FloatValue(0.001))
	if again := g.AddNode("a"); again != a || g.NumNodes() != 2 {
		t.Errorf("adding node a again made node %d of %d", again, g.NumNodes())
	}

	n := g.Node(b)
	var got []string
	for k, v := range n.All() {
		got = append(got, g.KeyName(k)+"="+v.Text())
	}
	if want := []string{"class=LeakyIAF", "V=-61.5", "spiking=True", "odd=x", "text= 2.5 "}; !slices.Equal(got, want) {
		t.Errorf("node b has %q, want %q", got, want)
	}
	for _, c := range []struct {
		key  string
		x    float64
		ok   bool
		fail string
	}{
		{"V", -61.5, true, ""},
		{"spiking", 1, true, ""},
		{"text", 2.5, true, ""},
		{"odd", 0, false, `made by hand: attribute odd of node "b" is "x", expected a number`},
		{"delay", 0, false, ""}, // edges have it
		{"none", 0, false, ""},
	} {
		x, ok, err := n.NumberName(c.key)
		if x != c.x || ok != c.ok || fmt.Sprint(err) != c.fail && (err != nil || c.fail != "") {
			t.Errorf("number %s: %g, %t, %v", c.key, x, ok, err)
		}
	}
	if text, ok := n.TextName("class"); text != "LeakyIAF" || !ok {
		t.Errorf("class is %q, %t", text, ok)
	}
	if _, ok := n.Text(NoKey); ok {
		t.Error("a name that nobody bears has a value")
	}
	edge := g.Edge(e)
	if x, ok, err := edge.Number(g.Key("delay")); x != 0.001 || !ok || err != nil || edge.From != a || edge.To != b {
		t.Errorf("edge %d -> %d with delay %g, %t, %v", edge.From, edge.To, x, ok, err)
	}
	if d := edge.Describe(); d != `edge "a" -> "b"` || edge.Where() != "made by hand" {
		t.Errorf("edge is described as %s at %s", d, edge.Where())
	}
	if line, column := n.Position(); line != 0 || column != 0 {
		t.Errorf("a node made by hand is at %d:%d", line, column)
	}
}

func TestLookup(t *testing.T) {
	g := New("g")
	if _, ok := g.Lookup("a"); ok {
		t.Error("found a node in an empty graph")
	}
	const n = 20_000
	for i := range n {
		node := g.AddNode(fmt.Sprintf("neuron_%d", i))
		g.SetNode(node, "name", StringValue(fmt.Sprintf("name_%d", i)))
	}
	for i := range n {
		if got, ok := g.Lookup(fmt.Sprintf("neuron_%d", i)); got != i || !ok {
			t.Fatalf("neuron_%d is node %d, %t", i, got, ok)
		}
		if text, _ := g.Node(i).TextName("name"); text != fmt.Sprintf("name_%d", i) {
			t.Fatalf("node %d is named %s", i, text)
		}
	}
	if _, ok := g.Lookup("name_7"); ok {
		t.Error("found a node under the text of an attribute")
	}
	if _, ok := g.Lookup(fmt.Sprintf("neuron_%d", n)); ok {
		t.Error("found a node that is not there")
	}
	if s := g.Suggest("nueron_77"); s != "neuron_77" {
		t.Errorf("suggests %q for nueron_77", s)
	}
	if s := g.Suggest("something else"); s != "" {
		t.Errorf("suggests %q for what is like nothing", s)
	}
}

// A graph behaves as a list of ordered maps, whatever the order in which it is
// built.
func TestRandomBuilding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type item struct {
			keys   []string
			values map[string]Value
		}
		g := New("g")
		var nodes, edges []item
		set := func(it *item, key string, v Value) {
			if it.values == nil {
				it.values = map[string]Value{}
			}
			if _, ok := it.values[key]; !ok {
				it.keys = append(it.keys, key)
			}
			it.values[key] = v
		}
		value := func() Value {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				return StringValue(rapid.StringN(0, 3, -1).Draw(t, "text"))
			case 1:
				return FloatValue(rapid.Float64().Draw(t, "float"))
			case 2:
				return IntValue(rapid.Int64().Draw(t, "int"))
			}
			return BoolValue(rapid.Bool().Draw(t, "bool"))
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			key := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "key")
			switch what := rapid.IntRange(0, 3).Draw(t, "what"); {
			case what == 0 || len(nodes) == 0:
				g.AddNode(fmt.Sprint(len(nodes)))
				nodes = append(nodes, item{})
			case what == 1:
				g.AddEdge(rapid.IntRange(0, len(nodes)-1).Draw(t, "from"), 0)
				edges = append(edges, item{})
			case what == 2 || len(edges) == 0:
				i, v := rapid.IntRange(0, len(nodes)-1).Draw(t, "node"), value()
				g.SetNode(i, key, v)
				set(&nodes[i], key, v)
			default:
				i, v := rapid.IntRange(0, len(edges)-1).Draw(t, "edge"), value()
				g.SetEdge(i, key, v)
				set(&edges[i], key, v)
			}
		}
		check := func(a Attrs, want item) {
			if a.Len() != len(want.keys) {
				t.Fatalf("%s has %d attributes, want %d", a.Describe(), a.Len(), len(want.keys))
			}
			for i, name := range want.keys {
				k, v := a.At(i)
				if g.KeyName(k) != name || !v.Equal(want.values[name]) || !a.GetName(name).Equal(v) {
					t.Fatalf("attribute %d of %s is %s = %v, want %s = %v", i, a.Describe(), g.KeyName(k), v, name, want.values[name])
				}
			}
		}
		for i, want := range nodes {
			check(g.Node(i).Attrs, want)
		}
		for i, want := range edges {
			check(g.Edge(i).Attrs, want)
		}
	})
}

func TestValueText(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		// Floats as Python's repr has them.
		{FloatValue(110.00000000000001), "110.00000000000001"},
		{FloatValue(0), "0.0"},
		{FloatValue(math.Copysign(0, -1)), "-0.0"},
		{FloatValue(65), "65.0"},
		{FloatValue(3e-5), "3e-05"},
		{FloatValue(0.0001), "0.0001"},
		{FloatValue(1e16), "1e+16"},
		{FloatValue(123456789012345), "123456789012345.0"},
		{FloatValue(math.Inf(-1)), "-inf"},
		{FloatValue(math.NaN()), "nan"},
		{IntValue(-7), "-7"},
		{BoolValue(false), "False"},
		{StringValue("1.0"), "1.0"},
		{Value{}, ""},
	} {
		if got := c.v.Text(); got != c.want {
			t.Errorf("%s %q, want %q", c.v.Kind(), got, c.want)
		}
	}
	if n, ok := IntValue(1 << 60).Int(); n != 1<<60 || !ok {
		t.Errorf("Int is %d, %t", n, ok)
	}
	if b, ok := BoolValue(true).Bool(); !b || !ok {
		t.Errorf("Bool is %t, %t", b, ok)
	}
	if (Value{}).Equal(StringValue("")) || IntValue(1).Equal(FloatValue(1)) || FloatValue(0).Equal(FloatValue(math.Copysign(0, -1))) {
		t.Error("values that differ are equal")
	}
}
