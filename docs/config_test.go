package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/config"
)

//go:generate go test . -run ConfigPage -update

// headings say of each part of a configuration where it stands.
var headings = map[string]string{
	"top":                    "The whole",
	"lpu":                    "An LPU: `lpus: {NAME: ...}`",
	"graph":                  "A graph as tables: `graph: {...}` of an LPU",
	"connections":            "Tables of weighted connections: `connections: [...]` of an LPU",
	"connections synapse":    "A synapse in front of each target: `synapse: {...}` of a table",
	"connections plasticity": "Weights that change: `plasticity: {...}` of a table",
	"ports":                  "Ports of a kind: `ports: {...}` of an LPU",
	"ports in, out":          "Ports of one direction: `in: {...}` and `out: {...}` of ports",
	"output":                 "A recording: an entry of `outputs: [...]` of an LPU",
	"pattern":                "A pattern: an entry of `patterns: [...]`",
	"connect":                "A connection: an entry of `connect: [...]` of a pattern",
	"plot":                   "A plot: an entry of `plots: [...]`",
	"panel":                  "A panel: an entry of `panels: [...]` of a plot",
	"checkpoint":             "`checkpoint: {...}`",
}

// heading returns the heading of a part.
func heading(t *testing.T, where string) string {
	if kind, ok := strings.CutPrefix(where, "input "); ok {
		if kind == "file" {
			return "An input from a file: `- file: ...` in `inputs: [...]` of an LPU"
		}
		return fmt.Sprintf("Input `- %s: {...}`", kind)
	}
	h, ok := headings[where]
	if !ok {
		t.Errorf("the part %q of a configuration has no heading", where)
	}
	return h
}

// keyTables returns the tables of all keys.
func keyTables(t *testing.T) string {
	var b strings.Builder
	cell := func(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
	last := ""
	for _, k := range config.Keys() {
		if k.Where != last {
			fmt.Fprintf(&b, "\n## %s\n\n| key | value | without it | meaning |\n|---|---|---|---|\n", heading(t, k.Where))
			last = k.Where
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, cell(k.Type), cell(k.Default), cell(k.Doc))
	}
	return b.String() + "\n"
}

// TestConfigPage fails when the tables of config.md are not those that configurations are read by. With -update it rewrites them.
func TestConfigPage(t *testing.T) {
	const page, begin, end = "config.md", "<!-- keys -->\n", "<!-- end -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks %sor %s", page, begin, end)
	}
	want := before + begin + keyTables(t) + end + after
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s is not current; run `go test ./docs -run ConfigPage -update`", page)
	}
	if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
		t.Fatal(err)
	}
}
