// Package config reads the YAML configuration of a run and finds everything wrong with it that can be found
// without opening the files it names.
//
//	cfg, err := config.Load("config.yaml", []string{"duration=0.5", "lpus.lpu_0.device=cpu"})
//	if err != nil {
//		return err // config.Errors: every fault with file:line:column, hint and excerpt
//	}
//	for _, lpu := range cfg.LPUs {
//		fmt.Println(lpu.Name, lpu.Graph.File.Abs, lpu.At("rates"))
//	}
//
// The keys, their types, defaults and documentation are one set of tables (the schema files). The decoder, the
// suggestions, the resolved form written to run.json and the help page all come from them.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config is a whole configuration with every default filled in.
type Config struct {
	Place
	// DT is the time step in seconds.
	DT float64
	// Duration is the simulated time in seconds and Steps the same in steps; whichever was not given follows from the other.
	Duration float64
	Steps    int
	// Seed is where everything random of the run begins.
	Seed       uint64
	Precision  string // "double" or "single"
	Models     []Path
	LPUs       []LPU // in the order of the file
	Patterns   []Pattern
	Plots      []Plot
	Checkpoint *Checkpoint   // nil: none are written
	Watchdog   time.Duration // how long an LPU may be silent

	src *source
}

// LPU is one local processing unit: a graph, or a Processor kind registered in Go.
type LPU struct {
	Place
	Name    string
	Graph   Graph
	Kind    Text // empty when Graph is given
	Ports   Ports
	Params  Params
	Rates   string // unit dialect of AlphaSynapse rates: "auto", "ms" or "s"
	Device  Device
	Threads int
	Debug   bool
	// Connections are tables of weighted connections besides the edges of Graph.
	Connections []Table
	Inputs      []Input
	Outputs     []Output
}

// Ports are the selectors of the ports that an LPU of some kind shall have. Texts not given are empty.
type Ports struct {
	Place
	In, Out PortTypes
}

// PortTypes are the selectors of one direction.
type PortTypes struct {
	Place
	GPot, Spike Text
}

// Output is one recording of an LPU.
type Output struct {
	Place
	File      Path
	Variables []Variable // in the order of the file
	Interval  int        // steps between samples
	Start     float64    // s
	Compress  string     // "none" or "gzip"
	Flush     time.Duration
}

// Variable is a recorded variable and whose values of it are recorded.
type Variable struct {
	Name Text
	UIDs UIDs
}

// Pattern connects output ports of each of two LPUs to input ports of the other.
type Pattern struct {
	Place
	LPUs       [2]Text
	Connect    []Connection
	File       Path    // empty when Connect is given
	Delay      float64 // s, on top of the one step that every exchange takes
	DelaySteps int     // the same in steps
}

// Connection is one line of a pattern; the ports of From and To are paired in order.
type Connection struct {
	Place
	From, To Text
	Type     string // "gpot", "spike", or "" to take it from the ports
}

// Checkpoint says how often the state of the run is saved.
type Checkpoint struct {
	Place
	Pace
	File Path
}

// Pace is how often something is done: one of both is 0.
type Pace struct {
	Every      time.Duration // wall-clock time
	EverySteps int
}

// LPU returns the LPU of that name, or nil.
func (c *Config) LPU(name string) *LPU {
	for i := range c.LPUs {
		if c.LPUs[i].Name == name {
			return &c.LPUs[i]
		}
	}
	return nil
}

// Fault makes an error about something in this configuration that a later stage found, with the same excerpt that
// this package gives its own.
func (c *Config) Fault(at Pos, hint, format string, args ...any) Error {
	return c.src.fault(at, hint, format, args...)
}

// Load reads a configuration file. Overrides are "key=value" or "key.sub[0].name=value" as given to `--set`, with
// values in YAML; they replace what the file says. The error is of type Errors when the file could be read.
func Load(path string, overrides []string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		var pathErr *os.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		hint := hintTail(nearestFile(path))
		if hint == "" && errors.Is(err, fs.ErrNotExist) {
			hint = "; `nkrun init` writes one to start from"
		}
		return nil, fmt.Errorf("cannot read the configuration %s: %w%s", path, err, hint)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name the configuration file in it", path)
	}
	// A recording given by mistake may be huge: its first bytes are enough to tell.
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if fault, bad := notText(path, head[:n], n == len(head)); bad {
			return nil, Errors{fault}
		}
		var rest []byte
		if rest, err = io.ReadAll(f); err == nil {
			return Parse(path, append(head[:n:n], rest...), overrides)
		}
	}
	return nil, fmt.Errorf("cannot read the configuration %s: %w", path, err)
}

// Parse is Load for a text that is already in memory; the name is used in messages, and its folder is where
// relative paths start.
func Parse(name string, data []byte, overrides []string) (*Config, error) {
	if fault, bad := notText(name, data, false); bad {
		return nil, Errors{fault}
	}
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		dir = filepath.Dir(name)
	}
	d := &decoder{src: newSource(name, data), dir: dir}
	root := d.parseYAML(data)
	if root != nil {
		root = d.override(root, overrides)
	}
	if root == nil {
		return nil, d.errs.Sort()
	}
	c := &Config{src: d.src}
	d.cfg = c
	topTable.read(d, c, root, nil, root.pos)
	d.checkRun(c)
	if len(d.errs) > 0 {
		return nil, d.errs.Sort()
	}
	return c, nil
}
