package broker

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/config"
)

// sized makes a configuration of graphs with the given sizes, 0 for a kind, without a byte on disk: the files are holes.
func sized(t *testing.T, sizes ...int64) *config.Config {
	t.Helper()
	dir := t.TempDir()
	text := "dt: 1e-4\nsteps: 1\nlpus:\n"
	for i, size := range sizes {
		if size == 0 {
			text += fmt.Sprintf("  l%d: {kind: random}\n", i)
			continue
		}
		name := filepath.Join(dir, fmt.Sprintf("l%d.gexf", i))
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("  l%d: {graph: l%d.gexf}\n", i, i)
	}
	cfg, err := config.Parse(filepath.Join(dir, "c.yaml"), []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestFits(t *testing.T) {
	const gb = 1_000_000_000
	cfg := sized(t, 40*gb, 20*gb, 0)
	for _, c := range []struct {
		name string
		here []string
		free int64
		want string // "" where it fits
	}{
		{"all of it", []string{"l0", "l1", "l2"}, 79 * gb, ""},
		{"too large together", []string{"l0", "l1", "l2"}, 60 * gb, "the 3 LPU(s) on host"},
		{"the largest is named", []string{"l0", "l1"}, 60 * gb, "need at least 78.0 GB of memory, of which LPU l0 takes 52.0 GB; 60.0 GB are available"},
		{"one of them", []string{"l1"}, 60 * gb, ""},
		{"nothing known of the memory", []string{"l0", "l1"}, 0, ""},
		{"a kind", []string{"l2"}, 1000, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := fits(cfg, c.here, c.free)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestWeightsOfPackedFiles checks that packing does not make a graph lighter.
func TestWeightsOfPackedFiles(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(make([]byte, 123_456))
	z.Close()
	path := filepath.Join(t.TempDir(), "a.gexf.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := unpacked(path); got != 123_456 {
		t.Errorf("%d bytes, want 123456", got)
	}
}

func TestAvailableMemory(t *testing.T) {
	if got := availableMemory(); got < 1<<20 || got > 1<<50 {
		t.Errorf("%d bytes are available", got)
	}
}

func TestBalance(t *testing.T) {
	loads := []Load{{"a", 3}, {"b", 2}, {"c", 1}}
	for _, c := range []struct {
		ranks int
		want  float64
	}{{1, 1}, {2, 1}, {3, 6. / 9}, {4, 6. / 9}} {
		p := Assign(loads, c.ranks)
		share, efficiency := p.Balance(loads)
		sum := 0.0
		for _, s := range share {
			sum += s
		}
		if math.Abs(efficiency-c.want) > 1e-9 || math.Abs(sum-1) > 1e-9 {
			t.Errorf("%d ranks: efficiency %g, want %g; shares %v", c.ranks, efficiency, c.want, share)
		}
	}
}
