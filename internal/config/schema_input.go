package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Keys that several kinds of input share, so that they mean the same everywhere.

func variableKey[T any](at func(*T) *Target) field[T] {
	return key("variable", variableName, func(t *T) *Text { return &at(t).Variable }, required, "the variable it adds to")
}

func uidsKey[T any](at func(*T) *Target) field[T] {
	return key("uids", uids, func(t *T) *UIDs { return &at(t).UIDs }, required, "the components it acts on")
}

func valueKey[T any](at func(*T) *Values) field[T] {
	return key("value", values, at, required, "one for all uids or one for each")
}

func startKey[T any](at func(*T) *float64) field[T] {
	return key("start", seconds, at, "0", "acts while start <= t < stop")
}

func stopKey[T any](at func(*T) *float64) field[T] {
	return key("stop", stopSeconds, at, "end", "acts while start <= t < stop")
}

func seedKey[T any](at func(*T) *uint64) field[T] {
	return key("seed", seed, at, "(that of the run)", "seed of its random numbers")
}

func modeKey[T any](at func(*T) *string) field[T] {
	return key("mode", oneOf("zero", "hold"), at, "zero", "after the last row")
}

var fileInputTable = table[FileInput]{
	where: "input file",
	place: func(i *FileInput) *Place { return &i.Place },
	fields: []field[FileInput]{
		key("file", fileToRead, func(i *FileInput) *Path { return &i.File }, required, "HDF5 file with a group for each variable"),
		modeKey(func(i *FileInput) *string { return &i.Mode }),
	},
}

var stepInputTable = table[StepInput]{
	where: "input step",
	place: func(i *StepInput) *Place { return &i.Place },
	fields: []field[StepInput]{
		variableKey(func(i *StepInput) *Target { return &i.Target }),
		uidsKey(func(i *StepInput) *Target { return &i.Target }),
		valueKey(func(i *StepInput) *Values { return &i.Value }),
		startKey(func(i *StepInput) *float64 { return &i.Start }),
		stopKey(func(i *StepInput) *float64 { return &i.Stop }),
	},
	check: func(d *decoder, i *StepInput, _ *scope) {
		d.checkValues(i.Value, i.UIDs, "value")
		d.checkStop(&i.Place, i.Start, i.Stop)
	},
}

var rampInputTable = table[RampInput]{
	where: "input ramp",
	place: func(i *RampInput) *Place { return &i.Place },
	fields: []field[RampInput]{
		variableKey(func(i *RampInput) *Target { return &i.Target }),
		uidsKey(func(i *RampInput) *Target { return &i.Target }),
		key("start", seconds, func(i *RampInput) *float64 { return &i.Start }, required, "begin of the rise"),
		key("duration", positiveSeconds, func(i *RampInput) *float64 { return &i.Duration }, required, "length of the rise"),
		key("from", number, func(i *RampInput) *float64 { return &i.From }, required, "value before start"),
		key("to", number, func(i *RampInput) *float64 { return &i.To }, required, "value after the rise"),
	},
}

var constantInputTable = table[ConstantInput]{
	where: "input constant",
	place: func(i *ConstantInput) *Place { return &i.Place },
	fields: []field[ConstantInput]{
		variableKey(func(i *ConstantInput) *Target { return &i.Target }),
		uidsKey(func(i *ConstantInput) *Target { return &i.Target }),
		valueKey(func(i *ConstantInput) *Values { return &i.Value }),
	},
	check: func(d *decoder, i *ConstantInput, _ *scope) { d.checkValues(i.Value, i.UIDs, "value") },
}

var sinusoidInputTable = table[SinusoidInput]{
	where: "input sinusoid",
	place: func(i *SinusoidInput) *Place { return &i.Place },
	fields: []field[SinusoidInput]{
		variableKey(func(i *SinusoidInput) *Target { return &i.Target }),
		uidsKey(func(i *SinusoidInput) *Target { return &i.Target }),
		key("amplitude", number, func(i *SinusoidInput) *float64 { return &i.Amplitude }, required, "half the height of the wave"),
		key("frequency", frequency, func(i *SinusoidInput) *float64 { return &i.Frequency }, required, "periods a second"),
		key("phase", radians, func(i *SinusoidInput) *float64 { return &i.Phase }, "0", "at t = 0; 0 begins a sine"),
		key("offset", number, func(i *SinusoidInput) *float64 { return &i.Offset }, "0", "mean value"),
	},
}

var pulseTrainInputTable = table[PulseTrainInput]{
	where: "input pulse_train",
	place: func(i *PulseTrainInput) *Place { return &i.Place },
	fields: []field[PulseTrainInput]{
		variableKey(func(i *PulseTrainInput) *Target { return &i.Target }),
		uidsKey(func(i *PulseTrainInput) *Target { return &i.Target }),
		valueKey(func(i *PulseTrainInput) *Values { return &i.Value }),
		key("period", positiveSeconds, func(i *PulseTrainInput) *float64 { return &i.Period }, required, "from one pulse to the next"),
		key("width", positiveSeconds, func(i *PulseTrainInput) *float64 { return &i.Width }, required, "length of a pulse"),
		startKey(func(i *PulseTrainInput) *float64 { return &i.Start }),
		stopKey(func(i *PulseTrainInput) *float64 { return &i.Stop }),
	},
	check: func(d *decoder, i *PulseTrainInput, _ *scope) {
		d.checkValues(i.Value, i.UIDs, "value")
		d.checkStop(&i.Place, i.Start, i.Stop)
		if i.Period > 0 && i.Width > i.Period {
			d.report(i.At("width"), "use a constant input", "the width %g s is more than the period %g s", i.Width, i.Period)
		}
	},
}

var bernoulliInputTable = table[BernoulliInput]{
	where: "input bernoulli",
	place: func(i *BernoulliInput) *Place { return &i.Place },
	start: func(d *decoder, i *BernoulliInput) { i.Seed = d.cfg.Seed },
	fields: []field[BernoulliInput]{
		variableKey(func(i *BernoulliInput) *Target { return &i.Target }),
		uidsKey(func(i *BernoulliInput) *Target { return &i.Target }),
		key("p", probability, func(i *BernoulliInput) *float64 { return &i.P }, required, "of a 1 in each step"),
		startKey(func(i *BernoulliInput) *float64 { return &i.Start }),
		stopKey(func(i *BernoulliInput) *float64 { return &i.Stop }),
		seedKey(func(i *BernoulliInput) *uint64 { return &i.Seed }),
	},
	check: func(d *decoder, i *BernoulliInput, _ *scope) { d.checkStop(&i.Place, i.Start, i.Stop) },
}

var poissonInputTable = table[PoissonInput]{
	where: "input poisson",
	place: func(i *PoissonInput) *Place { return &i.Place },
	start: func(d *decoder, i *PoissonInput) { i.Seed = d.cfg.Seed },
	fields: []field[PoissonInput]{
		variableKey(func(i *PoissonInput) *Target { return &i.Target }),
		uidsKey(func(i *PoissonInput) *Target { return &i.Target }),
		key("rate", frequency, func(i *PoissonInput) *float64 { return &i.Rate }, required, "mean spikes a second of each uid"),
		startKey(func(i *PoissonInput) *float64 { return &i.Start }),
		stopKey(func(i *PoissonInput) *float64 { return &i.Stop }),
		seedKey(func(i *PoissonInput) *uint64 { return &i.Seed }),
	},
	check: func(d *decoder, i *PoissonInput, _ *scope) { d.checkStop(&i.Place, i.Start, i.Stop) },
}

var spikesInputTable = table[SpikesInput]{
	where: "input spikes",
	place: func(i *SpikesInput) *Place { return &i.Place },
	fields: []field[SpikesInput]{
		key("uids", uids, func(i *SpikesInput) *UIDs { return &i.UIDs }, required, "the components it acts on"),
		key("times", spikeTimes, func(i *SpikesInput) *[][]float64 { return &i.Times }, required, "s, a list for each uid"),
	},
	check: func(d *decoder, i *SpikesInput, _ *scope) { d.checkTimes(&i.Place, i.Times, i.UIDs) },
}

var presynapticInputTable = table[PresynapticInput]{
	where: "input presynaptic",
	place: func(i *PresynapticInput) *Place { return &i.Place },
	fields: []field[PresynapticInput]{
		key("model", modelName, func(i *PresynapticInput) *Text { return &i.Model }, required, "class of the new synapses"),
		key("params", modelParams, func(i *PresynapticInput) *[]Param { return &i.Params }, "(those of the model)",
			"parameters of the new synapses, each a number or one for each uid"),
		key("uids", uids, func(i *PresynapticInput) *UIDs { return &i.UIDs }, "all", "the neurons to put synapses in front of; all: those in the file"),
		key("variable", variableName, func(i *PresynapticInput) *Text { return &i.Variable }, "spike_state", "what the synapses receive"),
		key("file", fileToRead, func(i *PresynapticInput) *Path { return &i.File }, "(or times or data)", "HDF5 file as for input file"),
		key("times", spikeTimes, func(i *PresynapticInput) *[][]float64 { return &i.Times }, "(or file or data)", "s, a list for each uid"),
		key("data", dataRows, func(i *PresynapticInput) *[][]float64 { return &i.Data }, "(or file or times)",
			"a row for each step, a number for each uid"),
		modeKey(func(i *PresynapticInput) *string { return &i.Mode }),
	},
	check: checkPresynaptic,
}

// inputKind is one of the kinds of input, without its type.
type inputKind struct {
	name string
	has  func(key string) bool
	keys func() []Key
	read func(d *decoder, n *node, s *scope, pos Pos) Input // nil when n is no mapping
	show func(Input) (object, bool)                         // false: of another kind
}

// kindOf makes the entry of a kind of input from its table; everything else about the kind is in its type.
func kindOf[T any, P interface {
	*T
	Input
}](tb *table[T]) inputKind {
	return inputKind{
		name: P(new(T)).Kind(),
		has:  func(key string) bool { return tb.field(key) != nil },
		keys: tb.keys,
		read: func(d *decoder, n *node, s *scope, pos Pos) Input {
			in := P(new(T))
			if !tb.read(d, (*T)(in), n, s, pos) {
				return nil
			}
			return in
		},
		show: func(in Input) (object, bool) {
			p, ok := in.(P)
			if !ok {
				return nil, false
			}
			return tb.show((*T)(p)), true
		},
	}
}

// inputKinds is in the order of the help page.
var inputKinds = []inputKind{
	kindOf(&fileInputTable), kindOf(&stepInputTable), kindOf(&rampInputTable), kindOf(&constantInputTable),
	kindOf(&sinusoidInputTable), kindOf(&pulseTrainInputTable), kindOf(&bernoulliInputTable),
	kindOf(&poissonInputTable), kindOf(&spikesInputTable), kindOf(&presynapticInputTable),
}

// flatKind is the kind of input whose keys stand beside its name, as in {file: in.h5, mode: hold}; the keys of all others
// stand below it.
const flatKind = "file"

// inputs is the list of the inputs of an LPU, which add up where they act on the same components.
var inputs = value[[]Input]{
	what:  "a list of inputs",
	empty: true,
	read: func(d *decoder, n *node, s *scope) ([]Input, bool) {
		if n.kind != list {
			return nil, false
		}
		out := make([]Input, 0, len(n.items))
		for i, item := range n.items {
			if in := d.readInput(item, s.up.item(s.key, i)); in != nil {
				out = append(out, in)
			}
		}
		return out, true
	},
	hint: func(n *node) string {
		if n.kind == mapping {
			return "begin each entry with \"- \""
		}
		return ""
	},
	show: func(v []Input) any {
		out := make([]object, 0, len(v))
		for _, in := range v {
			for _, k := range inputKinds {
				o, ok := k.show(in)
				switch {
				case ok && k.name == flatKind:
					out = append(out, o)
				case ok:
					out = append(out, object{{k.name, o}})
				}
			}
		}
		return out
	},
}

func kindNames() []string {
	out := make([]string, len(inputKinds))
	for i := range inputKinds {
		out[i] = inputKinds[i].name
	}
	return out
}

// readInput finds the kind of an input among its keys and reads it; nil after a fault that leaves nothing to check.
func (d *decoder) readInput(n *node, s *scope) Input {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.report(n.pos, "", "expected an input: a mapping with a key such as \"file\" or \"step\" in %s, found %s", s, n.found())
		return nil
	}
	kind, at := d.findKind(n, s)
	if kind == nil {
		return nil
	}
	if kind.name == flatKind {
		return kind.read(d, n, s, n.pos)
	}
	below := n.pairs[at].value
	// Forgetting to indent is easy in YAML, and turns the keys of the kind into its neighbours.
	for i, p := range n.pairs {
		switch {
		case i == at:
		case kind.has(p.name):
			d.report(p.pos, fmt.Sprintf("indent it below %q", kind.name), "unknown key %q in %s", p.name, s)
		default:
			d.report(p.pos, "", "unknown key %q in %s, beside %q", p.name, s, kind.name)
		}
	}
	in := kind.read(d, below, s.child(kind.name), n.pairs[at].pos)
	// With its keys beside it instead of below, the kind has none: that was reported already.
	if in == nil && (below.kind != null || len(n.pairs) == 1) {
		d.report(below.pos, "", "expected a mapping of keys for %q, found %s", kind.name, below.found())
	}
	return in
}

// findKind returns the kind of input that the mapping names, and the index of its key.
func (d *decoder) findKind(n *node, s *scope) (*inputKind, int) {
	var kind *inputKind
	at := -1
	for i, p := range n.pairs {
		for k := range inputKinds {
			if inputKinds[k].name != p.name {
				continue
			}
			if kind != nil {
				d.report(p.pos, "begin each with \"- \"", "%s is both %q and %q", s, kind.name, p.name)
				return nil, 0
			}
			kind, at = &inputKinds[k], i
		}
	}
	if kind == nil {
		p := n.pairs[0]
		// Blame the key that looks most like a kind, not whichever comes first.
		for _, q := range n.pairs {
			if nearest.Name(q.name, kindNames()) != "" {
				p = q
				break
			}
		}
		hint := didYouMean(nearest.Name(p.name, kindNames()))
		if hint == "" {
			quoted := make([]string, len(inputKinds))
			for i, name := range kindNames() {
				quoted[i] = strconv.Quote(name)
			}
			hint = "the kinds are " + strings.Replace(joinOr(quoted), " or ", " and ", 1)
		}
		d.report(p.pos, hint, "unknown kind of input %q in %s", p.name, s)
	}
	return kind, at
}
