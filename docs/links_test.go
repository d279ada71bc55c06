package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link   = regexp.MustCompile(`(?:\]\(|src=")([^)"\s]+)[)"]`)
	fenced = regexp.MustCompile("(?s)\n```.*?\n```")
	header = regexp.MustCompile(`(?m)^#+ (.*)$`)
	odd    = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns what headings of a page can be linked by, as GitHub makes it.
func anchors(text string) map[string]bool {
	out := map[string]bool{}
	for _, m := range header.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		out[strings.ReplaceAll(odd.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return out
}

// TestLinks: what pages link to within the repository is there, with the heading.
func TestLinks(t *testing.T) {
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), target)
			}
			to, err := os.Stat(file)
			if err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
				continue
			}
			if anchor == "" || to.IsDir() {
				continue
			}
			if there, err := os.ReadFile(file); err != nil || !anchors(string(there))[anchor] {
				t.Errorf("%s links to %s, which has no such heading", page, m[1])
			}
		}
	}
}

// TestIndex: the guide's first page leads to every other one.
func TestIndex(t *testing.T) {
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages(t)[1:] {
		if page != "README.md" && !strings.Contains(string(index), "("+page+")") {
			t.Errorf("docs/README.md does not lead to %s", page)
		}
	}
}
