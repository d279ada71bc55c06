package legacy_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/graph/legacy"
	"github.com/nkrun/nkrun/plsel"
)

// published are the LPUs of the early sensory demo, by the first part of their ports' identifiers.
var published = []string{"lamina", "medulla", "antennallobe", "integrate"}

// publishedDir returns where the published LPUs lie: the environment variable NK_DATA, by default a folder beside the
// repository. They are not part of it. found is false where they are absent.
func publishedDir(t testing.TB) (dir string, found bool) {
	t.Helper()
	dir = os.Getenv("NK_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, "neurokernel-legacy-lpus")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("NK_DATA") != "" {
			t.Fatal(err)
		}
		t.Logf("the published LPUs are not tested: there is no %s; set NK_DATA to the folder that holds neurokernel-legacy-lpus", dir)
		return dir, false
	}
	return dir, true
}

// load does all that nkrun does with a graph before its engine takes over.
func load(t testing.TB, path string) (*compile.Circuit, compile.Ports) {
	t.Helper()
	g, err := graph.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !legacy.Is(g) {
		t.Fatalf("%s is not taken for the 2013 dialect", path)
	}
	if g, err = legacy.Convert(g); err != nil {
		t.Fatal(err)
	}
	warn := func(msg string) { t.Errorf("%s: warning: %s", path, msg) }
	c, err := compile.Graph(g, compile.Options{LPU: filepath.Base(path), DT: 1e-4, Rates: "s", Warn: warn})
	if err != nil {
		t.Fatal(err)
	}
	return c, c.Ports()
}

// TestPublishedPorts: every port that the published connections name is there, with the right direction and type.
func TestPublishedPorts(t *testing.T) {
	dir, found := publishedDir(t)
	if !found {
		return
	}
	type kind struct{ in, spike bool }
	have := map[plsel.ID]kind{}
	for _, name := range published {
		_, p := load(t, filepath.Join(dir, name+".gexf.gz"))
		for _, l := range []struct {
			ids []plsel.ID
			kind
		}{{p.InGpot, kind{true, false}}, {p.InSpike, kind{true, true}}, {p.OutGpot, kind{false, false}}, {p.OutSpike, kind{false, true}}} {
			for _, id := range l.ids {
				have[id] = l.kind
			}
		}
	}
	connections := 0
	for _, name := range []string{"connections_lamina_medulla.csv", "connections_to_integrate.csv"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for end, text := range row[:2] {
				id, err := plsel.ParseID(text)
				if err != nil {
					t.Fatal(err)
				}
				want := kind{end == 1, row[2] == "spike"}
				if got, ok := have[id]; !ok || got != want {
					t.Errorf("%s: port %s is %+v, %t; want %+v", name, text, got, ok, want)
				}
			}
			connections++
		}
	}
	if connections != 6155 {
		t.Errorf("%d connections, the demo had 6155", connections)
	}
}

// BenchmarkPublished measures from the file to the program that engines run.
func BenchmarkPublished(b *testing.B) {
	dir, found := publishedDir(b)
	if !found {
		return
	}
	for _, name := range published {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c, _ := load(b, filepath.Join(dir, name+".gexf.gz"))
				c.Program()
			}
		})
	}
}
