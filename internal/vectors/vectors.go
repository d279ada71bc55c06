// Package vectors serves the tests that check nkrun against the reference's test vectors: where the vectors lie,
// and which of them are known not to work yet.
//
//	vectors.Run(t, vectors.Case{Name: "single/LeakyIAF_dt1e-3", Needs: []string{"class LeakyIAF"}}, func() error { ... })
package vectors

import (
	_ "embed"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pendingList names what is not there yet, a line each: a need such as "class Izhikevich" as cases state it. The list
// ends empty.
//
//go:embed pending.txt
var pendingList string

// Dir returns the folder of the vectors: the environment variable NK_VECTORS, by default the repository's copy.
func Dir() string {
	if d := os.Getenv("NK_VECTORS"); d != "" {
		return d
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "testdata", "vectors")
}

// Glob returns the files of the vectors that match a pattern below Dir. No match is a failure in the repository's own
// copy; a folder of others' cases may lack a kind, but not all.
func Glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Dir(), filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("NK_VECTORS") == "" || !holdsAny() {
			t.Fatalf("no test vectors %s in %s", pattern, Dir())
		}
		t.Logf("NK_VECTORS=%s holds no %s", Dir(), pattern)
	}
	return files
}

// holdsAny tells whether the folder holds vectors of any kind: a misspelt one holds none.
func holdsAny() bool {
	for _, name := range []string{"selectors.json", "patterns.json", "models"} {
		if _, err := os.Stat(filepath.Join(Dir(), name)); err == nil {
			return true
		}
	}
	return false
}

// Case is one vector: its name, and what must be there for it to work.
type Case struct {
	Name  string
	Needs []string
}

// Run runs a case as a subtest. One that needs something of the pending list must fail, any other must not.
func Run(t *testing.T, c Case, run func() error) {
	t.Run(c.Name, func(t *testing.T) {
		waits := ""
		for _, need := range c.Needs {
			for _, line := range strings.Split(pendingList, "\n") {
				if strings.TrimSpace(line) == need {
					waits = need
				}
			}
		}
		err := run()
		switch {
		case err != nil && waits == "":
			t.Error(err)
		case err == nil && waits != "":
			t.Errorf("works, although %q is on the list internal/vectors/pending.txt; take it off", waits)
		}
	})
}
