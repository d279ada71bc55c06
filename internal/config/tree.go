package config

import (
	"math"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// node is a value of the YAML text with aliases and merge keys already resolved, so that the decoder knows three
// kinds of value only.
type node struct {
	kind  nodeKind
	pos   Pos
	text  string  // of a scalar, as written, without quotes
	quote bool    // the scalar is a text whatever it looks like
	items []*node // of a list
	pairs []pair  // of a mapping, in the order of the file
	size  int     // number of nodes in it, aliases expanded
	// broken marks a null that stands for a value with a fault already reported.
	broken bool
}

type nodeKind int

const (
	scalar nodeKind = iota
	list
	mapping
	null
)

// pair is one "key: value" of a mapping.
type pair struct {
	name  string
	pos   Pos // of the key
	value *node
}

// get returns the value of a key, or nil.
func (n *node) get(name string) *node {
	for i := range n.pairs {
		if n.pairs[i].name == name {
			return n.pairs[i].value
		}
	}
	return nil
}

// found describes the node for messages: "expected a number, found ...".
func (n *node) found() string {
	switch n.kind {
	case null:
		return "nothing"
	case list:
		if len(n.items) == 0 {
			return "an empty list"
		}
		return "a list"
	case mapping:
		if len(n.pairs) == 0 {
			return "an empty mapping"
		}
		return "a mapping of keys"
	}
	if _, ok := n.number(); ok {
		return "the number " + n.text
	}
	if _, ok := n.boolean(); ok {
		return "the truth value " + n.text
	}
	text := []rune(n.text)
	if len(text) > 60 {
		text = append(text[:57], '.', '.', '.')
	}
	return "the text " + strconv.Quote(string(text))
}

// number returns the finite number that an unquoted scalar stands for. Notations that other readers of YAML take
// differently (octal, hexadecimal, underscores) are not numbers here.
func (n *node) number() (float64, bool) {
	if n.kind != scalar || n.quote || !decimal(n.text) {
		return 0, false
	}
	v, err := strconv.ParseFloat(n.text, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// decimal keeps the words and notations that strconv takes for numbers out: "inf", "nan", "0x1p-2".
func decimal(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '+', c == '-', c == '.', c == 'e', c == 'E':
		default:
			return false
		}
	}
	return true
}

// boolean returns the truth value of an unquoted scalar.
func (n *node) boolean() (value, ok bool) {
	if n.kind != scalar || n.quote {
		return false, false
	}
	switch n.text {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// free returns the value as plain Go data, for maps that only a user's own code understands.
func (n *node) free() any {
	switch n.kind {
	case null:
		return nil
	case list:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.free()
		}
		return out
	case mapping:
		out := make(map[string]any, len(n.pairs))
		for _, p := range n.pairs {
			out[p.name] = p.value.free()
		}
		return out
	}
	if b, ok := n.boolean(); ok {
		return b
	}
	if v, ok := n.number(); ok {
		if i, err := strconv.ParseInt(n.text, 10, 64); err == nil {
			return i
		}
		return v
	}
	return n.text
}

// aliasLimit bounds what aliases may expand to: nested aliases grow exponentially with the size of the file.
const aliasLimit = 1_000_000

// treeBuilder turns the parser's tree into nodes.
type treeBuilder struct {
	d       *decoder
	at      func(line, col int) Pos
	anchors map[string]*node
	aliased int // nodes added by aliases so far
}

func (b *treeBuilder) pos(n ast.Node) Pos {
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return b.at(tk.Position.Line, tk.Position.Column)
	}
	return b.at(1, 1)
}

// build converts one value. Faults are reported and leave a null in place, so that the rest is still checked.
func (b *treeBuilder) build(n ast.Node) *node {
	if n == nil {
		return &node{kind: null, pos: b.at(1, 1), size: 1}
	}
	out := &node{kind: scalar, pos: b.pos(n), size: 1}
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = null
	case *ast.StringNode:
		out.text = n.Value
		out.quote = n.Token != nil && isQuoted(n.Token.Type.String())
	case *ast.LiteralNode:
		out.quote = true
		if n.Value != nil {
			out.text = n.Value.Value
		}
	case *ast.SequenceNode:
		out.kind = list
		out.items = make([]*node, 0, len(n.Values))
		for _, v := range n.Values {
			item := b.build(v)
			out.items = append(out.items, item)
			out.size += item.size
		}
	case *ast.MappingNode:
		b.buildMapping(out, n.Values, n.IsFlowStyle)
	case *ast.MappingValueNode:
		b.buildMapping(out, []*ast.MappingValueNode{n}, false)
	case *ast.AnchorNode:
		value := b.build(n.Value)
		b.anchors[nameOf(n.Name)] = value
		return value
	case *ast.AliasNode:
		return b.alias(n, out)
	case *ast.TagNode:
		return b.tagged(n, out)
	default:
		tk := n.GetToken()
		if _, ok := n.(ast.ScalarNode); !ok || tk == nil {
			b.d.report(out.pos, "", "expected a value here")
			out.kind, out.broken = null, true
			break
		}
		// Numbers and truth values keep their written form: a uid 007 is not the number 7.
		out.text = tk.Value
	}
	return out
}

func isQuoted(tokenType string) bool { return tokenType == "SingleQuote" || tokenType == "DoubleQuote" }

// nameOf returns the name of an anchor or alias.
func nameOf(n ast.Node) string {
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

func (b *treeBuilder) alias(n *ast.AliasNode, out *node) *node {
	name := nameOf(n.Value)
	value, ok := b.anchors[name]
	if !ok {
		out.kind, out.broken = null, true
		b.d.report(out.pos, "an anchor &"+name+" must stand before it", "unknown alias *%s", name)
		return out
	}
	if b.aliased += value.size; b.aliased > aliasLimit {
		out.kind, out.broken = null, true
		b.d.reportOnce(out.pos, "write the values out", "aliases expand to more than %d values", aliasLimit)
		return out
	}
	return value
}

func (b *treeBuilder) tagged(n *ast.TagNode, out *node) *node {
	value := b.build(n.Value)
	switch tag := n.GetToken().Value; tag {
	case "!!str":
		text := *value
		text.quote = true
		return &text
	case "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq":
		return value
	default:
		b.d.report(out.pos, "remove it", "the tag %s means nothing here", tag)
		return value
	}
}

// buildMapping fills out with the pairs, the merged ones last.
func (b *treeBuilder) buildMapping(out *node, values []*ast.MappingValueNode, flow bool) {
	out.kind = mapping
	out.pairs = make([]pair, 0, len(values))
	var merged []*node
	seen := newNameSet(len(values))
	for i, v := range values {
		keyPos, name, isMerge, ok := b.key(v.Key)
		if i == 0 && !flow {
			out.pos = keyPos // the parser gives the colon
		}
		value := b.build(v.Value)
		out.size += value.size
		switch {
		case !ok:
			b.d.report(keyPos, "", "expected a name as key")
		case isMerge:
			merged = append(merged, b.mergeSources(value)...)
		case seen.add(name):
			if value.kind == null && value.pos.Line == 0 {
				value.pos = keyPos
			}
			out.pairs = append(out.pairs, pair{name, keyPos, value})
		default:
			first := b.firstOf(out, name)
			b.d.report(keyPos, "remove one", "duplicate key %q, first given on line %d", name, first.Line)
		}
	}
	for _, m := range merged {
		for _, p := range m.pairs {
			if seen.add(p.name) {
				out.pairs = append(out.pairs, p)
			}
		}
	}
}

func (b *treeBuilder) firstOf(n *node, name string) Pos {
	for _, p := range n.pairs {
		if p.name == name {
			return p.pos
		}
	}
	return n.pos
}

// mergeSources returns the mappings that a merge key `<<` names, one or a list of them.
func (b *treeBuilder) mergeSources(value *node) []*node {
	sources := []*node{value}
	switch value.kind {
	case null:
		return nil // nothing to merge, or an alias already reported
	case list:
		sources = value.items
	}
	out := sources[:0:0]
	for _, s := range sources {
		if s.kind != mapping {
			b.d.report(value.pos, "", "expected an alias of a mapping after \"<<\", found %s", s.found())
			continue
		}
		out = append(out, s)
	}
	return out
}

// key returns the position and text of a key.
func (b *treeBuilder) key(k ast.MapKeyNode) (at Pos, name string, isMerge, ok bool) {
	at = b.pos(k)
	if k.IsMergeKey() {
		return at, "<<", true, true
	}
	var n ast.Node = k
	if mk, is := n.(*ast.MappingKeyNode); is {
		n = mk.Value
	}
	if n == nil {
		return at, "", false, false
	}
	switch s := n.(type) {
	case *ast.StringNode:
		return b.pos(s), s.Value, false, true
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode, *ast.LiteralNode:
		return at, "", false, false
	case ast.ScalarNode: // a number, for example
		if tk := s.GetToken(); tk != nil {
			return b.pos(s), tk.Value, false, true
		}
	}
	return at, "", false, false
}

// nameSet finds repeated names: by looking through the few of an ordinary mapping, by a map for a long one.
type nameSet struct {
	few  []string
	many map[string]struct{}
}

func newNameSet(n int) *nameSet {
	if n > 16 {
		return &nameSet{many: make(map[string]struct{}, n)}
	}
	return &nameSet{few: make([]string, 0, n)}
}

// add reports whether the name is new.
func (s *nameSet) add(name string) bool {
	if s.many != nil {
		_, old := s.many[name]
		s.many[name] = struct{}{}
		return !old
	}
	for _, f := range s.few {
		if f == name {
			return false
		}
	}
	s.few = append(s.few, name)
	return true
}
