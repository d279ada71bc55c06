// Package workload runs the benchmark networks that simulators are compared on, from the files that scripts/workloads writes.
//
//	r, err := workload.Run("W1-coba-4k", dir, workload.Options{Threads: 1})
//	fmt.Println(r.SimS / r.SimulatedS, r.Spikes)
//
// Every spike of every neuron is recorded in memory, as pairs of step and neuron. The time for loading and compiling the network
// is told apart from the time of the steps.
package workload

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/graph"
)

// Options say how a workload is run.
type Options struct {
	Threads int
	Single  bool
	Without []string // passes of the compiler that are not to run
	Device  string   // cpu (or ""), gpu or gpu:N
	Seconds float64  // simulated time; 0: what the workload is defined with
}

// Result is what a run took.
type Result struct {
	Workload   string  `json:"workload"`
	Threads    int     `json:"threads"`
	Precision  string  `json:"precision"`
	SetupS     float64 `json:"setup_s"`
	SimS       float64 `json:"sim_s"`
	SimulatedS float64 `json:"simulated_s"`
	Spikes     int     `json:"spikes"`
	PeakMB     float64 `json:"peak_mb"`

	Notes   []compile.Note  `json:"-"`
	Profile []engine.Timing `json:"-"`
}

// network is a workload ready to be compiled.
type network struct {
	g       *graph.Graph
	tables  []compile.Table
	seconds float64
	events  []event // spikes of sources, by step
	sources []string
}

// event is a spike that a source is given.
type event struct{ step, source int32 }

// dt is the step of all workloads in seconds.
const dt = 1e-4

var builders = map[string]func(dir string) (*network, error){
	"W1-coba-4k":  func(dir string) (*network, error) { return vogelsAbbott(dir, "w1_4k", true, 10) },
	"W1-cuba-4k":  func(dir string) (*network, error) { return vogelsAbbott(dir, "w1_4k", false, 10) },
	"W1-coba-40k": func(dir string) (*network, error) { return vogelsAbbott(dir, "w1_40k", true, 2) },
	"W1-cuba-40k": func(dir string) (*network, error) { return vogelsAbbott(dir, "w1_40k", false, 2) },
	"W2":          hodgkinHuxley,
	"W3a":         func(dir string) (*network, error) { return wholeBrain(dir, "LeakyIAFExp", false) },
	"W3b":         func(dir string) (*network, error) { return wholeBrain(dir, "LeakyIAFExp", true) },
	"W3s":         func(dir string) (*network, error) { return wholeBrain(dir, "ShiuLIF", false) },
	"W4":          func(dir string) (*network, error) { return generic(dir, false) },
	"W4-shared":   func(dir string) (*network, error) { return generic(dir, true) },
}

// Names returns the names of the workloads.
func Names() []string {
	var out []string
	for n := range builders {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Run runs one workload; dir holds the networks.
func Run(name, dir string, o Options) (Result, error) {
	build, ok := builders[name]
	if !ok {
		return Result{}, fmt.Errorf("unknown workload %q%s (workloads: %s)", name, nearest.Hint(name, Names()), strings.Join(Names(), ", "))
	}
	start := time.Now()
	net, err := build(dir)
	if err != nil {
		return Result{}, err
	}
	if o.Seconds > 0 {
		net.seconds = o.Seconds
	}
	steps := int(net.seconds/dt + 0.5)
	c, err := compile.Graph(net.g, compile.Options{LPU: name, DT: dt, Rates: "ms", Tables: net.tables, Without: o.without(), Steps: steps})
	if err != nil {
		return Result{}, err
	}
	net.tables = nil
	probe, uids, err := c.Probe("spike_state", nil)
	if err != nil {
		return Result{}, err
	}
	var targets []compile.Target
	if len(net.sources) > 0 {
		if targets, _, err = c.Input("spike_state", net.sources); err != nil {
			return Result{}, err
		}
	}
	counted := make([]bool, len(uids)) // sources are no neurons
	for i, uid := range uids {
		counted[i] = !strings.HasPrefix(uid, "source_")
	}
	program := c.Program()
	net.g = nil
	e, err := o.engine(program)
	if err != nil {
		return Result{}, err
	}
	defer e.Close()
	r := Result{Workload: name, Threads: max(o.Threads, 1), Precision: "double", SetupS: time.Since(start).Seconds(), SimulatedS: float64(steps) * dt, Notes: c.Notes()}
	if o.Single {
		r.Precision = "single"
	}
	start = time.Now()
	spikes, err := simulate(e, net, steps, probe, targets)
	if err != nil {
		return r, err
	}
	r.SimS = time.Since(start).Seconds()
	for _, block := range spikes {
		for _, s := range block {
			if counted[s.source] {
				r.Spikes++
			}
		}
	}
	if err := e.Check(); err != nil {
		return r, err
	}
	r.Profile = e.Profile()
	r.PeakMB = peak()
	return r, nil
}

// blockSize is the number of spikes that are kept in one piece: to copy what there is whenever it grows would take longer.
const blockSize = 1 << 15

// simulate takes the steps, as many at once as the engine can, and returns all spikes.
func simulate(e lpu.Engine, net *network, steps, probe int, targets []compile.Target) ([][]event, error) {
	var spikes [][]event
	block := make([]event, 0, blockSize)
	var fired []int32
	values := make([]float64, len(targets))
	next, set := 0, false
	for from := 0; from < steps; {
		n := min(e.Window(), steps-from)
		for k := 0; len(targets) > 0 && k < n; k++ {
			changed := set
			clear(values)
			set = false
			for ; next < len(net.events) && int(net.events[next].step) == from+k; next++ {
				values[targets[net.events[next].source].Index] = 1
				changed, set = true, true
			}
			if changed {
				e.SetInputAt(k, targets[0].Input, values)
			}
		}
		if err := e.Steps(n); err != nil {
			return nil, err
		}
		for k := range n {
			fired = e.SpikesAt(k, probe, fired[:0])
			if len(block)+len(fired) > cap(block) {
				spikes = append(spikes, block)
				block = make([]event, 0, max(blockSize, len(fired)))
			}
			for _, i := range fired {
				block = append(block, event{int32(from + k), i})
			}
		}
		from += n
	}
	return append(spikes, block), nil
}

// peak returns the largest memory that the process has had, in MB.
func peak() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// file returns the path of an array of a network.
func file(dir, network, name string) string { return filepath.Join(dir, network, name+".npy") }
