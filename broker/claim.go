package broker

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/worker"
)

// claimed is a file that the run is going to write, and where the configuration names it.
type claimed struct {
	path string
	at   config.Pos
}

// claim makes the outputs of the run its own while it lasts: it refuses those that a running job writes, and writes the job file,
// which names them. A folder that takes no file leaves the job without: it can be stopped by signals.
func (s *supervisor) claim() error {
	dir, outputs := s.controlFolder(), s.claims()
	neighbours, err := s.neighbours(dir, outputs)
	if err != nil {
		return err
	}
	name := "job.json"
	for _, other := range neighbours {
		name = fmt.Sprintf("job-%d.json", os.Getpid())
		s.job.Log.Warn(fmt.Sprintf("another job (process %d, %s) has its outputs in the same folder", other.PID, other.Config))
	}
	s.jobFile = filepath.Join(dir, name)
	j := &JobFile{Config: s.job.Config, Command: s.job.Command, Host: hostname(), PID: os.Getpid(), Ranks: s.plan.Ranks, Started: s.started.Format(time.RFC3339)}
	_, j.Born = processStat(j.PID)
	for _, o := range outputs {
		j.Outputs = append(j.Outputs, o.path)
	}
	if s.unlisted = os.MkdirAll(dir, 0o777); s.unlisted == nil {
		s.unlisted = j.Write(s.jobFile)
	}
	// Of two jobs that come at once, at least one sees the other now.
	if _, err := s.neighbours(dir, outputs); err != nil {
		s.unclaim()
		return err
	}
	return nil
}

// unclaim removes the job file, unless it has become another job's.
func (s *supervisor) unclaim() {
	if j, err := ReadJobFile(s.jobFile); err != nil || j.own() { // one that cannot be read is being written by nkrun stop
		os.Remove(s.jobFile)
	}
}

// claims lists the files that nobody else may write: recordings, and the checkpoint.
func (s *supervisor) claims() (out []claimed) {
	add := func(file config.Path) {
		if path, err := filepath.Abs(worker.OutputPath(s.job.OutDir, file)); err == nil {
			out = append(out, claimed{path, file.Pos})
		}
	}
	if s.job.Digests != nil {
		return nil
	}
	for i := range s.cfg.LPUs {
		for _, o := range s.cfg.LPUs[i].Outputs {
			add(o.File)
		}
	}
	if s.job.saves(s.cfg) {
		add(s.cfg.Checkpoint.File)
	}
	return out
}

// neighbours returns the running jobs that have their job files in a folder. It is an error if one of them writes one of the
// outputs. Of a job on another machine nobody knows whether it runs: where its outputs are the same, that is told.
func (s *supervisor) neighbours(dir string, outputs []claimed) (running []*JobFile, err error) {
	entries, _ := os.ReadDir(dir) // the folder may come into being later
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "job") || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		j, err := ReadJobFile(path)
		if err != nil || j.own() {
			continue
		}
		alive, known := j.Alive()
		if known && !alive {
			continue
		}
		if alive {
			running = append(running, j)
		}
		for _, o := range outputs {
			if !slices.Contains(j.Outputs, o.path) {
				continue
			}
			if alive {
				return nil, s.cfg.Fault(o.at, "", "another job is writing %s: process %d, of %s; `nkrun stop %s` ends it, --out names another folder", o.path, j.PID, j.Config, path)
			}
			s.job.Log.Warn(fmt.Sprintf("%s tells of a job on host %s that writes %s, too: make sure that it does not run any more", path, j.Host, o.path))
			break
		}
	}
	return running, nil
}
