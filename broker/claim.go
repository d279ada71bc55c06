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
	if _, _, err := s.neighbours(dir, outputs); err != nil {
		return err // before anything is written
	}
	j := &JobFile{Config: s.job.Config, Command: s.job.Command, Host: hostname(), PID: os.Getpid(), Ranks: s.plan.Ranks, Started: s.started.Format(time.RFC3339)}
	_, j.Born = processStat(j.PID)
	for _, o := range outputs {
		j.Outputs = append(j.Outputs, o.path)
	}
	// Under a name that is no other job's, so that of two that come at once, at least one sees the other.
	s.jobFile = filepath.Join(dir, fmt.Sprintf("job-%d.json", j.PID))
	if s.unlisted = os.MkdirAll(dir, 0o777); s.unlisted == nil {
		s.unlisted = j.Write(s.jobFile)
	}
	running, notes, err := s.neighbours(dir, outputs)
	if err != nil {
		s.unclaim()
		return err
	}
	for _, note := range notes {
		s.job.Log.Warn(note)
	}
	for _, other := range running {
		s.job.Log.Warn(fmt.Sprintf("another job (process %d, %s) has its outputs in the same folder", other.PID, other.Config))
	}
	if usual := filepath.Join(dir, "job.json"); len(running) == 0 && s.unlisted == nil && os.Rename(s.jobFile, usual) == nil {
		s.jobFile = usual
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
// outputs. Of a job on another machine nobody knows whether it runs: where its outputs are the same, a note says so.
func (s *supervisor) neighbours(dir string, outputs []claimed) (running []*JobFile, notes []string, err error) {
	entries, _ := os.ReadDir(dir) // the folder may come into being later
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "job") || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		j, err := ReadJobFile(path)
		if _, gone := os.Lstat(path); os.IsNotExist(err) && gone != nil { // it has just got another name, or has ended
			return s.neighbours(dir, outputs)
		}
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
				return nil, nil, s.cfg.Fault(o.at, "", "another job is writing %s: process %d, of %s; `nkrun stop %s` ends it, --out names another folder", o.path, j.PID, j.Config, path)
			}
			notes = append(notes, fmt.Sprintf("%s tells of a job on host %s that writes %s, too: make sure that it does not run any more", path, j.Host, o.path))
			break
		}
	}
	return running, notes, nil
}
