package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
)

// Keys that may change between a run and the one that goes on from its checkpoint: they decide on how long and where it runs
// and on what is told and drawn, not on what is computed or stands in recordings.
var (
	passingTop    = []string{"duration", "steps", "plots", "checkpoint", "watchdog"}
	passingLPU    = []string{"device", "threads", "debug"}
	passingOutput = []string{"flush"}
)

// Lasting returns what must stay the same where a run is resumed, as JSON: the resolved configuration without keys that may
// change, and the passes of the compiler that are left out.
func (c *Config) Lasting(without []string) ([]byte, error) {
	text, err := json.Marshal(c.Resolved())
	if err != nil {
		return nil, err
	}
	whole, err := exactly(text)
	top, _ := whole.(map[string]any)
	if err != nil {
		return nil, err
	}
	drop(top, passingTop)
	lpus, _ := top["lpus"].(map[string]any)
	for _, l := range lpus {
		one, _ := l.(map[string]any)
		drop(one, passingLPU)
		outputs, _ := one["outputs"].([]any)
		for _, o := range outputs {
			out, _ := o.(map[string]any)
			drop(out, passingOutput)
		}
	}
	if len(without) > 0 {
		passes := slices.Clone(without)
		sort.Strings(passes)
		top["passes left out"] = passes
	}
	return json.Marshal(top)
}

// exactly reads JSON and keeps its numbers as they are written: a seed may have more digits than a float64 holds.
func exactly(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

func drop(m map[string]any, keys []string) {
	for _, k := range keys {
		delete(m, k)
	}
}

// mostDifferences is how many differences are told.
const mostDifferences = 4

// Differences says in which keys two texts of Lasting differ, and which values they have there.
func Differences(was, is []byte) []string {
	a, errA := exactly(was)
	b, errB := exactly(is)
	if errA != nil || errB != nil {
		return []string{"what was run then cannot be read"}
	}
	var out []string
	compare("", a, b, func(text string) {
		if len(out) == mostDifferences {
			text = "and more"
		}
		if len(out) <= mostDifferences {
			out = append(out, text)
		}
	})
	return out
}

func compare(key string, a, b any, tell func(string)) {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		all := maps.Clone(x)
		maps.Copy(all, y)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			one := name
			if key != "" {
				one = key + "." + name
			}
			v, was := x[name]
			w, is := y[name]
			switch {
			case !was:
				tell("there was no " + one)
			case !is:
				tell("there is no " + one + " any more")
			default:
				compare(one, v, w, tell)
			}
		}
		return
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			break
		}
		for i := range x {
			compare(fmt.Sprintf("%s[%d]", key, i), x[i], y[i], tell)
		}
		return
	}
	v, _ := json.Marshal(a)
	w, _ := json.Marshal(b)
	if string(v) != string(w) {
		tell(fmt.Sprintf("%s was %s and is %s", key, short(v), short(w)))
	}
}

// short cuts a value that nobody would read.
func short(v []byte) string {
	const most = 60
	if len(v) > most {
		return string(v[:most]) + "..."
	}
	return string(v)
}
