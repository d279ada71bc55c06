package broker

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/worker"
)

// keeper looks after the checkpoints of a run. Each rank writes the states of its LPUs into a file of its own; when all of one
// step are on the disk, the keeper writes the manifest, by which a checkpoint goes, and removes what older ones consist of.
type keeper struct {
	job   Job
	path  string // of the manifest; "" where no checkpoints are written
	every time.Duration
	what  string // what the run is, as far as it must stay the same
	order []string
	rank  map[string]int
	works int // ranks with LPUs

	next   time.Time // when the next one is due
	asked  atomic.Bool
	saving int // the step of the last one that was agreed upon, -1: there is none
	parts  map[int]map[int]worker.Saved
	whole  int           // step of the last whole one, -1: there is none
	last   time.Duration // that it took
	wrote  chan error    // of a manifest that is being written
	at     int           // its step
	missed int           // checkpoints in a row that could not be written
}

// newKeeper makes the keeper of a run, which may have begun as the rest of an earlier one.
func newKeeper(job Job, cfg *config.Config, plan Plan, from *worker.Resume) (*keeper, error) {
	k := &keeper{job: job, rank: plan.RankOf, parts: map[int]map[int]worker.Saved{}, saving: -1, whole: -1}
	if !job.saves(cfg) {
		return k, nil
	}
	k.path, k.every = checkpointPath(job, cfg), cfg.Checkpoint.Every
	text, err := cfg.Lasting(job.Without)
	if err != nil {
		return nil, err
	}
	k.what = string(text)
	if from != nil {
		k.whole = from.Step
	}
	ranks := map[int]bool{}
	for i := range cfg.LPUs {
		k.order = append(k.order, cfg.LPUs[i].Name)
		ranks[plan.RankOf[cfg.LPUs[i].Name]] = true
	}
	k.works = len(ranks)
	return k, nil
}

// saves says whether checkpoints are written. Runs that are there to be compared or measured write none.
func (j *Job) saves(cfg *config.Config) bool {
	return cfg.Checkpoint != nil && j.Digests == nil && j.Copies < 2
}

func checkpointPath(job Job, cfg *config.Config) string {
	return worker.OutputPath(job.OutDir, cfg.Checkpoint.File)
}

// checkpoints is what the workers are told of it.
func (j *Job) checkpoints(cfg *config.Config) *worker.Checkpoints {
	if !j.saves(cfg) {
		return nil
	}
	return &worker.Checkpoints{Path: checkpointPath(*j, cfg), Every: cfg.Checkpoint.EverySteps}
}

// begin starts the clock.
func (k *keeper) begin() {
	if k.path != "" && k.every > 0 {
		k.next = time.Now().Add(k.every)
	}
}

// onRequest listens to SIGUSR1, which asks for a checkpoint at once. It returns what ends that.
func (k *keeper) onRequest() (end func()) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGUSR1)
	go func() {
		for range ch {
			k.request()
		}
	}()
	return func() {
		signal.Stop(ch)
		signal.Ignore(syscall.SIGUSR1) // one that comes late ends nobody
		close(ch)
	}
}

// request asks for a checkpoint. It may be called from any goroutine.
func (k *keeper) request() {
	if k.path == "" {
		k.job.Log.Warn("a checkpoint is asked for, but the configuration has none: add `checkpoint: {file: NAME}`")
		return
	}
	k.asked.Store(true)
}

// due says whether a checkpoint is to be agreed upon now. While one is being written, the next waits.
func (k *keeper) due() bool {
	if k.path == "" || k.saving > k.whole {
		return false
	}
	return k.asked.Load() || !k.next.IsZero() && time.Now().After(k.next)
}

// agreed notes the step of a checkpoint that all ranks will write.
func (k *keeper) agreed(step int) {
	k.asked.Store(false)
	k.saving = step
	if k.every > 0 {
		k.next = time.Now().Add(k.every)
	}
}

// note takes what a rank has saved, and writes the manifest once nothing is missing. Until all ranks have come so far, nothing
// else is asked of them: they save together.
func (k *keeper) note(rank int, saved []worker.Saved) {
	for _, s := range saved {
		if k.parts[s.Step] == nil {
			k.parts[s.Step] = map[int]worker.Saved{}
		}
		k.parts[s.Step][rank] = s
		k.last = max(k.last, time.Duration(s.Seconds*float64(time.Second)))
		if len(k.parts[s.Step]) == k.works {
			for r, part := range k.parts[s.Step] {
				if part.Fault != "" {
					k.failed(s.Step, fmt.Errorf("rank %d: %s", r, part.Fault))
					delete(k.parts, s.Step)
					break
				}
			}
		}
	}
	k.look()
}

// failed tells that a checkpoint could not be written; the run goes on.
func (k *keeper) failed(step int, err error) {
	if k.saving <= step {
		k.saving = -1
	}
	if k.missed++; k.missed&(k.missed-1) != 0 {
		return // where the disk is full, every one fails: the 1st, 2nd, 4th, 8th is told
	}
	rest := "there is none before it"
	if k.whole >= 0 {
		rest = fmt.Sprintf("that of step %d stays", k.whole)
	}
	k.job.Log.Warn(fmt.Sprintf("the checkpoint of step %d is not written (%s): %v", step, rest, err))
}

// look goes on with manifests: it notes one that is on the disk, and begins the next.
func (k *keeper) look() {
	if k.wrote != nil {
		select {
		case err := <-k.wrote:
			k.written(err)
		default:
			return
		}
	}
	step := -1
	for s, files := range k.parts {
		if len(files) == k.works && s > step {
			step = s
		}
	}
	if step <= k.whole {
		return
	}
	m := hdf5io.Manifest{Step: step, Version: k.job.Version, Config: k.what, LPUs: k.order}
	for _, name := range k.order {
		m.Files = append(m.Files, k.parts[step][k.rank[name]].File)
	}
	k.wrote, k.at = make(chan error, 1), step
	go func(done chan error) { done <- hdf5io.WriteManifest(k.path, m) }(k.wrote)
}

// written ends what look began.
func (k *keeper) written(err error) {
	k.wrote = nil
	if err == nil {
		k.whole, k.missed = k.at, 0
		k.job.Log.Debug(fmt.Sprintf("checkpoint of step %d", k.whole))
		if err := k.clear(func(step int) bool { return step < k.whole }); err != nil {
			k.job.Log.Warn(fmt.Sprintf("the checkpoint of step %d is written, but files of older ones cannot be removed: %v", k.whole, err))
		}
	} else {
		k.failed(k.at, err)
	}
	for s := range k.parts {
		if s <= k.at {
			delete(k.parts, s)
		}
	}
}

// finish waits for what is being written, when all ranks have ended.
func (k *keeper) finish() {
	for k.look(); k.wrote != nil; k.look() {
		k.written(<-k.wrote)
	}
}

// reserve is how much earlier than its limit a run has to end, for its last checkpoint.
func (k *keeper) reserve() time.Duration { return 2 * k.last }

// stateFile matches the names that worker.StateFile gives, whole or being written, behind the name of the manifest.
var stateFile = regexp.MustCompile(`^\.step-(\d+)\.rank-\d+$`)

// clear removes files with states of some steps.
func (k *keeper) clear(old func(step int) bool) error {
	dir, name := filepath.Split(k.path)
	ext := filepath.Ext(name)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		middle, begins := strings.CutPrefix(e.Name(), strings.TrimSuffix(name, ext))
		middle, ends := strings.CutSuffix(strings.TrimSuffix(middle, ".part"), ext)
		m := stateFile.FindStringSubmatch(middle)
		if !begins || !ends || m == nil {
			continue
		}
		if step, err := strconv.Atoi(m[1]); err == nil && old(step) {
			errs = append(errs, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// prepare finds out whether checkpoints can be written, and removes that of an earlier run where this one starts anew: its
// recordings are about to be replaced.
func (k *keeper) prepare() error {
	if k.path == "" {
		return nil
	}
	aside := k.path + ".part"
	err := os.MkdirAll(filepath.Dir(k.path), 0o777)
	if err == nil {
		err = os.WriteFile(aside, nil, 0o666)
	}
	if err == nil {
		err = os.Remove(aside)
	}
	if err != nil {
		return fmt.Errorf("checkpoints cannot be written: %w", err)
	}
	if k.whole >= 0 {
		return nil
	}
	switch err := os.Remove(k.path); {
	case err == nil:
		k.job.Log.Warn(fmt.Sprintf("the run starts anew: the checkpoint %s of an earlier one is removed (--resume would go on from it)", k.path))
	case !os.IsNotExist(err):
		return fmt.Errorf("the checkpoint of an earlier run cannot be removed: %w", err)
	}
	if err := k.clear(func(int) bool { return true }); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("the checkpoint of an earlier run cannot be removed: %w", err)
	}
	return nil
}
