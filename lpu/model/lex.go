package model

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	tEOF kind = iota
	tIdent
	tNumber
	tString
	tPunct
)

type token struct {
	kind  kind
	text  string
	pos   Pos
	first bool // the first token of its line: its column is the line's indentation
}

// twoChar are the operators of two characters; all others have one.
var twoChar = []string{"==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/="}

const oneChar = "+-*/=<>!?:;,(){}|^"

// lex splits a model file into tokens. It is linear in the text and never fails: what it cannot read is
// reported to bad and left out.
func lex(src string, bad func(Pos, string)) []token {
	var toks []token
	line, lineStart, first := 1, 0, true
	for i := 0; i < len(src); {
		c := src[i]
		pos := Pos{line, utf8.RuneCountInString(src[lineStart:i]) + 1}
		add := func(k kind, text string) {
			toks = append(toks, token{k, text, pos, first})
			first = false
		}
		switch {
		case c == '\n':
			i++
			line, lineStart, first = line+1, i, true
		case c == ' ' || c == '\r':
			i++
		case c == '\t':
			bad(pos, "tab character; indent with spaces, since the indentation says where a section ends")
			i++
		case c == '#':
			for i < len(src) && src[i] != '\n' {
				i++
			}
		case c == '"':
			end := strings.IndexByte(src[i+1:], '"')
			if end < 0 {
				bad(pos, `text is not closed by "`)
				i = len(src)
				break
			}
			text := src[i+1 : i+1+end]
			add(tString, strings.Join(strings.Fields(text), " "))
			if n := strings.Count(text, "\n"); n > 0 {
				line += n
				lineStart = i + 1 + strings.LastIndexByte(text, '\n') + 1
			}
			i += end + 2
		case isLetter(rune(c)):
			j := i + 1
			for j < len(src) && (isLetter(rune(src[j])) || isDigit(src[j])) {
				j++
			}
			add(tIdent, src[i:j])
			i = j
		case isDigit(c) || c == '.' && i+1 < len(src) && isDigit(src[i+1]):
			j := scanNumber(src, i)
			add(tNumber, src[i:j])
			i = j
		default:
			if i+1 < len(src) && slices.Contains(twoChar, src[i:i+2]) {
				add(tPunct, src[i:i+2])
				i += 2
				break
			}
			if strings.IndexByte(oneChar, c) >= 0 {
				add(tPunct, src[i:i+1])
				i++
				break
			}
			r, size := utf8.DecodeRuneInString(src[i:])
			if unicode.IsPrint(r) {
				bad(pos, "unexpected character '"+string(r)+"'")
			} else {
				bad(pos, "unexpected byte; model files are UTF-8 text")
			}
			i += size
		}
	}
	return append(toks, token{tEOF, "end of file", Pos{line, utf8.RuneCountInString(src[lineStart:]) + 1}, true})
}

func isLetter(r rune) bool { return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// scanNumber returns the end of the decimal number that starts at i.
func scanNumber(s string, i int) int {
	digits := func() {
		for i < len(s) && isDigit(s[i]) {
			i++
		}
	}
	digits()
	if i < len(s) && s[i] == '.' {
		i++
		digits()
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		if j < len(s) && isDigit(s[j]) {
			i = j
			digits()
		}
	}
	return i
}
