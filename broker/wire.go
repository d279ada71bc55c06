package broker

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/plsel"
	"github.com/nkrun/nkrun/worker"
)

// wire reads the patterns of a configuration and makes the routes between the loaded LPUs. Where LPUs failed to load, only
// that is reported: patterns can't be judged without their ports.
func wire(cfg *config.Config, lpus map[string]worker.Report, failed error) ([]pattern.Route, error) {
	if failed != nil {
		return nil, failed
	}
	var ports []pattern.Ports
	for i := range cfg.LPUs {
		ports = append(ports, lpus[cfg.LPUs[i].Name].Ports)
	}
	wirings, err := readPatterns(cfg)
	if err != nil {
		return nil, shown(cfg, err)
	}
	routes, err := pattern.Compile(ports, wirings)
	return routes, shown(cfg, err)
}

// shown adds to mistakes in the configuration the lines that they stand in.
func shown(cfg *config.Config, err error) error {
	switch e := err.(type) {
	case *pattern.PlacedError:
		if f := cfg.Fault(config.Pos{File: e.At.File, Line: int(e.At.Line), Col: int(e.At.Col)}, "", "%s", e.Err); f.Excerpt != "" {
			return f
		}
	case interface{ Unwrap() []error }:
		all := make([]error, len(e.Unwrap()))
		for i, one := range e.Unwrap() {
			all[i] = shown(cfg, one)
		}
		return errors.Join(all...)
	}
	return err
}

func readPatterns(cfg *config.Config) ([]pattern.Wiring, error) {
	var out []pattern.Wiring
	var errs []error
	for i := range cfg.Patterns {
		p := &cfg.Patterns[i]
		w := pattern.Wiring{A: p.LPUs[0].Value, B: p.LPUs[1].Value, Delay: p.DelaySteps}
		if p.File.Given() {
			links, err := readPatternFile(p.File)
			if err != nil {
				errs = append(errs, err)
			}
			w.Links = links
		}
		for k := range p.Connect {
			c := &p.Connect[k]
			links, err := pattern.ElementWise(c.From.Value, c.To.Value, pattern.Pos{File: c.From.Pos.File, Line: int32(c.From.Pos.Line), Col: int32(c.From.Pos.Col)})
			if err != nil {
				errs = append(errs, err)
			}
			if c.Type != "" {
				t, err := pattern.ParseType(c.Type)
				errs = append(errs, err)
				for j := range links {
					links[j].Type = t.Opt()
				}
			}
			w.Links = append(w.Links, links...)
		}
		out = append(out, w)
	}
	return out, errors.Join(errs...)
}

// readPatternFile reads connections from CSV, or from GEXF, where nodes are ports and edges are connections.
func readPatternFile(path config.Path) ([]pattern.Link, error) {
	if strings.HasSuffix(path.Written, ".gexf") || strings.HasSuffix(path.Written, ".gexf.gz") {
		return readPatternGraph(path)
	}
	f, err := os.Open(path.Abs)
	if err != nil {
		return nil, fmt.Errorf("%s: pattern file: %w", path.Pos, err)
	}
	defer f.Close()
	return pattern.ReadCSV(f, path.Written)
}

func readPatternGraph(path config.Path) ([]pattern.Link, error) {
	g, err := graph.ReadGEXF(path.Abs)
	if err != nil {
		return nil, err
	}
	ids := make([]plsel.ID, g.NumNodes())
	types := make([]pattern.TypeOpt, g.NumNodes())
	var errs []error
	for i := range ids {
		n := g.Node(i)
		id, err := plsel.ParseID(n.ID())
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: node of a pattern must be a port identifier: %w", n.Where(), err))
			continue
		}
		ids[i] = id
		if text, ok := n.TextName("type"); ok && text != "" {
			t, err := pattern.ParseType(text)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: port %s: %w", n.Where(), id, err))
			}
			types[i] = t.Opt()
		}
	}
	links := make([]pattern.Link, 0, g.NumEdges())
	for i := range g.NumEdges() {
		e := g.Edge(i)
		line, col := e.Position()
		if a, b := types[e.From], types[e.To]; a != b && a.String() != "" && b.String() != "" {
			errs = append(errs, fmt.Errorf("%s: a %s port is joined to a %s port", e.Where(), a, b))
		}
		links = append(links, pattern.Link{From: ids[e.From], To: ids[e.To], Type: types[e.From], Where: pattern.Pos{File: path.Written, Line: int32(line), Col: int32(col)}})
	}
	return links, errors.Join(errs...)
}
