package worker

import (
	"fmt"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/input"
)

// presynaptic is an input that drives synapses of its own, one in front of each of some neurons.
type presynaptic struct {
	in       *config.PresynapticInput
	file     *hdf5io.Input
	data     hdf5io.InputVar
	synapses []string // uids of the new nodes
}

// addPresynaptic adds the synapses of an LPU's presynaptic inputs to its graph.
func (w *Worker) addPresynaptic(c *config.LPU, g *graph.Graph, proc *circuit) ([]presynaptic, error) {
	var out []presynaptic
	for _, in := range c.Inputs {
		p, ok := in.(*config.PresynapticInput)
		if !ok {
			continue
		}
		x := presynaptic{in: p}
		uids := p.UIDs.List
		if p.File.Given() {
			file, err := hdf5io.OpenInput(p.File.Abs)
			if err != nil {
				return nil, w.cfg.Fault(p.File.Pos, "", "%s", err)
			}
			proc.close = append(proc.close, file.Close)
			x.file = file
			for _, v := range file.Variables() {
				if v.Name == p.Variable.Value {
					x.data = v
				}
			}
			if x.data.Name == "" {
				return nil, w.cfg.Fault(p.File.Pos, "", "input file %s holds no variable %q", p.File.Written, p.Variable.Value)
			}
			if p.UIDs.All {
				uids = x.data.UIDs
			}
		}
		for i, uid := range uids {
			neuron, ok := g.Lookup(uid)
			if !ok {
				at := p.UIDs.Pos
				if i < len(p.UIDs.At) {
					at = p.UIDs.At[i]
				}
				hint := ""
				if near := g.Suggest(uid); near != "" {
					hint = fmt.Sprintf("did you mean %q?", near)
				}
				return nil, w.cfg.Fault(at, hint, "LPU %s: unknown uid %q", c.Name, uid)
			}
			x.synapses = append(x.synapses, addSynapse(g, p, neuron, i))
		}
		out = append(out, x)
	}
	return out, nil
}

// addSynapse adds a synapse in front of a neuron and returns its uid: synaptic_input_to_NEURON, with a number behind where
// several inputs lead to one neuron.
func addSynapse(g *graph.Graph, p *config.PresynapticInput, neuron, i int) string {
	uid := "synaptic_input_to_" + g.Node(neuron).ID()
	for k := 2; ; k++ {
		if _, taken := g.Lookup(uid); !taken {
			break
		}
		uid = fmt.Sprintf("synaptic_input_to_%s_%d", g.Node(neuron).ID(), k)
	}
	n := g.AddNode(uid)
	g.SetNode(n, "class", graph.StringValue(p.Model.Value))
	for _, q := range p.Params {
		g.SetNode(n, q.Name.Value, graph.FloatValue(q.Values.For(i)))
	}
	g.AddEdge(n, neuron)
	return uid
}

// source makes the source that drives the synapses.
func (w *Worker) presynapticSource(x presynaptic, k *compile.Circuit, clock input.Clock) (stimulus, error) {
	p := x.in
	targets, _, err := k.Input(p.Variable.Value, x.synapses)
	if err != nil {
		return stimulus{}, w.cfg.Fault(p.Variable.Pos, "", "%s", err)
	}
	hold := p.Mode == "hold"
	switch {
	case x.file == nil && p.Times != nil:
		return stimulus{input.Events(w.eventsOf(p.Times, clock)), targets, ""}, nil
	case x.file == nil:
		return stimulus{input.Dense(written(p.Data), len(p.Data), len(x.synapses), hold), targets, ""}, nil
	case len(x.data.UIDs) != len(x.synapses):
		return stimulus{}, w.cfg.Fault(p.UIDs.Pos, "leave uids out to take those in the file", "%d uids, but %s holds %d columns", len(x.synapses), p.File.Written, len(x.data.UIDs))
	}
	return w.fileSource(x.file, x.data, p.File, hold, targets, clock)
}

// eventsOf turns the times of spikes, a list for each component, into events of this run.
func (w *Worker) eventsOf(times [][]float64, clock input.Clock) []input.Event {
	var out []input.Event
	for i, list := range times {
		for _, t := range list {
			out = w.addEvent(out, clock, t, int32(i))
		}
	}
	return out
}

// addEvent appends an event, unless it is past the end of the run.
func (w *Worker) addEvent(events []input.Event, clock input.Clock, seconds float64, index int32) []input.Event {
	if seconds >= (float64(w.cfg.Steps)+1)*w.cfg.DT {
		return events
	}
	return append(events, input.Event{Step: int32(clock.Bin(seconds)), Index: index})
}

// written is rows that stand in the configuration.
type written [][]float64

func (t written) ReadRows(first, n int, dst []float64) error {
	for i := range n {
		copy(dst[i*len(t[first+i]):], t[first+i])
	}
	return nil
}
