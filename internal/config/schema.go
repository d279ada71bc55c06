package config

import "time"

// The tables below are the configuration: what is not in them is an unknown key. A row gives the key's name, the type of its
// value, where it is kept, its default and its line in the help. Defaults are written as in a configuration and read by
// the same code; those in parentheses are words for the help, and the value starts empty.
//
// The order matters twice: it is that of the help page and of the resolved form, and keys are read in it, so that dt and seed
// are known to the entries that depend on them.

var topTable = table[Config]{
	where: "top",
	place: func(c *Config) *Place { return &c.Place },
	fields: []field[Config]{
		key("dt", positiveSeconds, func(c *Config) *float64 { return &c.DT }, required, "time step"),
		key("duration", positiveSeconds, func(c *Config) *float64 { return &c.Duration }, "(or steps)",
			"simulated time, a whole number of time steps"),
		shownIf(func(*Config) bool { return false }, key("steps", countOfSteps, func(c *Config) *int { return &c.Steps }, "(or duration)",
			"number of steps, instead of duration")),
		key("seed", seed, func(c *Config) *uint64 { return &c.Seed }, "0", "seed of everything random"),
		key("precision", oneOf("double", "single"), func(c *Config) *string { return &c.Precision }, "double",
			"floating-point numbers of the simulation"),
		key("models", filesToRead, func(c *Config) *[]Path { return &c.Models }, "[]", "model files of your own (.nk)"),
		key("lpus", lpus, func(c *Config) *[]LPU { return &c.LPUs }, required, "the LPUs by name"),
		key("patterns", listOf(&patternTable, "patterns"), func(c *Config) *[]Pattern { return &c.Patterns }, "[]",
			"connections between LPUs"),
		key("plots", listOf(&plotTable, "plots"), func(c *Config) *[]Plot { return &c.Plots }, "[]",
			"pictures drawn when the run ends"),
		key("checkpoint", checkpoint, func(c *Config) **Checkpoint { return &c.Checkpoint }, "off",
			"saves the state of the run now and then"),
		key("watchdog", duration, func(c *Config) *time.Duration { return &c.Watchdog }, "300",
			"silence of an LPU after which the run is ended with a message"),
	},
	check: checkTop,
}

// lpuTable has the keys of graphs and of kinds alike; checkLPU sorts out which may stand together.
var lpuTable = table[LPU]{
	where: "lpu",
	place: func(l *LPU) *Place { return &l.Place },
	fields: []field[LPU]{
		key("graph", graph, func(l *LPU) *Graph { return &l.Graph }, "(or kind)",
			".gexf, .gexf.gz, .json (node-link), .h5, or tables of nodes and edges"),
		key("kind", kindName, func(l *LPU) *Text { return &l.Kind }, "(or graph)", "registered Processor instead of a graph"),
		key("ports", part(&portsTable), func(l *LPU) *Ports { return &l.Ports }, "(none)", "ports of a kind"),
		key("params", freeMap, func(l *LPU) *Params { return &l.Params }, "(none)", "parameters of a kind, as the kind defines them"),
		shownIf(func(l *LPU) bool { return l.Graph.Given() },
			key("rates", oneOf("auto", "ms", "s"), func(l *LPU) *string { return &l.Rates }, "auto",
				"unit of AlphaSynapse rates in the graph: 1/ms or 1/s")),
		shownIf(func(l *LPU) bool { return l.Graph.Given() },
			key("connections", listOf(&weightedTable, "tables"), func(l *LPU) *[]Table { return &l.Connections }, "[]",
				"tables of weighted connections besides the edges of the graph")),
		key("device", device, func(l *LPU) *Device { return &l.Device }, "auto", "where the LPU runs"),
		key("threads", count, func(l *LPU) *int { return &l.Threads }, "1", "CPU threads"),
		key("debug", truth, func(l *LPU) *bool { return &l.Debug }, "false",
			"writes routing tables and the port data sent and received to a folder"),
		key("inputs", inputs, func(l *LPU) *[]Input { return &l.Inputs }, "[]", "what drives the LPU from outside"),
		key("outputs", listOf(&outputTable, "outputs"), func(l *LPU) *[]Output { return &l.Outputs }, "[]", "recordings"),
	},
	check: checkLPU,
}

// portsTable and portTypesTable take selectors as text: package plsel reads them, with the positions kept here.
var portsTable = table[Ports]{
	where: "ports",
	place: func(p *Ports) *Place { return &p.Place },
	fields: []field[Ports]{
		key("in", part(&portTypesTable), func(p *Ports) *PortTypes { return &p.In }, "(none)", "input ports"),
		key("out", part(&portTypesTable), func(p *Ports) *PortTypes { return &p.Out }, "(none)", "output ports"),
	},
}

var portTypesTable = table[PortTypes]{
	where: "ports in, out",
	place: func(p *PortTypes) *Place { return &p.Place },
	fields: []field[PortTypes]{
		key("gpot", selector, func(p *PortTypes) *Text { return &p.GPot }, "(none)", "graded-potential ports"),
		key("spike", selector, func(p *PortTypes) *Text { return &p.Spike }, "(none)", "spike ports"),
	},
}

// outputTable is one file; an LPU may have several, with different variables and intervals.
var outputTable = table[Output]{
	where: "output",
	place: func(o *Output) *Place { return &o.Place },
	fields: []field[Output]{
		key("file", fileToWrite, func(o *Output) *Path { return &o.File }, required, "HDF5 file to write"),
		key("variables", variables, func(o *Output) *[]Variable { return &o.Variables }, required,
			"the variables to record, each for all components that have it or for those listed"),
		key("interval", countOfSteps, func(o *Output) *int { return &o.Interval }, "1", "steps between samples; spikes are always complete"),
		key("start", laterSeconds, func(o *Output) *float64 { return &o.Start }, "0", "time of the first sample"),
		key("compress", oneOf("none", "gzip"), func(o *Output) *string { return &o.Compress }, "none", "compression in the file"),
		key("flush", duration, func(o *Output) *time.Duration { return &o.Flush }, "5", "at most this much is lost when the machine fails"),
	},
}

var patternTable = table[Pattern]{
	where: "pattern",
	place: func(p *Pattern) *Place { return &p.Place },
	fields: []field[Pattern]{
		key("lpus", twoNames, func(p *Pattern) *[2]Text { return &p.LPUs }, required, "the two LPUs it connects"),
		shownIf(func(p *Pattern) bool { return !p.File.Given() },
			key("connect", listOf(&connectionTable, "connections"), func(p *Pattern) *[]Connection { return &p.Connect }, "(or file)",
				"the connections")),
		key("file", fileToRead, func(p *Pattern) *Path { return &p.File }, "(or connect)",
			"file of connections: .csv with the columns from,to[,type], or .gexf"),
		key("delay", laterSeconds, func(p *Pattern) *float64 { return &p.Delay }, "0",
			"on top of the one step of every exchange; a whole number of time steps"),
	},
	check: checkPattern,
}

// connectionTable has a row for each line of `connect`, of which there may be very many.
var connectionTable = table[Connection]{
	where: "connect",
	place: func(c *Connection) *Place { return &c.Place },
	fields: []field[Connection]{
		key("from", selector, func(c *Connection) *Text { return &c.From }, required, "output ports of one LPU"),
		key("to", selector, func(c *Connection) *Text { return &c.To }, required, "input ports of the other, paired in order"),
		key("type", oneOf("gpot", "spike"), func(c *Connection) *string { return &c.Type }, "(that of the ports)",
			"what the connection carries"),
	},
}

// checkpointTable is read only when checkpoints are not off.
var checkpointTable = table[Checkpoint]{
	where: "checkpoint",
	place: func(c *Checkpoint) *Place { return &c.Place },
	fields: []field[Checkpoint]{
		key("every", pace, func(c *Checkpoint) *Pace { return &c.Pace }, "10m", "wall-clock time between checkpoints, or steps as in \"5000 steps\""),
		key("file", fileToWrite, func(c *Checkpoint) *Path { return &c.File }, required,
			"HDF5 file to write; the states of LPUs lie in files beside it"),
	},
}
