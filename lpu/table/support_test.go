package table

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

// numpy runs a script in a new folder, goes there, and has it deleted after the test. The interpreter is the system's own.
func numpy(t testing.TB, script string) {
	t.Helper()
	t.Chdir(t.TempDir())
	c := exec.Command("/usr/bin/python3", "-c", "import csv, gzip, h5py, numpy as np\n"+script)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("python: %v\n%s", err, out)
	}
}

// files makes files in a new folder and goes there.
func files(t testing.TB, texts map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range texts {
		if err := os.WriteFile(filepath.Base(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// nodes makes a graph of nodes with these uids.
func nodes(uids ...string) *graph.Graph {
	g := graph.New("test")
	for _, uid := range uids {
		g.AddNode(uid)
	}
	return g
}

// numbered makes a graph of n nodes, prefix_0 and so on.
func numbered(prefix string, n int) *graph.Graph {
	g := graph.New("test")
	for i := range n {
		g.AddNode(prefix + strconv.Itoa(i))
	}
	return g
}

// rows is a whole table.
type rows struct {
	pre, post []int32
	weight    []float32
	delay     []float64
}

func (r rows) equal(s rows) bool {
	return slices.Equal(r.pre, s.pre) && slices.Equal(r.post, s.post) && slices.Equal(r.weight, s.weight) && slices.Equal(r.delay, s.delay)
}

func open(t testing.TB, s Spec, n Nodes) *Table {
	t.Helper()
	tab, err := Open(s, n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tab.Close() })
	return tab
}

// gather reads all rows and checks what Chunk promises.
func gather(t testing.TB, tab *Table) (rows, error) {
	t.Helper()
	var r rows
	err := tab.Each(func(c *Chunk) error {
		if c.First != int64(len(r.pre)) || len(c.Pre) == 0 || len(c.Post) != len(c.Pre) || (c.Weight != nil) != tab.HasWeight() ||
			(c.Delay != nil) != tab.HasDelay() || c.Weight != nil && len(c.Weight) != len(c.Pre) || c.Delay != nil && len(c.Delay) != len(c.Pre) {
			t.Errorf("chunk from %d of %d, %d, %d, %d", c.First, len(c.Pre), len(c.Post), len(c.Weight), len(c.Delay))
		}
		r.pre, r.post = append(r.pre, c.Pre...), append(r.post, c.Post...)
		r.weight, r.delay = append(r.weight, c.Weight...), append(r.delay, c.Delay...)
		return nil
	})
	if err == nil && tab.Rows() != int64(len(r.pre)) {
		t.Errorf("%d rows, Rows says %d", len(r.pre), tab.Rows())
	}
	return r, err
}

// read opens a table and reads it twice, as a compiler does.
func read(t testing.TB, s Spec, n Nodes) rows {
	t.Helper()
	tab, err := Open(s, n)
	if err != nil {
		t.Fatal(err)
	}
	defer tab.Close()
	first, err := gather(t, tab)
	if err != nil {
		t.Fatal(err)
	}
	second, err := gather(t, tab)
	if err != nil {
		t.Fatal(err)
	}
	if !first.equal(second) {
		t.Error("the second pass has other rows than the first")
	}
	return first
}

// says fails unless the error is this text.
func says(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, expected\n%s", want)
	}
	if got := err.Error(); got != want && !(strings.HasSuffix(want, "...") && strings.HasPrefix(got, strings.TrimSuffix(want, "..."))) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
