package cli

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/nearest"
)

// fault is an error for machines. File, line and column are there where the error has a place.
type fault struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// faultReport is what `check --json` prints where something is wrong.
type faultReport struct {
	OK     bool    `json:"ok"`
	Errors []fault `json:"errors"`
}

// faultsOf takes an error apart into the single ones that it was made of.
func faultsOf(err error) []fault {
	var one config.Error
	switch e := err.(type) {
	case config.Error:
		one = e
	case interface{ Unwrap() []error }:
		var all []fault
		for _, sub := range e.Unwrap() {
			all = append(all, faultsOf(sub)...)
		}
		return all
	default:
		if inner := errors.Unwrap(err); inner != nil && inner.Error() == err.Error() {
			return faultsOf(inner)
		}
		return []fault{placed(err.Error())}
	}
	return []fault{{one.Pos.File, one.Pos.Line, one.Pos.Col, one.Msg, one.Hint}}
}

// atPlace is the beginning of messages about graphs, models and patterns.
var atPlace = regexp.MustCompile(`(?s)^([^\n]+?):(\d+):(\d+): (.*)$`)

// placed reads the place that a message begins with.
func placed(text string) fault {
	m := atPlace.FindStringSubmatch(text)
	if m == nil {
		return fault{Message: text}
	}
	line, _ := strconv.Atoi(m[2])
	column, _ := strconv.Atoi(m[3])
	return fault{File: m[1], Line: line, Column: column, Message: m[4]}
}

// isFile says what is wrong with the name of a file that is to be read, with the nearest name in its folder if there is none.
func isFile(path string) error {
	st, err := os.Stat(path)
	switch {
	case err == nil && st.IsDir():
		return fmt.Errorf("%s is a folder, expected a file", path)
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrNotExist):
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	dir, base := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, base = path[:i+1], path[i+1:]
	}
	var names []string
	entries, _ := os.ReadDir(dir + ".") // without it there is no suggestion
	for _, e := range entries {
		if e.Name()[0] != '.' {
			names = append(names, e.Name())
		}
	}
	hint := ""
	if near := nearest.Name(base, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", dir+near)
	}
	return fmt.Errorf("no such file: %s%s", path, hint)
}
