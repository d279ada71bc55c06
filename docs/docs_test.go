// Package docs holds the user guide. Its only code is the test that does what the pages say: every fenced block is run, or says
// why it cannot be.
//
//	sh        runs in the page's folder; a failing command fails the test
//	console   lines after "$ " run, and print what stands below them, where ... stands for anything; they fail if and only if
//	          that is a message of failure
//	yaml      a configuration, which a comment in its first line may name (else config.yaml), is written and checked by
//	          nkrun check; sections of one are put in place of those of config.yaml, and that is checked
//	python    runs, all blocks of a page in one interpreter
//	nk        a model: written to NAME.nk, and checked by nkrun models
//	output    what the block before it prints
//
// A second word, norun, means that a block cannot run here, and a comment before it says why: <!-- norun: needs a cluster -->.
// Its syntax is checked. Comments <!-- run ... --> hold scripts for what readers have anyway. A page begins in a folder with
// README's configuration as config.yaml, and its graphs; $REPO is the repository.
package docs

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

var update = flag.Bool("update", false, "rewrite the pages that are generated from the code")

// bin is the folder of the nkrun that pages run, lpus that of README's graphs, and repository that of README.
var bin, lpus, repository string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(prepared(m))
}

func prepared(m *testing.M) int {
	dir, err := os.MkdirTemp("", "nkrun-docs")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if repository, err = filepath.Abs(".."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	bin, lpus = filepath.Join(dir, "bin"), filepath.Join(dir, "lpus")
	script := `set -e
mkdir "$1" "$2"
go build -o "$1/nkrun" ../cmd/nkrun
printf '#!/bin/sh\nexec /usr/bin/python3 "$@"\n' >"$1/python3" # the one with h5py and networkx, whatever else is there
chmod +x "$1/python3"
cd "$2"
for i in 0 1; do "$1/nkrun" gen generic --seed $i --lpu lpu_$i generic_lpu_$i.gexf.gz generic_lpu_${i}_input.h5; done`
	if out, err := exec.Command("bash", "-c", script, "prepare", bin, lpus).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// pages are README and the guide, by their paths from here.
func pages(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"../README.md"}, all...)
}

// TestPages does what the pages say, block by block.
func TestPages(t *testing.T) {
	for _, page := range pages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			blocks, err := readPage(page)
			if err != nil {
				t.Fatal(err)
			}
			r := newReader(t, page)
			for _, b := range blocks {
				if b.norun {
					checkSyntax(t, b)
					continue
				}
				r.try(b)
			}
		})
	}
}

// TestNorun lists the blocks that cannot run here.
func TestNorun(t *testing.T) {
	n := 0
	for _, page := range pages(t) {
		blocks, err := readPage(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			if b.norun {
				n++
				t.Logf("%s: %s", b.at(), b.reason)
			}
		}
	}
	t.Logf("%d blocks do not run", n)
	if n > 30 {
		t.Errorf("%d blocks do not run; that many let the guide go stale", n)
	}
}

// recorded are the pages on what becomes of recordings: they begin with those of README's configuration.
var recorded = map[string]bool{"plots.md": true, "report.md": true}

// checkSyntax checks of a block that cannot run what can be.
func checkSyntax(t *testing.T, b block) {
	t.Helper()
	if b.reason == "" {
		t.Errorf("%s: a block that does not run needs a comment before it, <!-- norun: why -->", b.at())
	}
	switch b.lang {
	case "sh", "bash":
		if out, err := exec.Command("bash", "-n", "-c", b.text).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", b.at(), err, out)
		}
	case "yaml":
		var tree any
		if err := yaml.Unmarshal([]byte(b.text), &tree); err != nil {
			t.Errorf("%s: %v", b.at(), err)
		}
	case "python":
		c := exec.Command("/usr/bin/python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())")
		c.Stdin = strings.NewReader(b.text)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", b.at(), err, out)
		}
	default:
		t.Errorf("%s: a block of %q does not run anyway", b.at(), b.lang)
	}
}
