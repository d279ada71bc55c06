package workload

import (
	"fmt"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// param is an attribute of nodes: one value for all, or one for each.
type param struct {
	name   string
	value  float64
	values []float64
}

// add adds n nodes of a class, named prefix_0 and so on.
func add(g *graph.Graph, prefix, class string, n int, params ...param) {
	for i := range n {
		node := g.AddNode(fmt.Sprintf("%s_%d", prefix, i))
		g.SetNode(node, "class", graph.StringValue(class))
		for _, p := range params {
			v := p.value
			if p.values != nil {
				v = p.values[i]
			}
			g.SetNode(node, p.name, graph.FloatValue(v))
		}
	}
}

// rows makes a table of the connections from sources lo to hi, which the files have in their order.
func rows(name string, pre, post []int32, weight []float32, lo, hi int32) compile.Table {
	return compile.Table{Name: name, Scale: 1, Weight: 1, Rows: func(yield func(compile.Rows) error) error {
		from, to := 0, len(pre)
		for from < to && pre[from] < lo {
			from++
		}
		for to > from && pre[to-1] >= hi {
			to--
		}
		r := compile.Rows{First: int64(from), Pre: pre[from:to], Post: post[from:to]}
		if weight != nil {
			r.Weight = weight[from:to]
		}
		return yield(r)
	}}
}

// vogelsAbbott is W1: 80 % excitatory and 20 % inhibitory neurons, after Vogels and Abbott (2005).
func vogelsAbbott(dir, name string, conductances bool, seconds float64) (*network, error) {
	pre, err := load[int32](dir, name, "pre")
	if err != nil {
		return nil, err
	}
	post, err := load[int32](dir, name, "post")
	if err != nil {
		return nil, err
	}
	v0, err := load[float64](dir, name, "v0")
	if err != nil {
		return nil, err
	}
	n := len(v0)
	params := []param{{name: "initV", values: v0}, {name: "threshold", value: -50}, {name: "reset_potential", value: -60}, {name: "tau_m", value: 20},
		{name: "tau_e", value: 5}, {name: "tau_i", value: 10}, {name: "refractory_period", value: 4.9}}
	class, exc, inh := "LeakyIAFExp2", 1.62, -9.0
	if conductances {
		class, exc, inh = "LeakyIAFCond", 0.4, 5.1
		params = append(params, param{name: "resting_potential", value: -60}, param{name: "bias", value: 20}, param{name: "E_e"}, param{name: "E_i", value: -80})
	} else {
		params = append(params, param{name: "resting_potential", value: -49})
	}
	net := &network{g: graph.New(name), seconds: seconds}
	add(net.g, "neuron", class, n, params...)
	e, i := rows(name+" excitatory", pre, post, nil, 0, int32(n/5*4)), rows(name+" inhibitory", pre, post, nil, int32(n/5*4), int32(n))
	e.To, e.Weight, e.Delay = "g_e", exc, 8*dt
	i.To, i.Weight, i.Delay = "g_i", inh, 8*dt
	net.tables = []compile.Table{e, i}
	return net, nil
}

// hodgkinHuxley is W2: the network of Hodgkin-Huxley neurons of Brette et al. (2007), benchmark 3.
func hodgkinHuxley(dir string) (*network, error) {
	const name = "w2_4k"
	pre, err := load[int32](dir, name, "pre")
	if err != nil {
		return nil, err
	}
	post, err := load[int32](dir, name, "post")
	if err != nil {
		return nil, err
	}
	var start [3][]float64
	for k, array := range []string{"v0", "ge0", "gi0"} {
		if start[k], err = load[float64](dir, name, array); err != nil {
			return nil, err
		}
	}
	n := len(start[0])
	net := &network{g: graph.New(name), seconds: 1}
	add(net.g, "neuron", "TraubMiles", n, param{name: "initV", values: start[0]}, param{name: "initg_e", values: start[1]}, param{name: "initg_i", values: start[2]})
	e, i := rows(name+" excitatory", pre, post, nil, 0, int32(n/5*4)), rows(name+" inhibitory", pre, post, nil, int32(n/5*4), int32(n))
	e.To, e.Weight, e.Delay = "g_e", 6, dt
	i.To, i.Weight, i.Delay = "g_i", 67, dt
	net.tables = []compile.Table{e, i}
	return net, nil
}

// wholeBrain is W3: the shape of the whole fly brain, after Shiu et al. (2024). Sparse activity comes from 60 sources; active, each
// neuron has a constant drive besides.
func wholeBrain(dir, class string, active bool) (*network, error) {
	const name, neurons, delay = "w3", 138639, 18
	net := &network{g: graph.New(name), seconds: 1}
	params := []param{{name: "resting_potential", value: -52}, {name: "threshold", value: -45}, {name: "reset_potential", value: -52}, {name: "tau_m", value: 20},
		{name: "tau_s", value: 5}, {name: "refractory_period", value: 2.1}}
	if active {
		bias, err := load[float32](dir, name, "bias")
		if err != nil {
			return nil, err
		}
		v0, err := load[float64](dir, name, "v0b")
		if err != nil {
			return nil, err
		}
		drive := make([]float64, len(bias))
		for i, b := range bias {
			drive[i] = float64(b)
		}
		params = append(params, param{name: "bias", values: drive}, param{name: "initV", values: v0})
	}
	add(net.g, "neuron", class, neurons, params...)
	at, err := load[int32](dir, name, "src_step")
	if err != nil {
		return nil, err
	}
	id, err := load[int32](dir, name, "src_id")
	if err != nil {
		return nil, err
	}
	sources := int32(0)
	for k := range at {
		net.events = append(net.events, event{at[k], id[k]})
		sources = max(sources, id[k]+1)
	}
	add(net.g, "source", "BufferSpike", int(sources))
	for k := range sources {
		net.sources = append(net.sources, fmt.Sprintf("source_%d", k))
	}
	net.tables = []compile.Table{{Name: name, Scale: 0.275, Delay: delay * dt, Rows: func(yield func(compile.Rows) error) error {
		return stream(dir, name, yield)
	}}}
	return net, nil
}

// generic is W4: the shape of the generic LPU, each synapse a component with rates of its own, or with equal rates.
func generic(dir string, equal bool) (*network, error) {
	const name, half = "w4", 5000
	ints, floats := map[string][]int32{}, map[string][]float32{}
	for _, k := range []string{"a_pre", "a_post", "g_pre", "g_post"} {
		v, err := load[int32](dir, name, k)
		if err != nil {
			return nil, err
		}
		ints[k] = v
	}
	for _, k := range []string{"ar", "ad", "gmax", "rev", "Iext"} {
		v, err := load[float32](dir, name, k)
		if err != nil {
			return nil, err
		}
		floats[k] = v
	}
	v0, err := load[float64](dir, name, "v0")
	if err != nil {
		return nil, err
	}
	wide := func(v []float32) []float64 {
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = float64(x)
		}
		return out
	}
	g := graph.New(name)
	add(g, "lif", "LeakyIAF", half, param{name: "initV", values: v0[:half]}, param{name: "resting_potential"}, param{name: "threshold", value: -25.1355161007},
		param{name: "reset_potential", value: -67.5489770451}, param{name: "resistance", value: 1002.445570216}, param{name: "capacitance", value: 0.0669810502993})
	add(g, "ml", "MorrisLecar", half, param{name: "initV", values: v0[half:]}, param{name: "initn", value: 0.02}, param{name: "V1", value: 30}, param{name: "V2", value: 15},
		param{name: "V3"}, param{name: "V4", value: 30}, param{name: "phi", value: 0.025}, param{name: "offset", values: wide(floats["Iext"])[half:]},
		param{name: "V_L", value: -50}, param{name: "V_Ca", value: 100}, param{name: "V_K", value: -70}, param{name: "g_L", value: 0.5}, param{name: "g_Ca", value: 1.1},
		param{name: "g_K", value: 2})
	ar, ad := param{name: "ar", values: wide(floats["ar"])}, param{name: "ad", values: wide(floats["ad"])}
	if equal {
		ar, ad = param{name: "ar", value: 0.11}, param{name: "ad", value: 1.9}
	}
	alphas, graded := len(ints["a_pre"]), len(ints["g_pre"])
	add(g, "a", "AlphaSynapse", alphas, ar, ad, param{name: "gmax", values: wide(floats["gmax"])}, param{name: "reverse", values: wide(floats["rev"])})
	add(g, "g", "PowerGPotGPot", graded, param{name: "threshold", value: -50}, param{name: "slope", value: 0.8e-6}, param{name: "power", value: 1},
		param{name: "saturation", value: 0.03e-3}, param{name: "reverse", value: -100})
	for k := range alphas {
		g.AddEdge(int(ints["a_pre"][k]), 2*half+k)
		g.AddEdge(2*half+k, int(ints["a_post"][k]))
	}
	for k := range graded {
		g.AddEdge(int(ints["g_pre"][k]), 2*half+alphas+k)
		g.AddEdge(2*half+alphas+k, int(ints["g_post"][k]))
	}
	return &network{g: g, seconds: 0.1}, nil
}
