package broker

import (
	"errors"
	"fmt"
	"os"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/pattern"
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
		return nil, err
	}
	return pattern.Compile(ports, wirings)
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

func readPatternFile(path config.Path) ([]pattern.Link, error) {
	f, err := os.Open(path.Abs)
	if err != nil {
		return nil, fmt.Errorf("%s: pattern file: %w", path.Pos, err)
	}
	defer f.Close()
	return pattern.ReadCSV(f, path.Written)
}

// routesFor picks the routes that begin or end on a rank, in the common order.
func routesFor(routes []pattern.Route, rankOf map[string]int, rank int) routeList {
	var out routeList
	for _, r := range routes {
		if rankOf[r.From] == rank || rankOf[r.To] == rank {
			out.Routes = append(out.Routes, r)
		}
	}
	return out
}
