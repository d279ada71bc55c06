package config

import (
	"math"
	"strings"
)

// weightedTable has the keys of both forms of a table, one file and arrays; checkTable sorts out which may stand together.
var weightedTable = table[Table]{
	where: "connections",
	place: func(t *Table) *Place { return &t.Place },
	start: func(d *decoder, t *Table) { t.Delay = d.cfg.DT },
	fields: []field[Table]{
		key("file", fileToRead, func(t *Table) *Path { return &t.File }, "(or pre and post)",
			"table with the columns pre, post and, if need be, weight and delay: .csv, .csv.gz, .h5"),
		key("pre", fileToRead, func(t *Table) *Path { return &t.Pre }, "(or file)", "array of the nodes that send (.npy)"),
		key("post", fileToRead, func(t *Table) *Path { return &t.Post }, "(or file)", "array of the nodes that receive (.npy)"),
		key("weights", fileToRead, func(t *Table) *Path { return &t.Weights }, "(none)", "array of the weights (.npy)"),
		key("delays", fileToRead, func(t *Table) *Path { return &t.Delays }, "(none)", "array of the delays, s (.npy)"),
		key("group", groupName, func(t *Table) *string { return &t.Group }, "(the whole file)", "group of the HDF5 file with the columns as datasets"),
		key("ids", oneOf("uid", "index"), func(t *Table) *string { return &t.IDs }, "uid",
			"what pre and post hold: uids, or numbers of nodes in the order of the graph, from 0"),
		key("to", variableName, func(t *Table) *Text { return &t.To }, "(the only one)", "what the targets receive, where their model receives several things"),
		// Only the file knows whether it has a column, beside which the constant would contradict it.
		shownIf(func(t *Table) bool { return t.Given("weight") },
			key("weight", number, func(t *Table) *float64 { return &t.Weight }, "1", "of all rows, where there is no column of weights")),
		key("scale", number, func(t *Table) *float64 { return &t.Scale }, "1", "factor on all weights"),
		shownIf(func(t *Table) bool { return t.Given("delay") },
			key("delay", laterSeconds, func(t *Table) *float64 { return &t.Delay }, "(one time step)", "of all rows, where there is no column of delays")),
		key("synapse", optional(&frontTable), func(t *Table) **Synapse { return &t.Synapse }, "(none)", "synapses in front of the targets, one each"),
		key("plasticity", optional(&plasticityTable), func(t *Table) **Plasticity { return &t.Plasticity }, "(none)", "how the weights change"),
	},
	check: checkTable,
}

// frontTable is the model of the synapses in front of the targets.
var frontTable = table[Synapse]{
	where: "connections synapse",
	place: func(s *Synapse) *Place { return &s.Place },
	fields: []field[Synapse]{
		key("model", modelName, func(s *Synapse) *Text { return &s.Model }, required, "class of the synapses"),
		key("params", freeMap, func(s *Synapse) *Params { return &s.Params }, "(those of the model)", "parameters of the synapses"),
	},
}

// plasticityTable has the one rule that there is.
var plasticityTable = table[Plasticity]{
	where: "connections plasticity",
	place: func(p *Plasticity) *Place { return &p.Place },
	fields: []field[Plasticity]{
		key("rule", oneOf("stdp"), func(p *Plasticity) *string { return &p.Rule }, required, "stdp: pairs of spikes, one before and one behind the connection"),
		key("pairing", oneOf("all", "nearest"), func(p *Plasticity) *string { return &p.Pairing }, "all", "the pairs that count: all, or each spike with the nearest"),
		key("a_plus", number, func(p *Plasticity) *float64 { return &p.APlus }, required, "what a weight gains when post spikes just after pre has arrived"),
		key("a_minus", number, func(p *Plasticity) *float64 { return &p.AMinus }, required, "what a weight loses when pre arrives just after post has spiked"),
		key("tau_plus", positiveMilliseconds, func(p *Plasticity) *float64 { return &p.TauPlus }, required, "how fast a_plus fades with the time between the spikes"),
		key("tau_minus", positiveMilliseconds, func(p *Plasticity) *float64 { return &p.TauMinus }, required, "how fast a_minus fades with the time between the spikes"),
		key("w_min", number, func(p *Plasticity) *float64 { return &p.WMin }, "0", "least weight"),
		key("w_max", number, func(p *Plasticity) *float64 { return &p.WMax }, required, "largest weight"),
	},
	check: func(d *decoder, p *Plasticity, s *scope) {
		if p.Given("w_max") && p.WMax <= p.WMin {
			d.report(p.At("w_max"), "", "w_max %g is not above w_min %g in %s", p.WMax, p.WMin, s)
		}
	},
}

var positiveMilliseconds = numberWhere("a positive number of ms", isPositive)

// groupName is the path of a group; HDF5 knows no bounds to what it may be called.
var groupName = value[string]{
	what: "the name of a group",
	read: func(_ *decoder, n *node, _ *scope) (string, bool) { return n.text, n.kind == scalar && n.text != "" },
	show: showWord,
}

// optional is a single entry that has a table of its own and need not be there.
func optional[T any](tb *table[T]) value[*T] {
	return value[*T]{
		what:  "a mapping with the keys " + strings.Join(tb.names(), ", "),
		empty: true,
		read: func(d *decoder, n *node, s *scope) (*T, bool) {
			t := new(T)
			return t, tb.read(d, t, n, s, n.pos)
		},
		show: func(t *T) any {
			if t == nil {
				return nil
			}
			return tb.show(t)
		},
	}
}

// checkTable reports a table that is neither a file nor arrays, or both, and constants that a column makes void.
func checkTable(d *decoder, t *Table, s *scope) {
	file := t.intended("file")
	arrays := ""
	for _, key := range []string{"pre", "post", "weights", "delays"} {
		if t.intended(key) && arrays == "" {
			arrays = key
		}
	}
	switch {
	case file && arrays != "":
		d.report(t.At(arrays), "remove one", "\"file\" and %q are both given in %s", arrays, s)
	case !file && arrays == "":
		d.report(t.Pos, "", "missing \"file\", or \"pre\" and \"post\", in %s: the rows", s)
	case !file:
		for _, key := range []string{"pre", "post"} {
			if !t.intended(key) {
				d.report(t.Pos, "", "missing %q in %s, beside %q", key, s, arrays)
			}
		}
		if t.Given("group") {
			d.report(t.At("group"), "remove it", "\"group\" concerns an HDF5 \"file\", and %s has arrays", s)
		}
	}
	for _, p := range []struct{ column, constant string }{{"weights", "weight"}, {"delays", "delay"}} {
		if t.Given(p.column) && t.Given(p.constant) {
			d.report(t.At(p.constant), "remove one", "%q and %q are both given in %s", p.column, p.constant, s)
		}
	}
	if !(math.Abs(t.Weight*t.Scale) <= math.MaxFloat32) {
		d.report(t.At("weight"), "weights are kept in single precision", "weight %g times scale %g is too large in %s", t.Weight, t.Scale, s)
	}
	for _, a := range []Path{t.Pre, t.Post, t.Weights, t.Delays} {
		d.checkExtension(a, ".npy")
	}
}
