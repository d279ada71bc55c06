package config

import (
	"slices"
	"strconv"
)

// Pos is where something was written: a place in the configuration file, or a `--set` of the command line, for
// which File holds the words `--set key=value` and Line is 0.
type Pos struct {
	File string
	Line int // from 1; 0 for an override
	Col  int // from 1, in characters; for an override, its number among them
}

// String returns "file:line:col", the form that editors and terminals make clickable.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// before orders positions as a reader meets them: the file first, then the overrides in the order given.
func (p Pos) before(q Pos) bool {
	switch {
	case (p.Line == 0) != (q.Line == 0):
		return q.Line == 0
	case p.Line != q.Line:
		return p.Line < q.Line
	default:
		return p.Col < q.Col
	}
}

// Place remembers where an entry of the configuration stands and where each of its keys was given, so that later
// stages can point at the very value they object to. Every struct of this package embeds one.
type Place struct {
	Pos   Pos // of the entry itself: its name, or its first key
	given []givenKey
	meant []string // keys that unknown ones seem to be
}

type givenKey struct {
	name string
	val  Pos
}

// At returns the position of the value of a key, or that of the whole entry when the key was not given.
func (p *Place) At(key string) Pos {
	for i := range p.given {
		if p.given[i].name == key {
			return p.given[i].val
		}
	}
	return p.Pos
}

// intended reports whether the key was given or an unknown key seems to be it, which is fault enough without the key
// being reported as missing.
func (p *Place) intended(key string) bool { return p.Given(key) || slices.Contains(p.meant, key) }

// Given reports whether the key was written, as opposed to filled in by default.
func (p *Place) Given(key string) bool {
	for i := range p.given {
		if p.given[i].name == key {
			return true
		}
	}
	return false
}
