package broker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// JobFile is what job.json tells about a job while it runs. Stop asks the job to end, by writing to it: that works from every
// machine that shares the file system.
type JobFile struct {
	Config  string   `json:"config"`
	Command []string `json:"command"`
	Host    string   `json:"host"`
	PID     int      `json:"pid"` // of the broker
	Ranks   int      `json:"ranks"`
	Started string   `json:"started"`
	Stop    string   `json:"stop,omitempty"` // who asked the job to stop
}

// lookAtJobFile is how often the broker reads its job file.
const lookAtJobFile = time.Second

// ReadJobFile reads a job file.
func ReadJobFile(path string) (*JobFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	j := &JobFile{}
	if err := json.Unmarshal(text, j); err != nil || j.PID == 0 {
		return nil, fmt.Errorf("%s is not the job file of a run: expected what nkrun writes as job.json beside its outputs", path)
	}
	return j, nil
}

// Write replaces the content of the file. It does not write aside and rename: network file systems remember for up to a minute
// which names a folder holds, but look at a file again when it is opened.
func (j *JobFile) Write(path string) error {
	text, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o666)
}

// Alive says whether the broker's process runs on this machine; known is false on any other.
func (j *JobFile) Alive() (alive, known bool) {
	if j.Host != hostname() {
		return false, false
	}
	err := syscall.Kill(j.PID, 0)
	return err == nil || err == syscall.EPERM, true
}

// announce writes the job file and calls stop when somebody asks for it there. It returns what removes the file. A folder
// that takes no file leaves the job without: it can be stopped by signals.
func announce(job Job, dir string, ranks int, started time.Time, stop func(why string)) (path string, end func()) {
	path = filepath.Join(dir, "job.json")
	if other, err := ReadJobFile(path); err == nil {
		if alive, _ := other.Alive(); alive && other.PID != os.Getpid() {
			path = filepath.Join(dir, fmt.Sprintf("job-%d.json", os.Getpid()))
			job.Log.Warn(fmt.Sprintf("another job (process %d, %s) has its outputs in the same folder", other.PID, other.Config))
		}
	}
	j := &JobFile{Config: job.Config, Command: job.Command, Host: hostname(), PID: os.Getpid(), Ranks: ranks, Started: started.Format(time.RFC3339)}
	err := os.MkdirAll(dir, 0o777)
	if err == nil {
		err = j.Write(path)
	}
	if err != nil {
		job.Log.Warn("there is no job file, so that nkrun stop cannot end this run: " + err.Error())
		return "", func() {}
	}
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(lookAtJobFile)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if j, err := ReadJobFile(path); err == nil && j.Stop != "" {
					stop("by " + j.Stop)
					return
				}
			}
		}
	}()
	return path, func() {
		close(done)
		os.Remove(path)
	}
}
