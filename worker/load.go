package worker

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/logline"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/graph/legacy"
	"github.com/nkrun/nkrun/lpu/input"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/plsel"
)

// load makes the Processor of one LPU.
func (w *Worker) load(c *config.LPU) (*unit, error) {
	if c.Kind.Value != "" {
		if c.Device.Kind == config.DeviceGPU {
			return nil, w.cfg.Fault(c.Device.Pos, "leave device out, or write cpu", "LPU %s is of the kind %q, which runs on processors; GPUs are for LPUs made from a graph", c.Name, c.Kind.Value)
		}
		return w.loadKind(c)
	}
	return w.loadGraph(c)
}

// loadKind makes an LPU of a registered kind, with the ports that the configuration gives it.
func (w *Worker) loadKind(c *config.LPU) (*unit, error) {
	kind, err := lpu.Lookup(c.Kind.Value)
	if err != nil {
		return nil, w.cfg.Fault(c.Kind.Pos, "", "LPU %s: %s", c.Name, err)
	}
	if len(c.Inputs) > 0 || len(c.Outputs) > 0 {
		key := "inputs"
		if len(c.Inputs) == 0 {
			key = "outputs"
		}
		return nil, w.cfg.Fault(c.At(key), "", "LPU %s is of the kind %q; inputs and outputs are for LPUs made from a graph", c.Name, c.Kind.Value)
	}
	var ids [2][2][]plsel.ID // in, out by type
	var errs []error
	for k, sel := range []config.Text{c.Ports.In.GPot, c.Ports.In.Spike, c.Ports.Out.GPot, c.Ports.Out.Spike} {
		if sel.Value == "" {
			continue
		}
		list, err := plsel.Expand(sel.Value)
		if err != nil {
			errs = append(errs, w.cfg.Fault(sel.Pos, "", "LPU %s: %s", c.Name, err))
		}
		ids[k/2][k%2] = list
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	in, out := ids[0], ids[1]
	u := &unit{name: c.Name, interf: pattern.Ports{LPU: c.Name, In: in, Out: out}}
	if err := u.interf.Validate(); err != nil {
		return nil, w.cfg.Fault(c.Ports.Pos, "", "%s", err)
	}
	u.ports = &lpu.Ports{
		InGpot: floats(in[pattern.Gpot]), InSpike: bytes(in[pattern.Spike]),
		OutGpot: floats(out[pattern.Gpot]), OutSpike: bytes(out[pattern.Spike]),
	}
	u.proc, err = kind(&lpu.Context{
		ID: c.Name, DT: w.cfg.DT, Steps: w.cfg.Steps, Seed: input.Seed(w.cfg.Seed, c.Name), Rank: w.opt.Rank, Params: c.Params.Values,
		Log: w.stepLog(c.Name), Ports: u.ports,
		InGpot: in[pattern.Gpot], InSpike: in[pattern.Spike], OutGpot: out[pattern.Gpot], OutSpike: out[pattern.Spike],
	})
	if err != nil {
		return nil, w.cfg.Fault(c.Kind.Pos, "", "LPU %s: kind %q: %s", c.Name, c.Kind.Value, err)
	}
	u.report = Report{LPU: c.Name, Ports: u.interf}
	return u, w.canSave(c, u.proc)
}

func floats(ids []plsel.ID) []float64 { return make([]float64, len(ids)) }
func bytes(ids []plsel.ID) []uint8    { return make([]uint8, len(ids)) }

// log returns the logger of an LPU.
func (w *Worker) log(name string) *slog.Logger {
	return w.opt.Log.With("lpu", name, "rank", w.opt.Rank)
}

// stepLog returns a logger that tags its records with the step at work.
func (w *Worker) stepLog(name string) *slog.Logger {
	if h, ok := w.opt.Log.Handler().(*logline.Handler); ok {
		return slog.New(h.WithStep(&w.step)).With("lpu", name, "rank", w.opt.Rank)
	}
	return w.log(name)
}

// circuit is a compiled graph as a Processor: in each step, external input goes in and the engine steps.
type circuit struct {
	engine lpu.Engine
	gpu    int // or onCPU
	drives drives
	set    func(input int, values []float64) // of the engine
	close  []func() error
}

// Step implements lpu.Processor.
func (c *circuit) Step(n int) error {
	if err := c.drives.step(n, c.set); err != nil {
		return err
	}
	return c.engine.Step()
}

// Close releases the engine and closes input files.
func (c *circuit) Close() error {
	errs := []error{}
	if c.engine != nil {
		errs = append(errs, c.engine.Close())
	}
	for _, f := range c.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// readGraph reads the graph of an LPU in whatever dialect; old tells that inputs are in the units of the oldest one.
func readGraph(c *config.LPU) (g *graph.Graph, old bool, err error) {
	if c.Graph.File.Given() {
		g, err = graph.Read(c.Graph.File.Abs)
	} else {
		g, err = graph.ReadTables(c.Graph.Nodes.Abs, c.Graph.Edges.Abs)
	}
	if err != nil || !legacy.Is(g) {
		return g, false, err
	}
	g, err = legacy.Convert(g)
	return g, true, err
}

// loadGraph compiles a graph, with its inputs and outputs.
func (w *Worker) loadGraph(c *config.LPU) (u *unit, err error) {
	gpu, err := w.place(c)
	if err != nil {
		return nil, err
	}
	g, old, err := readGraph(c)
	if err != nil {
		return nil, fmt.Errorf("LPU %s: %w", c.Name, err)
	}
	proc, rates := &circuit{gpu: gpu}, c.Rates
	if old {
		w.log(c.Name).Info("graph of the 2013 dialect: synapses are edges, potentials in volts; inputs are taken in its units")
		proc.drives.scale = legacy.InputScale
		if rates == "auto" {
			rates = "s" // the dialect had no other
		}
	}
	defer func() {
		if err != nil {
			proc.Close()
		}
	}()
	added := g.NumNodes()
	pre, err := w.addPresynaptic(c, g, proc)
	if err != nil {
		return nil, err
	}
	added = g.NumNodes() - added
	log := w.log(c.Name)
	tables, closeTables, err := w.tables(c, g)
	if err != nil {
		return nil, err
	}
	defer closeTables()
	steps := w.cfg.Steps
	if w.opt.saves() {
		steps = 0 // what is saved must not depend on it: a run may be resumed with more of them
	}
	k, err := compile.Graph(g, compile.Options{LPU: c.Name, Tables: tables, DT: w.cfg.DT, Rates: rates, Models: w.models, Without: w.passesOff(gpu),
		Steps: steps, Added: added, Warn: func(msg string) { log.Warn(msg) }})
	if err != nil {
		return nil, fmt.Errorf("LPU %s: %w", c.Name, err)
	}
	if free := k.Unconnected(); len(free) > 0 {
		log.Warn(fmt.Sprintf("%d output ports that no component feeds stay 0, first %s", len(free), free[0]))
	}
	u = &unit{name: c.Name, proc: proc}
	sources, wrong := w.inputs(c, k, proc, pre)
	u.outputs, err = w.outputs(c, k)
	if err = errors.Join(wrong, err); err != nil {
		return nil, err
	}
	program := k.Program()
	prec := engine.Double
	if w.cfg.Precision == "single" {
		prec = engine.Single
	}
	e, err := w.newEngine(c, program, prec, gpu)
	if err != nil {
		return nil, fmt.Errorf("LPU %s: %w", c.Name, err)
	}
	proc.engine, proc.set = e, e.SetInput
	for _, s := range sources {
		proc.drives.add(s, program)
	}
	p := program.Ports
	u.ports, u.check = e.Ports(), e.Check
	u.interf = pattern.Ports{LPU: c.Name, In: [2][]plsel.ID{p.InGpot, p.InSpike}, Out: [2][]plsel.ID{p.OutGpot, p.OutSpike}}
	u.report = Report{LPU: c.Name, Ports: u.interf, Bytes: program.Bytes(bool(prec)), Rates: k.Rates(), Notes: k.Notes()}
	if gpu != onCPU {
		u.report.Device = fmt.Sprintf("gpu:%d", gpu)
	}
	u.report.Components, u.report.Connections = k.Components()
	return u, w.canSave(c, proc)
}
