package plsel

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Collapse returns a selector that lists the identifiers one by one: /a/0,/a/1. Expanding it gives them back.
func Collapse(ids []ID) string {
	var b []byte
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		for id != (ID{}) {
			var t Token
			t, id = id.next()
			b = append(b, '/')
			if t.IsInt() {
				b = strconv.AppendInt(b, int64(t.num), 10)
			} else {
				b = append(b, t.name...)
			}
		}
	}
	return string(b)
}

// Compact returns a short selector for the identifiers, with ranges and sets where they can be found: /a/out[0:100].
// Expanding it gives the same identifiers in the same order, repetitions included.
func Compact(ids []ID) string {
	terms := make([]shortTerm, 0, 16)
	deepest := 0
	for i := 0; i < len(ids); {
		n := runLength(ids[i:])
		terms = appendRun(terms, ids[i:i+n])
		deepest = max(deepest, len(terms[len(terms)-1].levels))
		i += n
	}
	for k := deepest - 1; k >= 0; k-- {
		terms = mergeLevel(terms, k)
	}
	texts := make([]string, len(terms))
	for i, t := range terms {
		var b strings.Builder
		for _, l := range t.levels {
			b.WriteString(l.text)
		}
		texts[i] = b.String()
	}
	return strings.Join(texts, ",")
}

// shortTerm is a term under construction. Merging goes from the last level to the first, so that when level k is
// merged, the levels before it are still single tokens.
type shortTerm struct{ levels []shortLevel }

type shortLevel struct {
	text string // as in the selector; equal texts stand for the same tokens
	tok  Token  // while the level is a single token
	many bool
}

func single(t Token) shortLevel { return shortLevel{text: t.String(), tok: t} }

// runLength returns how many identifiers at the beginning differ only in a last integer that counts up. The largest
// integer is left out, because no range can end after it.
func runLength(ids []ID) int {
	n := 1
	for n < len(ids) && ids[0].tail != 0 && ids[n].tail != ^math.MaxInt && ids[n].tail != 0 && ids[n].tail == ids[n-1].tail-1 && ids[n].head == ids[0].head {
		n++
	}
	return n
}

// shortestRange is the smallest number of integers worth leaving a set for a range of their own.
const shortestRange = 4

// appendRun appends the terms of a run: one, or one for each identifier if the run is so short that a set may serve
// better.
func appendRun(terms []shortTerm, run []ID) []shortTerm {
	if len(run) < shortestRange {
		for _, id := range run {
			terms = append(terms, singles(id))
		}
		return terms
	}
	t := singles(run[0])
	t.levels[len(t.levels)-1] = rangeLevel(^run[0].tail, len(run))
	return append(terms, t)
}

func singles(id ID) shortTerm {
	t := shortTerm{levels: make([]shortLevel, 0, 4)}
	for id != (ID{}) {
		var tok Token
		tok, id = id.next()
		t.levels = append(t.levels, single(tok))
	}
	return t
}

func rangeLevel(first, count int) shortLevel {
	return shortLevel{text: fmt.Sprintf("[%d:%d]", first, first+count), many: true}
}

// mergeLevel joins neighbouring terms that differ in level k only.
func mergeLevel(terms []shortTerm, k int) []shortTerm {
	merged := terms[:0] // never ahead of the terms still to be read
	for i := 0; i < len(terms); {
		n := 1
		for i+n < len(terms) && alike(terms[i], terms[i+n], k) {
			n++
		}
		if n == 1 {
			merged = append(merged, terms[i])
			i++
			continue
		}
		toks := make([]Token, n)
		for j := range n {
			toks[j] = terms[i+j].levels[k].tok
		}
		first := terms[i].levels
		for _, l := range mergeTokens(toks) {
			levels := slices.Clone(first)
			levels[k] = l
			merged = append(merged, shortTerm{levels})
		}
		i += n
	}
	return merged
}

// alike tells whether two terms may be merged at level k.
func alike(a, b shortTerm, k int) bool {
	if len(a.levels) != len(b.levels) || len(a.levels) <= k {
		return false
	}
	for i, l := range a.levels {
		m := b.levels[i]
		if i == k {
			if l.many || m.many || l.tok.IsInt() != m.tok.IsInt() {
				return false
			}
		} else if l.text != m.text {
			return false
		}
	}
	return true
}

// mergeTokens makes as few levels as possible of tokens of one type: a single one, a range, a set, or several of them.
func mergeTokens(toks []Token) []shortLevel {
	var levels []shortLevel
	pending := 0 // tokens before i that will go into a set
	for i := 0; i < len(toks); {
		n := 1
		for toks[i].IsInt() && i+n < len(toks) && toks[i+n].num < math.MaxInt && toks[i+n].num == toks[i].num+n {
			n++
		}
		if n < shortestRange && n < len(toks) {
			pending += n
			i += n
			continue
		}
		if pending > 0 {
			levels = append(levels, setLevel(toks[i-pending:i]))
			pending = 0
		}
		levels = append(levels, rangeLevel(toks[i].num, n))
		i += n
	}
	if pending > 0 {
		levels = append(levels, setLevel(toks[len(toks)-pending:]))
	}
	return levels
}

// setLevel returns the level of tokens of one type.
func setLevel(toks []Token) shortLevel {
	if len(toks) == 1 {
		return single(toks[0])
	}
	var b strings.Builder
	if !toks[0].IsInt() {
		b.WriteByte('/')
	}
	for i, t := range toks {
		if i == 0 {
			b.WriteByte('[')
		} else {
			b.WriteByte(',')
		}
		if t.IsInt() {
			b.WriteString(strconv.Itoa(t.num))
		} else {
			b.WriteString(t.name)
		}
	}
	b.WriteByte(']')
	return shortLevel{text: b.String(), many: true}
}
