package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nkrun/nkrun/lpu/graph"
)

// WhereError is what is wrong with a condition.
type WhereError struct {
	Text   string
	Column int // in characters, from 1
	Msg    string
}

// Error returns the place and the fault, and below them the condition with a caret under the place.
func (e *WhereError) Error() string {
	shown := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, e.Text)
	return fmt.Sprintf("condition %q, column %d: %s\n    %s\n    %s^", e.Text, e.Column, e.Msg, shown, strings.Repeat(" ", e.Column-1))
}

// test tells whether a condition holds for a row, given its cells.
type test func(cell func(column int) graph.Value) bool

// operators in the order in which they are looked for: the longer first.
var operators = []string{"==", "!=", "<=", ">=", "<", ">"}

const operatorList = "== != < <= > >= startswith in"

// maxDepth bounds parentheses inside parentheses.
const maxDepth = 100

// parser reads one condition.
type parser struct {
	text  string
	pos   int
	depth int
	find  func(name string) (column int, err error)
}

// parseWhere reads a condition; find gives the numbers of columns.
func parseWhere(text string, find func(string) (int, error)) (test, error) {
	p := &parser{text: text, find: find}
	t, err := p.any()
	if err != nil {
		return nil, err
	}
	if p.spaces(); p.pos < len(p.text) {
		return nil, p.errorf(p.pos, "unexpected %q", p.text[p.pos:p.pos+1])
	}
	return t, nil
}

func (p *parser) errorf(at int, format string, args ...any) error {
	return &WhereError{p.text, utf8.RuneCountInString(p.text[:at]) + 1, fmt.Sprintf(format, args...)}
}

func (p *parser) spaces() {
	p.pos = len(p.text) - len(strings.TrimLeft(p.text[p.pos:], " \t\r\n"))
}

// word takes one of the given words or signs if it comes next. A word ends where a name would.
func (p *parser) word(words ...string) bool {
	p.spaces()
	for _, w := range words {
		if n := p.wordAt(p.pos, w); n > 0 {
			p.pos += n
			return true
		}
	}
	return false
}

// wordAt returns the length of a word if it stands at a place, else 0.
func (p *parser) wordAt(at int, word string) int {
	rest, found := strings.CutPrefix(p.text[at:], word)
	if !found || unicode.IsLetter(rune(word[0])) && rest != "" && !strings.ContainsAny(rest[:1], " \t\r\n()[]'\"") {
		return 0
	}
	return len(word)
}

// any reads conditions joined by or.
func (p *parser) any() (test, error) {
	return p.joined(p.all, []string{"or", "||"}, true)
}

// all reads conditions joined by and.
func (p *parser) all() (test, error) {
	return p.joined(p.one, []string{"and", "&&"}, false)
}

// joined reads conditions joined by a word, which are true together once one of them is decisive.
func (p *parser) joined(part func() (test, error), by []string, decisive bool) (test, error) {
	first, err := part()
	if err != nil {
		return nil, err
	}
	tests := []test{first}
	for p.word(by...) {
		t, err := part()
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	if len(tests) == 1 {
		return first, nil
	}
	return func(cell func(int) graph.Value) bool {
		for _, t := range tests {
			if t(cell) == decisive {
				return decisive
			}
		}
		return !decisive
	}, nil
}

// one reads a comparison, a condition in parentheses, or the opposite of either.
func (p *parser) one() (test, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf(p.pos, "more than %d conditions inside each other", maxDepth)
	}
	defer func() { p.depth-- }()
	if p.word("not") {
		t, err := p.one()
		if err != nil {
			return nil, err
		}
		return func(cell func(int) graph.Value) bool { return !t(cell) }, nil
	}
	open := p.pos
	if !p.word("(") {
		return p.comparison()
	}
	t, err := p.any()
	if err != nil {
		return nil, err
	}
	if !p.word(")") {
		return nil, p.errorf(open, "this parenthesis is never closed")
	}
	return t, nil
}

// comparison reads COLUMN OPERATOR VALUE.
func (p *parser) comparison() (test, error) {
	p.spaces()
	at := p.pos
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, p.errorf(at, "expected COLUMN OPERATOR VALUE, as in class == LeakyIAF")
	}
	column, err := p.find(name)
	if err != nil {
		return nil, p.errorf(at, "%s", err)
	}
	p.spaces()
	at = p.pos
	switch {
	case p.word("in"):
		return p.list(column, true)
	case p.word("not"):
		if !p.word("in") {
			return nil, p.errorf(p.pos, `expected in behind not`)
		}
		return p.list(column, false)
	case p.word("startswith"):
		v, err := p.value("")
		return func(cell func(int) graph.Value) bool {
			c := cell(column)
			return !c.IsZero() && strings.HasPrefix(c.Text(), v.text)
		}, err
	}
	for _, op := range operators {
		if !p.word(op) {
			continue
		}
		p.spaces()
		at := p.pos
		v, err := p.value("")
		if err == nil && op[0] != '=' && op[0] != '!' && !v.isNumber {
			err = p.errorf(at, "%s compares numbers, but %q is none", op, v.text)
		}
		return func(cell func(int) graph.Value) bool { return v.compare(cell(column), op) }, err
	}
	switch {
	case p.word("="):
		return nil, p.errorf(at, "= is no operator; did you mean ==?")
	case at == len(p.text):
		return nil, p.errorf(at, "expected an operator (%s) behind %q; a text that holds and or or needs quotes", operatorList, name)
	}
	return nil, p.errorf(at, "expected an operator (%s) behind %q, found %q", operatorList, name, firstWord(p.text[at:]))
}

func firstWord(text string) string { return strings.Fields(text + " .")[0] }

// name reads the name of a column.
func (p *parser) name() (string, error) {
	if p.pos < len(p.text) && (p.text[p.pos] == '"' || p.text[p.pos] == '\'') {
		return p.quoted()
	}
	n := strings.IndexAny(p.text[p.pos:], " \t\r\n=!<>()[],'\"")
	if n < 0 {
		n = len(p.text) - p.pos
	}
	p.pos += n
	return p.text[p.pos-n : p.pos], nil
}

// quoted reads a text in quotes.
func (p *parser) quoted() (string, error) {
	open := p.pos
	end := strings.IndexByte(p.text[open+1:], p.text[open])
	if end < 0 {
		return "", p.errorf(open, "the quote that opens here is never closed")
	}
	p.pos = open + end + 2
	return p.text[open+1 : p.pos-1], nil
}

// list reads the values behind in, in parentheses or brackets.
func (p *parser) list(column int, inside bool) (test, error) {
	p.spaces()
	open := p.pos
	closing := ")"
	if !p.word("(") {
		if closing = "]"; !p.word("[") {
			return nil, p.errorf(p.pos, "expected a list such as (a, b) behind in")
		}
	}
	var values []operand
	for len(values) == 0 || p.word(",") {
		v, err := p.value("," + closing)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	if !p.word(closing) {
		return nil, p.errorf(open, "this list is never closed")
	}
	return func(cell func(int) graph.Value) bool {
		c := cell(column)
		for i := range values {
			if values[i].compare(c, "==") {
				return inside
			}
		}
		return !inside
	}, nil
}

// value reads what a column is compared with: a text in quotes, or what stands up to one of the given signs, an unmatched
// parenthesis, and, or or the end.
func (p *parser) value(ends string) (operand, error) {
	p.spaces()
	at := p.pos
	if at < len(p.text) && (p.text[at] == '"' || p.text[at] == '\'') {
		text, err := p.quoted()
		return operand{text: text}, err
	}
	open := 0 // parentheses and brackets that the value has opened itself
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		if open == 0 && (c == ')' || strings.IndexByte(ends, c) >= 0 || p.joins(p.pos)) {
			break
		}
		switch c {
		case '(', '[':
			open++
		case ')', ']':
			open = max(open-1, 0)
		}
	}
	text := strings.TrimSpace(p.text[at:p.pos])
	if text == "" {
		return operand{}, p.errorf(at, "expected a value")
	}
	return newOperand(text), nil
}

// joins tells whether what joins conditions begins at a place: a sign, or a word that is not the end of a longer one.
func (p *parser) joins(at int) bool {
	if p.wordAt(at, "&&") > 0 || p.wordAt(at, "||") > 0 {
		return true
	}
	begins := at == 0 || strings.IndexByte(" \t\r\n()[]'\"", p.text[at-1]) >= 0
	return begins && (p.wordAt(at, "and") > 0 || p.wordAt(at, "or") > 0)
}
