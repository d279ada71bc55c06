package plsel

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where and why a text is not a selector.
type SyntaxError struct {
	Text    string // the whole text
	Offset  int    // of the offending character in Text, in bytes; len(Text) when the text ends too early
	Problem string // what is wrong there
	Want    string // what was expected instead, "" when there is nothing to add
}

// Error returns the problem in one line.
func (e *SyntaxError) Error() string {
	window, _ := e.window()
	s := fmt.Sprintf("invalid selector %q, character %d: %s", window, utf8.RuneCountInString(e.Text[:e.Offset])+1, e.Problem)
	if e.Want != "" {
		s += "; expected " + e.Want
	}
	return s
}

// Caret returns two lines, the text and under it a caret at the offending character, without a line break at the
// end. Of a long text only the neighbourhood of the problem is shown.
func (e *SyntaxError) Caret() string {
	window, column := e.window()
	clean := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' ' // a tab or line break would move the caret away from its character
		}
		return r
	}, window)
	return clean + "\n" + strings.Repeat(" ", column) + "^"
}

// window cuts a long text to what surrounds the problem and returns the problem's column there, in characters.
func (e *SyntaxError) window() (text string, column int) {
	const before, after = 48, 24
	from, to := 0, len(e.Text)
	if e.Offset > before {
		from = e.Offset - before
		for from < e.Offset && !utf8.RuneStart(e.Text[from]) {
			from++
		}
	}
	if to-e.Offset > after {
		to = e.Offset + after
		for to < len(e.Text) && !utf8.RuneStart(e.Text[to]) {
			to++
		}
	}
	text = e.Text[from:to]
	column = utf8.RuneCountInString(e.Text[from:e.Offset])
	if from > 0 {
		text, column = "..."+text, column+3
	}
	if to < len(e.Text) {
		text += "..."
	}
	return text, column
}

// shorten cuts a selector for a message that does not point into it.
func shorten(text string) string {
	const most = 72
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}
