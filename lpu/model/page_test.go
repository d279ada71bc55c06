package model

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table of models in docs/models.md")

// table is the library as a table in Markdown.
func table() string {
	var b strings.Builder
	b.WriteString("| model | reads | writes | what it is | source |\n|---|---|---|---|---|\n")
	for _, name := range LibraryNames() {
		m := Library()[name]
		var reads, writes []string
		for i, a := range m.Accesses {
			if i == 0 || a.Name.Name != m.Accesses[i-1].Name.Name {
				reads = append(reads, "`"+a.Name.Name+"`")
			}
		}
		for _, u := range m.Updates {
			writes = append(writes, "`"+u.Name+"`")
		}
		first, _, _ := strings.Cut(m.Doc, ". ")
		fmt.Fprintf(&b, "| [%s](../lpu/model/library/%s.nk) | %s | %s | %s | %s |\n", name, name, strings.Join(reads, " "), strings.Join(writes, " "),
			strings.TrimSuffix(first, "."), m.Source)
	}
	return b.String()
}

// TestPage fails when the table of models in docs/models.md is not that of the library.
func TestPage(t *testing.T) {
	const file, begin, end = "../../docs/models.md", "<!-- library -->\n", "<!-- end -->"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	want := []byte(before + begin + table() + end + after)
	if *update {
		if err := os.WriteFile(file, want, 0o666); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(page, want) {
		t.Errorf("the table in %s is out of date; run `go test ./lpu/model -run Page -update`", file)
	}
}
