package broker

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/worker"
)

// writeRoutes writes, for each LPU with `debug: true`, what flows to and from it, connection by connection.
func (s *supervisor) writeRoutes(routes []pattern.Route) error {
	for i := range s.cfg.LPUs {
		l := &s.cfg.LPUs[i]
		if !l.Debug {
			continue
		}
		dir := worker.DebugDir(s.controlFolder(), l.Name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		if err := s.writeRoutesOf(l.Name, filepath.Join(dir, "routes.csv"), routes); err != nil {
			return err
		}
	}
	return nil
}

func (s *supervisor) writeRoutesOf(lpu, path string, routes []pattern.Route) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "from_lpu,from_rank,from_port,to_lpu,to_rank,to_port,type,delay_steps")
	for _, r := range routes {
		if r.From != lpu && r.To != lpu {
			continue
		}
		from, to := s.lpus[r.From].Ports.Out[r.Type], s.lpus[r.To].Ports.In[r.Type]
		for k, in := range r.Scatter {
			fmt.Fprintf(w, "%q,%d,%q,%q,%d,%q,%s,%d\n", r.From, s.plan.RankOf[r.From], from[r.Gather[r.Source[k]]], r.To, s.plan.RankOf[r.To], to[in], r.Type, r.Delay)
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

// controlFolder is where files about a run go that every run has: beside its outputs, or else its configuration.
func (s *supervisor) controlFolder() string {
	if dir := s.outputFolder(); dir != "" {
		return dir
	}
	return filepath.Dir(s.job.Config)
}
