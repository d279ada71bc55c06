package plsel

import (
	"fmt"
	"strings"
)

// MaxExpand is the largest number of identifiers that a selector is expanded to. More can be counted and walked.
const MaxExpand = 1 << 24

// maxNesting bounds the depth of parentheses and of alternating + and .+, which are read by recursion.
const maxNesting = 1000

// Parse reads a selector. Text that is empty or blank is the empty selector. The error is a *SyntaxError.
func Parse(text string) (*Selector, error) {
	s := &Selector{text: text}
	if strings.TrimSpace(text) == "" {
		return s, nil
	}
	p := parser{lexer: lexer{text: text}}
	if err := p.valid(); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	root, err := p.list(0)
	if err != nil {
		return nil, err
	}
	if p.cur.Kind != end {
		return nil, p.unexpected(`","`)
	}
	s.root = root
	return s, nil
}

type parser struct {
	lexer
	cur Lexeme // the lexeme to be looked at next
}

func (p *parser) advance() (err error) {
	p.cur, err = p.next()
	return err
}

// unexpected is the error about the present lexeme.
func (p *parser) unexpected(want string) error {
	return p.fail(p.cur.Offset, "unexpected "+p.show(p.cur.Offset), want)
}

// list reads selectors separated by commas.
func (p *parser) list(nesting int) (*node, error) {
	first, err := p.sum(nesting)
	if err != nil || p.cur.Kind != Comma {
		return first, err
	}
	n := combine(listNode, first)
	for p.cur.Kind == Comma {
		if err := p.advance(); err != nil {
			return nil, err
		}
		k, err := p.sum(nesting)
		if err != nil {
			return nil, err
		}
		n.add(k)
	}
	return n, p.deep(n)
}

// sum reads primaries joined by + and .+, from the left.
func (p *parser) sum(nesting int) (*node, error) {
	n, err := p.primary(nesting)
	for err == nil && (p.cur.Kind == Plus || p.cur.Kind == DotPlus) {
		op := p.cur
		if err := p.advance(); err != nil {
			return nil, err
		}
		var right *node
		if right, err = p.primary(nesting); err != nil {
			return nil, err
		}
		if op.Kind == DotPlus {
			n, err = p.pair(n, right, op.Offset)
		} else {
			n = product(n, right)
		}
		if err == nil {
			err = p.deep(n)
		}
	}
	return n, err
}

// primary reads levels side by side, or a group and the levels after it.
func (p *parser) primary(nesting int) (*node, error) {
	var n *node
	switch {
	case p.cur.Kind == LParen:
		if nesting == maxNesting {
			return nil, p.fail(p.cur.Offset, "parentheses nested too deeply", fmt.Sprintf("at most %d", maxNesting))
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		group, err := p.list(nesting + 1)
		if err != nil {
			return nil, err
		}
		if p.cur.Kind != RParen {
			return nil, p.unexpected(`")" or ","`)
		}
		n = group
	case p.cur.Kind.level():
		n = newLevels(newLevel(p.cur))
	default:
		return nil, p.unexpected(`a level such as /name, [0] or [0:10], or "("`)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	for p.cur.Kind.level() {
		n = product(n, newLevels(newLevel(p.cur)))
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	if p.cur.Kind == LParen {
		return nil, p.unexpected(`an operator such as "+" before a group`)
	}
	return n, p.deep(n)
}

func (p *parser) deep(n *node) error {
	if n.depth > 2*maxNesting {
		return p.fail(p.cur.Offset, "groups and operators nested too deeply", fmt.Sprintf("at most %d levels", 2*maxNesting))
	}
	return nil
}

// product returns left+right. Runs of levels are joined and chains kept flat, so that depth does not grow with length.
func product(left, right *node) *node {
	if left.kind == levelsNode && right.kind == levelsNode {
		for _, v := range right.levels {
			left.push(v)
		}
		return left
	}
	if left.kind != productNode {
		return combine(productNode, left, right)
	}
	left.add(right)
	return left
}

// pair returns left.+right.
func (p *parser) pair(left, right *node, offset int) (*node, error) {
	switch {
	case left.ambiguous || right.ambiguous:
		return nil, p.fail(offset, `".+" beside "*" or a range without end`, `a known number of ports on both sides of ".+"`)
	case left.count != right.count:
		return nil, p.fail(offset, fmt.Sprintf(`".+" between %d and %d ports`, left.count, right.count),
			`as many ports on its left as on its right (use "+" to combine each with each)`)
	case left.count > MaxExpand:
		return nil, p.fail(offset, fmt.Sprintf(`".+" between more than %d ports`, MaxExpand), "narrower ranges")
	}
	if left.kind != pairNode {
		return combine(pairNode, left, right), nil
	}
	left.add(right)
	return left, nil
}
