package broker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/worker"
)

// resume finds out where a run goes on: from the last checkpoint, or nowhere, so that a script may always ask for it.
func resume(job Job, cfg *config.Config) (*worker.Resume, error) {
	switch {
	case !job.Resume:
		return nil, nil
	case cfg.Checkpoint == nil:
		return nil, fmt.Errorf("--resume: %s writes no checkpoints: add `checkpoint: {file: NAME}`", job.Config)
	case !job.saves(cfg):
		return nil, errors.New("--resume does not go together with --digests or --copies")
	}
	path := checkpointPath(job, cfg)
	m, err := hdf5io.ReadManifest(path)
	if errors.Is(err, fs.ErrNotExist) {
		job.Log.Info(fmt.Sprintf("there is no checkpoint %s: the run starts with step 0", path))
		return nil, nil
	}
	if err == nil {
		err = fit(job, cfg, m)
	}
	if err != nil {
		return nil, fmt.Errorf("--resume: the checkpoint %s cannot be used: %w (a run without --resume starts anew)", path, err)
	}
	r := &worker.Resume{Step: m.Step, Files: map[string]string{}}
	for i, name := range m.LPUs {
		r.Files[name] = m.Files[i]
	}
	if m.Version != job.Version {
		job.Log.Warn(fmt.Sprintf("the checkpoint was written by nkrun %s, this is %s: results are equal to those of one run only where models have not changed", m.Version, job.Version))
	}
	job.Log.Info(fmt.Sprintf("the run goes on from the checkpoint of step %d of %d", m.Step, cfg.Steps))
	return r, nil
}

// fit says why a checkpoint is not one of this run.
func fit(job Job, cfg *config.Config, m *hdf5io.Manifest) error {
	text, err := cfg.Lasting(job.Without)
	if err != nil {
		return err
	}
	if differ := config.Differences([]byte(m.Config), text); len(differ) > 0 {
		return fmt.Errorf("the configuration has changed: %s", strings.Join(differ, "; "))
	}
	for i := range cfg.LPUs {
		if name := cfg.LPUs[i].Name; !slices.Contains(m.LPUs, name) {
			return fmt.Errorf("it does not hold the LPU %s", name)
		}
	}
	if m.Step > cfg.Steps {
		return fmt.Errorf("it is of step %d, and the run is to end after %d steps", m.Step, cfg.Steps)
	}
	for i, file := range m.Files {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("its file %s, with the LPU %s, is missing", file, m.LPUs[i])
		}
	}
	return nil
}
