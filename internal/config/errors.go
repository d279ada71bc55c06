package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Error is one fault of a configuration.
type Error struct {
	Pos     Pos
	Msg     string // what is wrong and what was expected
	Hint    string // the remedy or the nearest valid name; may be empty
	Excerpt string // the source line with a caret below the fault; empty for a fault in an override
}

// Error returns the position, the message and the hint on one line, and the excerpt, if any, on the lines below.
func (e Error) Error() string {
	s := e.Pos.String() + ": " + e.Msg
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	if e.Excerpt != "" {
		s += "\n" + e.Excerpt
	}
	return s
}

// Errors is every fault found in a configuration, in the order of the file.
type Errors []Error

// Error returns all faults, each as Error.Error prints it.
func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i := range e {
		parts[i] = e[i].Error()
	}
	return strings.Join(parts, "\n")
}

// Unwrap lets errors.As find a single Error among them.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i := range e {
		out[i] = e[i]
	}
	return out
}

// Sort brings the faults into the order of the file and drops those said twice, which happens when a faulty block
// is used again through a YAML alias.
func (e Errors) Sort() Errors {
	slices.SortStableFunc(e, func(a, b Error) int {
		switch {
		case a.Pos.before(b.Pos):
			return -1
		case b.Pos.before(a.Pos):
			return 1
		}
		return 0
	})
	type said struct {
		pos Pos
		msg string
	}
	before := make(map[said]bool, len(e))
	return slices.DeleteFunc(e, func(f Error) bool {
		key := said{f.Pos, f.Msg}
		again := before[key]
		before[key] = true
		return again
	})
}

// source is the text of the configuration file, kept for excerpts.
type source struct {
	name  string
	lines []string
}

func newSource(name string, data []byte) *source {
	return &source{name: name, lines: strings.Split(string(data), "\n")}
}

const (
	excerptWidth = 100 // characters of a source line shown at most
	excerptLead  = 60  // of which before the fault, when the line has to be cut
)

// excerpt shows the line of a position with a caret below the column. Long lines, common in lists of uids, are
// cut around the fault.
func (s *source) excerpt(p Pos) string {
	if s == nil || p.File != s.name || p.Line < 1 || p.Line > len(s.lines) || strings.TrimSpace(s.lines[p.Line-1]) == "" {
		return ""
	}
	line := []rune(strings.TrimRight(s.lines[p.Line-1], "\r"))
	col := max(0, min(p.Col-1, len(line)))
	head, tail := "", ""
	if len(line) > excerptWidth {
		from := max(0, col-excerptLead)
		to := min(len(line), from+excerptWidth)
		if from > 0 {
			head = "..."
		}
		if to < len(line) {
			tail = "..."
		}
		line, col = line[from:to], col-from
	}
	// Tabs stay tabs in the line of the caret, whatever width the terminal gives them.
	pad := make([]rune, col)
	for i := range pad {
		pad[i] = ' '
		if line[i] == '\t' {
			pad[i] = '\t'
		}
	}
	number := strconv.Itoa(p.Line)
	gutter := strings.Repeat(" ", len(number))
	return fmt.Sprintf("    %s | %s%s%s\n    %s | %s%s^", number, head, string(line), tail,
		gutter, strings.Repeat(" ", len(head)), string(pad))
}

// fault makes an Error with its excerpt.
func (s *source) fault(p Pos, hint, format string, args ...any) Error {
	return Error{Pos: p, Msg: oneLine(fmt.Sprintf(format, args...)), Hint: oneLine(hint), Excerpt: s.excerpt(p)}
}

// oneLine keeps names with line ends or escape sequences in them from spoiling a message.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
