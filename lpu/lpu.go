// Package lpu says what a local processing unit is to the rest of nkrun: a Processor that advances step by step and
// talks to others only through ports.
//
// A compiled graph is one Processor (package worker makes it from package compile and an Engine); a Go type of a
// user's own is another, registered as a kind and named in the configuration:
//
//	func init() {
//		lpu.Register("random", func(c *lpu.Context) (lpu.Processor, error) { return &random{c}, nil })
//	}
package lpu

import (
	"fmt"
	"log/slog"
	"sort"
	"strings"
	"sync"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/plsel"
)

// Processor is what a worker drives each step.
type Processor interface {
	// Step reads the input ports, computes step n (n = 0, 1, ...) and writes the output ports. What it writes is seen
	// by other LPUs in step n+1 (later where the pattern has a delay). Inputs hold the last value received, 0 at first.
	// An error ends the whole run, naming LPU, step and rank.
	Step(n int) error
}

// Closer is implemented by a Processor that has something to release when the run ends, in whatever way.
type Closer interface{ Close() error }

// Ports holds the values of an LPU's ports. The slices stay the same for the whole run; a port's place in its slice is its
// number among the LPU's ports of that direction and type.
type Ports struct {
	InGpot, OutGpot   []float64
	InSpike, OutSpike []uint8 // 0 or 1
}

// Context is what a Processor of a registered kind gets to know when it is made.
type Context struct {
	ID     string         // the LPU's name in the configuration
	DT     float64        // step in seconds
	Steps  int            // steps that the run will take
	Seed   uint64         // the run's seed, mixed with the LPU's name: equal for equal configurations, whatever the ranks
	Rank   int            // rank that the LPU runs on
	Params map[string]any // the LPU's params from the configuration
	Log    *slog.Logger   // tagged with LPU and rank, and with the step while Step runs
	Ports  *Ports         // all values; Gpot and Spike give views by selector

	// Identifiers of the ports, in the order of the values.
	InGpot, InSpike, OutGpot, OutSpike []plsel.ID
}

// Gpot is a view of graded potential ports by selector.
type Gpot struct {
	values []float64
	index  []int32
}

// Len returns the number of ports in the view.
func (v Gpot) Len() int { return len(v.index) }

// Get copies the values of the ports to dst, in the order of the selector, and returns it; a nil dst is allocated.
func (v Gpot) Get(dst []float64) []float64 {
	if dst == nil {
		dst = make([]float64, len(v.index))
	}
	for k, i := range v.index {
		dst[k] = v.values[i]
	}
	return dst
}

// Set copies src to the ports, in the order of the selector.
func (v Gpot) Set(src []float64) {
	for k, i := range v.index {
		v.values[i] = src[k]
	}
}

// Spike is a view of spike ports by selector.
type Spike struct {
	values []uint8
	index  []int32
}

// Len returns the number of ports in the view.
func (v Spike) Len() int { return len(v.index) }

// Get copies the spikes of the ports (0 or 1) to dst, in the order of the selector, and returns it; a nil dst is
// allocated.
func (v Spike) Get(dst []uint8) []uint8 {
	if dst == nil {
		dst = make([]uint8, len(v.index))
	}
	for k, i := range v.index {
		dst[k] = v.values[i]
	}
	return dst
}

// Set copies src to the ports, in the order of the selector; whatever is not 0 is a spike.
func (v Spike) Set(src []uint8) {
	for k, i := range v.index {
		v.values[i] = 0
		if src[k] != 0 {
			v.values[i] = 1
		}
	}
}

// GpotIn returns the graded input ports that a selector names, in its order. An empty selector names all of them. A port
// that the LPU does not have is an error.
func (c *Context) GpotIn(selector string) (Gpot, error) {
	index, err := c.resolve(selector, c.InGpot, "graded input")
	return Gpot{c.Ports.InGpot, index}, err
}

// GpotOut is GpotIn for graded output ports.
func (c *Context) GpotOut(selector string) (Gpot, error) {
	index, err := c.resolve(selector, c.OutGpot, "graded output")
	return Gpot{c.Ports.OutGpot, index}, err
}

// SpikeIn is GpotIn for spike input ports.
func (c *Context) SpikeIn(selector string) (Spike, error) {
	index, err := c.resolve(selector, c.InSpike, "spike input")
	return Spike{c.Ports.InSpike, index}, err
}

// SpikeOut is GpotIn for spike output ports.
func (c *Context) SpikeOut(selector string) (Spike, error) {
	index, err := c.resolve(selector, c.OutSpike, "spike output")
	return Spike{c.Ports.OutSpike, index}, err
}

func (c *Context) resolve(selector string, ids []plsel.ID, what string) ([]int32, error) {
	if selector == "" {
		index := make([]int32, len(ids))
		for i := range index {
			index[i] = int32(i)
		}
		return index, nil
	}
	wanted, err := plsel.Expand(selector)
	if err != nil {
		return nil, fmt.Errorf("LPU %s: %w", c.ID, err)
	}
	number := make(map[plsel.ID]int32, len(ids))
	for i, id := range ids {
		number[id] = int32(i)
	}
	index := make([]int32, len(wanted))
	for k, id := range wanted {
		i, ok := number[id]
		if !ok {
			return nil, fmt.Errorf("LPU %s has no %s port %s", c.ID, what, id)
		}
		index[k] = i
	}
	return index, nil
}

// Kind makes the Processor of one LPU.
type Kind func(c *Context) (Processor, error)

var (
	kindsMu sync.Mutex
	kinds   = map[string]Kind{}
)

// Register makes a kind of Processor known under a name that configurations use as `kind: name`. It panics when the
// name is taken, since two packages that claim one name can't both be meant.
func Register(name string, k Kind) {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	if name == "" || k == nil {
		panic("lpu: Register needs a name and a kind")
	}
	if _, taken := kinds[name]; taken {
		panic("lpu: kind " + name + " is registered twice")
	}
	kinds[name] = k
}

// Lookup returns the kind registered under name. The error of an unknown name lists the known ones.
func Lookup(name string) (Kind, error) {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	if k, ok := kinds[name]; ok {
		return k, nil
	}
	known := make([]string, 0, len(kinds))
	for n := range kinds {
		known = append(known, n)
	}
	sort.Strings(known)
	if len(known) == 0 {
		return nil, fmt.Errorf("unknown kind %q: this program has no kinds registered", name)
	}
	return nil, fmt.Errorf("unknown kind %q%s (known: %s)", name, nearest.Hint(name, known), strings.Join(known, ", "))
}

// Engine advances the compiled graph of an LPU. Engines for processors and for GPUs implement it, and nothing else
// differs between them. Inputs and probes are those of the Program (package compile).
type Engine interface {
	// Ports returns the port values: inputs are read, and outputs written, by Step.
	Ports() *Ports
	// SetInput replaces the external values of an input, one for each component of its population.
	SetInput(input int, values []float64)
	// Step computes the next step.
	Step() error
	// Window returns how many steps the next call of Steps may take, at least 1; more where nobody outside has a part in them: ports have
	// none, and nobody reads values in between. It may change from call to call.
	Window() int
	// Steps computes the next n steps, at most as many as Window says. The results have the bits of as many calls of Step.
	//
	//	n := min(e.Window(), wanted)
	//	e.SetInputAt(k, input, values) // for some k < n
	//	err := e.Steps(n)
	//	fired = e.SpikesAt(k, probe, fired[:0]) // for each k < n
	Steps(n int) error
	// SetInputAt is what SetInput would be before step k of the next n. For each input k rises from call to call until Steps is called.
	SetInputAt(k, input int, values []float64)
	// SpikesAt is what Spikes would have returned after step k of those that the last Steps took, for probes of spikes; others show what they
	// do after the last.
	SpikesAt(k, probe int, dst []int32) []int32
	// Read copies the values of a probe as they are before the next step.
	Read(probe int, dst []float64)
	// Spikes appends the positions of a probe that hold a spike before the next step, ascending.
	Spikes(probe int, dst []int32) []int32
	// Check names a component whose state is not a finite number.
	Check() error
	// Close releases the engine's memory.
	Close() error
}
