package worker_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/gen"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/plsel"
	"github.com/nkrun/nkrun/worker"
)

// copies returns a graph that holds a graph n times side by side, with the copy's number in uids and selectors.
func copies(g *graph.Graph, n int) *graph.Graph {
	out := graph.New(fmt.Sprintf("%s x %d", g.Name(), n))
	for c := range n {
		first := out.NumNodes()
		for i := range g.NumNodes() {
			node := g.Node(i)
			k := out.AddNode(fmt.Sprintf("%d.%s", c, node.ID()))
			for key, v := range node.All() {
				name := g.KeyName(key)
				if name == "selector" {
					v = graph.StringValue(fmt.Sprintf("/copy/%d%s", c, v.Text()))
				}
				out.SetNode(k, name, v)
			}
		}
		for i := range g.NumEdges() {
			e := g.Edge(i)
			k := out.AddEdge(first+e.From, first+e.To)
			for key, v := range e.All() {
				out.SetEdge(k, g.KeyName(key), v)
			}
		}
	}
	return out
}

// BenchmarkGeneric times the demo's two connected LPUs at 1, 10 and 100 times their size, in one process without recording:
// nanoseconds for one step of one component, and the part of the time that goes into the exchange.
func BenchmarkGeneric(b *testing.B) {
	const steps = 2000
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint("x", n), func(b *testing.B) {
			dir := b.TempDir()
			var lpus [2]*graph.Graph
			for i := range lpus {
				g, _ := gen.Generic(uint32(i), fmt.Sprint("lpu_", i), gen.PerMillisecond)
				lpus[i] = g
				if err := copies(g, n).WriteGEXF(filepath.Join(dir, fmt.Sprintf("lpu_%d.gexf", i))); err != nil {
					b.Fatal(err)
				}
			}
			links, err := gen.Pattern(0, lpus[0], lpus[1])
			if err != nil {
				b.Fatal(err)
			}
			text := fmt.Sprintf("dt: 1e-4\nsteps: %d\nlpus:\n", steps)
			for i := range lpus {
				text += fmt.Sprintf("  lpu_%d:\n    graph: lpu_%d.gexf\n    inputs:\n      - step: {variable: I, uids: ['0.sensory_0'], value: 0.6, start: 0.03, stop: 0.06}\n", i, i)
			}
			path := filepath.Join(dir, "config.yaml")
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				b.Fatal(err)
			}
			cfg, err := config.Load(path, nil)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				run(b, cfg, wiring(b, links, n))
			}
		})
	}
}

// wiring joins each copy of LPU 0 to the same copy of LPU 1.
func wiring(b *testing.B, links []gen.Link, n int) pattern.Wiring {
	w := pattern.Wiring{A: "lpu_0", B: "lpu_1"}
	for c := range n {
		for _, l := range links {
			from, err := plsel.ParseID(fmt.Sprintf("/copy/%d%s", c, l.From))
			if err != nil {
				b.Fatal(err)
			}
			to, err := plsel.ParseID(fmt.Sprintf("/copy/%d%s", c, l.To))
			if err != nil {
				b.Fatal(err)
			}
			w.Links = append(w.Links, pattern.Link{From: from, To: to})
		}
	}
	return w
}

func run(b *testing.B, cfg *config.Config, wiring pattern.Wiring) {
	w, err := worker.Load(cfg, []string{"lpu_0", "lpu_1"}, worker.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	var ports []pattern.Ports
	components := 0
	for _, r := range w.Reports() {
		ports = append(ports, r.Ports)
		components += r.Components
	}
	routes, err := pattern.Compile(ports, []pattern.Wiring{wiring})
	if err != nil {
		b.Fatal(err)
	}
	if err := w.Connect(worker.Routing{Routes: routes}, nil); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	t, err := w.Run(nil)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(start).Seconds()
	b.ReportMetric(took*1e9/float64(components)/float64(cfg.Steps), "ns/component-step")
	b.ReportMetric(100*t.Exchange/took, "%exchange")
	b.ReportMetric(float64(components), "components")
	b.ReportMetric(t.Load*1e3, "ms-load")
}
