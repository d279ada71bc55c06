package config

import (
	"strconv"
	"strings"
)

// step is one part of the key of an override: a name, or the index into a list.
type step struct {
	name  string
	index int // -1 for a name
}

// override applies "key=value" texts to the tree, the later ones winning, and returns the new root. The old one stays as
// it is, because aliases may share its parts.
func (d *decoder) override(root *node, texts []string) *node {
	for i, text := range texts {
		pos := Pos{File: "--set " + oneLine(text), Col: i + 1}
		key, value, ok := cutOverride(text)
		if !ok {
			d.report(pos, "as in duration=0.5 or lpus.lpu_0.device=cpu", "expected key=value")
			continue
		}
		steps, ok := overrideSteps(key)
		if !ok {
			d.report(pos, "as in lpus.lpu_0.device or patterns[0].delay", "cannot understand the key %q", key)
			continue
		}
		n := d.overrideValue(value, pos)
		if n == nil {
			continue
		}
		if next := d.set(root, steps, 0, n, pos); next != nil {
			root = dropRival(next, steps)
		}
	}
	return root
}

// cutOverride splits at the first "=" outside quotes, since names of LPUs may hold one.
func cutOverride(text string) (key, value string, ok bool) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == '=' && !quoted:
			return strings.TrimSpace(text[:i]), text[i+1:], i > 0
		}
	}
	return "", "", false
}

// overrideSteps splits `lpus."a.b".inputs[0].value`.
func overrideSteps(key string) ([]step, bool) {
	var out []step
	for first := true; key != "" || first; first = false {
		if !first {
			// An index or a name may follow; a name begins with a dot.
			if key[0] == '[' {
				end := strings.IndexByte(key, ']')
				if end < 0 {
					return nil, false
				}
				i, err := strconv.Atoi(key[1:end])
				if err != nil || i < 0 {
					return nil, false
				}
				out, key = append(out, step{index: i}), key[end+1:]
				continue
			}
			if key[0] != '.' {
				return nil, false
			}
			key = key[1:]
		}
		var name string
		if strings.HasPrefix(key, `"`) {
			end := strings.IndexByte(key[1:], '"')
			if end < 0 {
				return nil, false
			}
			name, key = key[1:end+1], key[end+2:]
		} else {
			end := strings.IndexAny(key, `.["`)
			if end < 0 {
				end = len(key)
			}
			name, key = key[:end], key[end:]
		}
		if name == "" {
			return nil, false
		}
		out = append(out, step{name, -1})
	}
	return out, true
}

// overrideValue parses the value as YAML; all of it is said to stand at the override.
func (d *decoder) overrideValue(value string, pos Pos) *node {
	if fault, bad := notText(pos.File, []byte(value), false); bad {
		d.report(pos, "", "%s", strings.Replace(fault.Msg, "this file", "the value", 1))
		return nil
	}
	at := func(int, int) Pos { return pos }
	docs := d.parseText([]byte(value), at)
	switch {
	case docs == nil:
		return nil
	case len(docs) == 0:
		return &node{kind: null, pos: pos, size: 1}
	case len(docs) > 1:
		d.report(pos, "", "expected one value, found more")
		return nil
	}
	b := &treeBuilder{d: d, at: at, anchors: map[string]*node{}}
	return b.build(docs[0])
}

// set returns a copy of n in which the value below steps[i:] is v, or nil after reporting that there is no such place.
func (d *decoder) set(n *node, steps []step, i int, v *node, pos Pos) *node {
	if i == len(steps) {
		return v
	}
	s := steps[i]
	// Copies along the way down, and only there: the rest of the tree may be shared by aliases, and may be large.
	out := *n
	if s.index >= 0 {
		if n.kind != list && n.kind != null {
			d.report(pos, "", "%q is %s, not a list", stepsText(steps[:i]), n.found())
			return nil
		}
		if s.index >= len(n.items) {
			d.report(pos, "counting begins at 0", "%q has no element %d, it has %d", stepsText(steps[:i]), s.index, len(n.items))
			return nil
		}
		out.items = append([]*node(nil), n.items...)
		next := d.set(n.items[s.index], steps, i+1, v, pos)
		if next == nil {
			return nil
		}
		out.items[s.index] = next
		return &out
	}
	// A key written without a value, as in `checkpoint:`, can be filled from outside.
	if n.kind == null {
		out.kind = mapping
	} else if n.kind != mapping {
		d.report(pos, "", "%q is %s and has no key %q", stepsText(steps[:i]), n.found(), s.name)
		return nil
	}
	out.pairs = append([]pair(nil), n.pairs...)
	for j := range out.pairs {
		if out.pairs[j].name == s.name {
			next := d.set(out.pairs[j].value, steps, i+1, v, pos)
			if next == nil {
				return nil
			}
			out.pairs[j].value = next
			// From here on the key itself was given by the override, which dropRival and messages rely on.
			if i == len(steps)-1 {
				out.pairs[j].pos = pos
			}
			return &out
		}
	}
	// An LPU that is not there is a slip of the pen; any other missing key is one that the file leaves at its default,
	// and the decoder knows whether it may be given.
	if i == 1 && steps[0].name == "lpus" {
		names := make([]string, len(n.pairs))
		for j := range n.pairs {
			names[j] = n.pairs[j].name
		}
		d.report(pos, amongLPUs(s.name, names), "unknown lpu %q", s.name)
		return nil
	}
	next := d.set(&node{kind: null, pos: pos, size: 1}, steps, i+1, v, pos)
	if next == nil {
		return nil
	}
	out.pairs = append(out.pairs, pair{s.name, pos, next})
	return &out
}

// dropRival removes the file's `steps` when an override gives `duration`, and the other way round: the override
// says how long to run. Two overrides still contradict each other.
func dropRival(root *node, steps []step) *node {
	rival := map[string]string{"duration": "steps", "steps": "duration"}[steps[0].name]
	if rival == "" || len(steps) != 1 {
		return root
	}
	out := *root
	out.pairs = nil
	for _, p := range root.pairs {
		if p.name != rival || p.pos.Line == 0 {
			out.pairs = append(out.pairs, p)
		}
	}
	return &out
}

// stepsText writes the beginning of a key again, for messages.
func stepsText(steps []step) string {
	var b strings.Builder
	for i, s := range steps {
		switch {
		case s.index >= 0:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case i > 0:
			b.WriteString("." + s.name)
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}
