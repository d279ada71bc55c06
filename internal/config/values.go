package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Types of value are named by what a user would call them: the name is what messages and the help page say.

// numberWhere is a number that passes a test; what says which.
func numberWhere(what string, ok func(float64) bool) value[float64] {
	return value[float64]{
		what: what,
		read: func(_ *decoder, n *node, _ *scope) (float64, bool) {
			v, isNumber := n.number()
			return v, isNumber && ok(v)
		},
		show: func(v float64) any { return v },
	}
}

func isAny(float64) bool           { return true }
func isPositive(v float64) bool    { return v > 0 }
func isNotNegative(v float64) bool { return v >= 0 }

var (
	number          = numberWhere("a number", isAny)
	seconds         = numberWhere("a number of seconds", isAny)
	positiveSeconds = numberWhere("a positive number of seconds", isPositive)
	laterSeconds    = numberWhere("a number of seconds >= 0", isNotNegative)
	frequency       = numberWhere("a number of Hz >= 0", isNotNegative)
	radians         = numberWhere("a number of radians", isAny)
	probability     = numberWhere("a probability from 0 to 1", func(v float64) bool { return v >= 0 && v <= 1 })
	inches          = numberWhere("a positive number of inches", isPositive)
)

// stopSeconds is a time or the word "end", which stands for plus infinity: later than every step.
var stopSeconds = value[float64]{
	what: "a number of seconds or \"end\"",
	read: func(_ *decoder, n *node, _ *scope) (float64, bool) {
		if n.kind == scalar && n.text == "end" {
			return math.Inf(1), true
		}
		return n.number()
	},
	show: func(v float64) any {
		if math.IsInf(v, 1) {
			return "end"
		}
		return v
	},
}

// integer reads whole numbers; 1e4 is one.
func integer(what string, least int) value[int] {
	return value[int]{
		what: what,
		read: func(_ *decoder, n *node, _ *scope) (int, bool) {
			v, ok := n.number()
			// Beyond 2^53 the neighbouring whole numbers are lost; no count here comes near.
			if !ok || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
				return 0, false
			}
			return int(v), int(v) >= least
		},
		show: func(v int) any { return v },
	}
}

var (
	countOfSteps = integer("a number of steps >= 1", 1)
	count        = integer("a whole number >= 1", 1)
)

// seed takes the whole range of 64 bits, which a number in floating point does not have.
var seed = value[uint64]{
	what: "a whole number >= 0",
	read: func(_ *decoder, n *node, _ *scope) (uint64, bool) {
		if _, ok := n.number(); !ok {
			return 0, false
		}
		v, err := strconv.ParseUint(n.text, 10, 64)
		return v, err == nil
	},
	show: func(v uint64) any { return v },
}

// truth takes only the two words that all versions of YAML agree on, and says what to write for the others.
var truth = value[bool]{
	what: "true or false",
	read: func(_ *decoder, n *node, _ *scope) (bool, bool) { return n.boolean() },
	hint: func(n *node) string {
		switch strings.ToLower(n.text) {
		case "yes", "on":
			return "write true"
		case "no", "off":
			return "write false"
		}
		return ""
	},
	show: func(v bool) any { return v },
}

// duration is a stretch of wall-clock time.
var duration = value[time.Duration]{
	what: "a positive number of seconds or a duration like 90s, 10m or 1h30m",
	read: func(_ *decoder, n *node, _ *scope) (time.Duration, bool) {
		if v, ok := n.number(); ok {
			ns := v * float64(time.Second)
			return time.Duration(ns), ns >= 1 && ns < math.MaxInt64
		}
		if n.kind != scalar {
			return 0, false
		}
		v, err := time.ParseDuration(n.text)
		return v, err == nil && v > 0
	},
	show: func(v time.Duration) any { return v.Seconds() },
}

// pace is a duration, or a number of steps with its unit, since a number alone is one of seconds.
var pace = value[Pace]{
	what: "a duration like 90s, 10m or 1h30m, a number of seconds, or a number of steps like \"5000 steps\"",
	read: func(d *decoder, n *node, s *scope) (Pace, bool) {
		if words := strings.Fields(n.text); n.kind == scalar && len(words) == 2 && (words[1] == "steps" || words[1] == "step") {
			steps, err := strconv.Atoi(words[0])
			return Pace{EverySteps: steps}, err == nil && steps > 0
		}
		every, ok := duration.read(d, n, s)
		return Pace{Every: every}, ok
	},
	show: func(v Pace) any {
		if v.EverySteps > 0 {
			return strconv.Itoa(v.EverySteps) + " steps"
		}
		return duration.show(v.Every)
	},
}

// oneOf is a word out of a few.
func oneOf(words ...string) value[string] {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	return value[string]{
		what: joinOr(quoted),
		read: func(_ *decoder, n *node, _ *scope) (string, bool) {
			for _, w := range words {
				if n.kind == scalar && n.text == w {
					return w, true
				}
			}
			return "", false
		},
		hint: func(n *node) string { return didYouMean(nearest.Name(n.text, words)) },
		show: showWord,
	}
}

// joinOr writes words as "a, b or c".
func joinOr(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func showWord(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// caption is free text for people; a bare number or truth value is text too.
var caption = value[string]{
	what: "a text",
	read: func(_ *decoder, n *node, _ *scope) (string, bool) { return n.text, n.kind == scalar },
	show: func(v string) any { return v },
}

// textOf is a non-empty text with its position, such as a selector.
func textOf(what string) value[Text] {
	return value[Text]{
		what: what,
		read: func(_ *decoder, n *node, _ *scope) (Text, bool) {
			_, isNumber := n.number()
			_, isTruth := n.boolean()
			return Text{n.text, n.pos}, n.kind == scalar && n.text != "" && !isNumber && !isTruth
		},
		show: func(v Text) any { return showWord(v.Value) },
	}
}

var (
	selector     = textOf("a port selector")
	variableName = textOf("the name of a variable")
	kindName     = textOf("the name of a kind")
	modelName    = textOf("the name of a model")
)

// device names a place; whether this machine has it is for the broker to find out.
var device = value[Device]{
	what: `"auto", "cpu", "gpu" or "gpu:N"`,
	read: func(_ *decoder, n *node, _ *scope) (Device, bool) {
		if n.kind != scalar {
			return Device{}, false
		}
		dev := Device{Index: AnyGPU, Pos: n.pos}
		switch {
		case n.text == "auto":
		case n.text == "cpu":
			dev.Kind = DeviceCPU
		case n.text == "gpu":
			dev.Kind = DeviceGPU
		case strings.HasPrefix(n.text, "gpu:"):
			i, err := strconv.ParseUint(n.text[len("gpu:"):], 10, 16)
			if err != nil {
				return Device{}, false
			}
			dev.Kind, dev.Index = DeviceGPU, int(i)
		default:
			return Device{}, false
		}
		return dev, true
	},
	hint: func(n *node) string {
		if strings.HasPrefix(n.text, "gpu:") {
			return "N is the number of a GPU, counted from 0"
		}
		return didYouMean(nearest.Name(n.text, []string{"auto", "cpu", "gpu"}))
	},
	show: func(v Device) any { return v.String() },
}

// CheckDevice says what is wrong with the name of a device, as the key device takes it.
func CheckDevice(name string) error {
	n := &node{kind: scalar, text: name}
	if _, ok := device.read(nil, n, nil); ok {
		return nil
	}
	hint := device.hint(n)
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Errorf("expected %s, found %q%s", device.what, name, hint)
}

// limits is the range of an axis.
var limits = value[Limits]{
	what: "two numbers [from, to] or \"auto\"",
	read: func(_ *decoder, n *node, _ *scope) (Limits, bool) {
		if n.kind == scalar && n.text == "auto" {
			return Limits{Auto: true}, true
		}
		if n.kind != list || len(n.items) != 2 {
			return Limits{}, false
		}
		lo, ok1 := n.items[0].number()
		hi, ok2 := n.items[1].number()
		return Limits{Lo: lo, Hi: hi}, ok1 && ok2 && lo < hi
	},
	show: func(v Limits) any {
		if v.Auto {
			return "auto"
		}
		return []float64{v.Lo, v.Hi}
	},
}

// freeMap is a mapping that this package does not look into.
var freeMap = value[Params]{
	what:  "a mapping of names to values",
	empty: true,
	read: func(_ *decoder, n *node, _ *scope) (Params, bool) {
		if n.kind != mapping {
			return Params{}, false
		}
		p := Params{Place: Place{Pos: n.pos}, Values: map[string]any{}}
		for _, kv := range n.pairs {
			p.given = append(p.given, givenKey{kv.name, kv.value.pos})
			p.Values[kv.name] = kv.value.free()
		}
		return p, true
	},
	show: func(v Params) any {
		if v.Values == nil {
			return nil
		}
		return v.Values
	},
}
