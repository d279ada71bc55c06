package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/lpu/graph"
)

// builder draws a random LPU, once as a graph and once as a network.
type builder struct {
	*rapid.T
	numbers    *rand.Rand
	last, like *part // the last synapse, and the component that the next one is to be like, or nil
	g          *graph.Graph
	net        *network
	num        map[string]int // node of a uid or port
	agg        map[string]string
	ext        map[string][]float64 // by "uid variable": values by step
	ports      map[string][]float64 // input ports by name: values by step
	out        map[string]feed      // output ports by name
	kind       map[string]bool      // ports: spike or not
	list       []string             // ports in the order of the graph
	moves      map[int]int          // as of a circuit
}

func (b *builder) upTo(n int, label string) int { return rapid.IntRange(0, n).Draw(b.T, label) }
func (b *builder) coin(label string) bool       { return rapid.Bool().Draw(b.T, label) }

// between draws a value evenly: how a network is wired can shrink to the simplest that fails, its numbers need not.
func (b *builder) between(lo, hi float64) float64 { return lo + (hi-lo)*b.numbers.Float64() }

// steps draws a delay in steps.
func (b *builder) steps() int { return b.upTo(6, "delay") }

// add makes a component. Its parameters are drawn from spans, its states set.
func (b *builder) add(uid, class string, spans map[string][2]float64, state map[string]float64) *part {
	u := &part{class: class, par: map[string]float64{}, state: state, in: map[string][]feed{}}
	n := b.g.AddNode(uid)
	b.num[uid] = n
	b.g.SetNode(n, "class", graph.StringValue(class))
	names := make([]string, 0, len(spans))
	for name := range spans {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if u.par[name] = b.between(spans[name][0], spans[name][1]); b.like != nil {
			u.par[name] = b.like.par[name]
		}
		b.g.SetNode(n, name, graph.FloatValue(u.par[name]))
	}
	b.net.uids = append(b.net.uids, uid)
	b.net.units[uid] = u
	return u
}

func (b *builder) port(name string, in, spike bool) {
	n := b.g.AddNode(name)
	b.num[name] = n
	b.kind[name] = spike
	b.list = append(b.list, name)
	io, typ := "out", "gpot"
	if in {
		io = "in"
	}
	if spike {
		typ = "spike"
	}
	for k, v := range map[string]string{"class": "Port", "selector": "/" + name, "port_io": io, "port_type": typ} {
		b.g.SetNode(n, k, graph.StringValue(v))
	}
}

// connect makes an edge with a delay, and the connection that it means.
func (b *builder) connect(from, to, variable string, attrs map[string]graph.Value, delay int) {
	e := b.g.AddEdge(b.num[from], b.num[to])
	for k, v := range attrs {
		b.g.SetEdge(e, k, v)
	}
	if delay > 0 {
		b.g.SetEdge(e, "delay", graph.FloatValue(float64(delay)*1e-4))
	}
	s := feed{uid: from, variable: variable, delay: max(delay, 1) - 1}
	if _, isPort := b.kind[from]; isPort {
		s.variable = "port"
	}
	u := b.net.units[to]
	if variable != "g" || u.class == "Aggregator" {
		if r, ok := attrs["reverse"]; ok {
			s.reverse, _ = r.Number()
		}
		u.in[variable] = append(u.in[variable], s)
		return
	}
	// A conductance onto a neuron: through its aggregator, which is made with the first one.
	agg, ok := b.agg[to]
	if !ok {
		agg = "auto " + to
		b.agg[to] = agg
		b.net.uids = append(b.net.uids, agg)
		b.net.units[agg] = &part{class: "Aggregator", in: map[string][]feed{"V": {{uid: to, variable: "V"}}}}
		u.in["I"] = append(u.in["I"], feed{uid: agg, variable: "I"})
	}
	if r, ok := attrs["reverse"]; ok {
		s.reverse, _ = r.Number()
	} else if r, ok := b.net.units[from].par["reverse"]; ok {
		s.reverse = r
	}
	b.net.units[agg].in["g"] = append(b.net.units[agg].in["g"], s)
}

// drive gives a component external input of its own.
func (b *builder) drive(uid, variable string, lo, hi float64, spikes bool) {
	values := make([]float64, networkSteps)
	level := 0.0
	for k := range values {
		switch {
		case spikes:
			values[k] = math.Floor(b.between(0, 1.08))
		case k%20 == 0:
			level = b.between(lo, hi)
			fallthrough
		default:
			values[k] = level
		}
	}
	b.ext[uid+" "+variable] = values
}

// draw makes the whole LPU.
func draw(t *rapid.T) *builder {
	b := &builder{T: t, numbers: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "numbers"), 3)), g: graph.New("net"), num: map[string]int{}, agg: map[string]string{}, ext: map[string][]float64{},
		ports: map[string][]float64{}, out: map[string]feed{}, kind: map[string]bool{},
		net: &network{units: map[string]*part{}, rows: map[string][]float64{}, first: map[string]float64{}}}
	b.net.ext = func(k int, uid, variable string) float64 {
		if v := b.ext[uid+" "+variable]; v != nil {
			return v[k]
		}
		return 0
	}
	b.net.ports = func(k int, port string) float64 { return b.ports[port][k] }
	var spiking, graded []string
	for i := range 1 + b.upTo(2, "spiking neurons") {
		uid := fmt.Sprint("lif", i)
		spiking = append(spiking, uid)
		v := b.between(-50, -30)
		b.add(uid, "LeakyIAF", map[string][2]float64{"resting_potential": {-40, 10}, "threshold": {-30, -25}, "reset_potential": {-70, -60},
			"capacitance": {0.05, 0.1}, "resistance": {200, 1000}}, map[string]float64{"V": v})
		b.g.SetNode(b.num[uid], "initV", graph.FloatValue(v))
		if b.coin("driven") {
			b.drive(uid, "I", -0.02, 0.3, false)
		}
	}
	for i := range b.upTo(2, "graded neurons") {
		uid := fmt.Sprint("ml", i)
		graded = append(graded, uid)
		v := b.between(-60, -30)
		b.add(uid, "MorrisLecar", map[string][2]float64{"V1": {-5, 30}, "V2": {10, 20}, "V3": {0, 10}, "V4": {15, 35}, "phi": {0.02, 0.2},
			"offset": {0, 5}, "V_L": {-60, -50}, "V_Ca": {90, 120}, "V_K": {-85, -70}, "g_L": {0.4, 2}, "g_Ca": {1, 4}, "g_K": {2, 8}},
			map[string]float64{"V": v, "n": 0.02})
		b.g.SetNode(b.num[uid], "initV", graph.FloatValue(v))
		b.g.SetNode(b.num[uid], "initn", graph.FloatValue(0.02))
		if b.coin("driven") {
			b.drive(uid, "I", 0, 40, false)
		}
	}
	b.port("ps", true, true)
	b.port("pg", true, false)
	for _, p := range b.list {
		b.ports[p] = make([]float64, networkSteps)
		for k := range b.ports[p] {
			if b.ports[p][k] = b.between(-60, 10); b.kind[p] {
				b.ports[p][k] = math.Floor(b.between(0, 1.1))
			}
		}
	}
	neurons := slices.Concat(spiking, graded)
	pick := func(of []string) string { return rapid.SampledFrom(of).Draw(t, "component") }
	if b.coin("port to neuron") {
		b.connect("pg", pick(graded0(neurons, graded)), "I", named("I"), b.steps())
	}
	for i := range b.upTo(6, "synapses") {
		b.synapse(fmt.Sprint("syn", i), spiking, graded, pick)
	}
	if b.coin("explicit aggregator") {
		b.explicit("dendrite", pick(neurons), pick)
	}
	for i, from := range neurons {
		variable := "V"
		if i < len(spiking) && b.coin("spikes out") {
			variable = "spike_state"
		}
		b.show(fmt.Sprint("out", i), from, variable)
	}
	for _, uid := range slices.Clone(b.net.uids) {
		if strings.HasPrefix(uid, "syn") && b.net.units[uid].class != "BufferVoltage" && b.coin("conductance out") {
			b.show("g"+uid, uid, "g")
		}
	}
	return b
}

// show puts a variable on an output port of its own.
func (b *builder) show(port, uid, variable string) {
	b.port(port, false, variable == "spike_state")
	b.out[port] = feed{uid: uid, variable: variable}
	e := b.g.AddEdge(b.num[uid], b.num[port])
	b.g.SetEdge(e, "variable", graph.StringValue(variable))
}

// graded0 returns the graded neurons, or all where there are none.
func graded0(all, graded []string) []string {
	if len(graded) > 0 {
		return graded
	}
	return all
}

// named is an edge's attributes that say which variable it carries.
func named(variable string) map[string]graph.Value {
	return map[string]graph.Value{"variable": graph.StringValue(variable)}
}

// synapse makes a synapse with its sources and, mostly, its target. Some are like the one before, so that there is something
// to share.
func (b *builder) synapse(uid string, spiking, graded []string, pick func([]string) string) {
	neurons := slices.Concat(spiking, graded)
	target := pick(neurons)
	scale := 0.1
	if strings.HasPrefix(target, "lif") {
		scale = 1e-3
	}
	class := rapid.SampledFrom([]string{"AlphaSynapse", "SynapseAMPA", "SynapseNMDA", "PowerGPotGPot"}).Draw(b.T, "class")
	reverse := b.coin("reverse on the synapse")
	if b.last != nil && b.coin("like the last") {
		b.like, class = b.last, b.last.class
		_, reverse = b.like.par["reverse"]
	}
	spans := map[string][2]float64{}
	if reverse {
		spans["reverse"] = [2]float64{-80, 60}
	}
	switch class {
	case "AlphaSynapse":
		spans["gmax"], spans["ar"], spans["ad"] = [2]float64{0.1 * scale, scale}, [2]float64{0.1, 1}, [2]float64{0.1, 2}
	case "SynapseAMPA":
		spans["gmax"], spans["st"] = [2]float64{0.1 * scale, scale}, [2]float64{1, 10}
	case "SynapseNMDA":
		spans["gmax"], spans["st"], spans["Mg"] = [2]float64{0.1 * scale, scale}, [2]float64{1, 10}, [2]float64{0, 2}
	default:
		spans["threshold"], spans["slope"], spans["power"] = [2]float64{-60, -30}, [2]float64{1e-3 * scale, 1e-2 * scale}, [2]float64{0, 2}
		spans["saturation"] = [2]float64{0.05 * scale, scale}
	}
	b.add(uid, class, spans, map[string]float64{})
	switch {
	case b.like != nil && b.coin("with the same sources"):
		b.copySources(uid)
	case class == "PowerGPotGPot":
		from := "pg"
		if !b.coin("from a port") {
			from = pick(graded0(neurons, graded))
		}
		if relay := uid + "relay"; b.coin("relayed") {
			b.like = nil
			b.add(relay, "BufferVoltage", nil, map[string]float64{})
			b.connect(from, relay, "V", nil, b.steps())
			from = relay
		}
		b.connect(from, uid, "V", nil, b.steps())
	default:
		for range 1 + b.upTo(2, "sources") {
			if b.coin("from a port") {
				b.connect("ps", uid, "spike_state", nil, b.steps())
			} else {
				b.connect(pick(spiking), uid, "spike_state", named("spike_state"), b.steps())
			}
		}
		if b.upTo(3, "driven") == 3 {
			b.drive(uid, "spike_state", 0, 1, true)
		}
		if class == "SynapseNMDA" {
			b.connect(target, uid, "V", named("V"), b.steps())
		}
	}
	b.last, b.like = b.net.units[uid], nil
	for range b.upTo(2, "targets") {
		attrs := map[string]graph.Value{}
		if b.coin("reverse on the edge") {
			attrs["reverse"] = graph.FloatValue(b.between(-80, 60))
		}
		b.connect(uid, target, "g", attrs, b.steps())
	}
}

// copySources gives a synapse the sources of the one that it is like, one of them perhaps with another delay.
func (b *builder) copySources(uid string) {
	other := b.upTo(3, "another delay")
	for _, variable := range []string{"spike_state", "V"} {
		for k, s := range b.like.in[variable] {
			attrs := named(variable)
			if s.variable == "port" {
				attrs = nil
			}
			delay := s.delay + 1
			if k+1 == other {
				delay++
			}
			b.connect(s.uid, uid, variable, attrs, delay)
		}
	}
}

// explicit makes an aggregator of the graph's own in front of a neuron, fed by a port and a synapse.
func (b *builder) explicit(uid, neuron string, pick func([]string) string) {
	b.add(uid, "Aggregator", nil, map[string]float64{})
	b.connect(neuron, uid, "V", nil, 0)
	reverse := map[string]graph.Value{"reverse": graph.FloatValue(b.between(-80, 60))}
	for _, from := range b.net.uids {
		if strings.HasPrefix(from, "syn") && !strings.HasSuffix(from, "relay") && b.coin("onto the aggregator") {
			b.connect(from, uid, "g", reverse, b.steps())
		}
	}
	if strings.HasPrefix(neuron, "ml") { // a port's value is far too large a conductance for the others
		b.connect("ps", uid, "g", map[string]graph.Value{"variable": graph.StringValue("g"), "reverse": graph.FloatValue(-40)}, b.steps())
	}
	b.connect(uid, neuron, "I", nil, b.steps())
}
