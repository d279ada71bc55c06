package broker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// JobFile is what job.json tells about a job while it runs. Stop asks the job to end, by writing to it: that works from every
// machine that shares the file system.
type JobFile struct {
	Config  string   `json:"config"`
	Command []string `json:"command"`
	Host    string   `json:"host"`
	PID     int      `json:"pid"`            // of the broker
	Born    uint64   `json:"born,omitempty"` // when that process began, as processStat tells it
	Ranks   int      `json:"ranks"`
	Started string   `json:"started"`
	Outputs []string `json:"outputs,omitempty"` // files that no other job may write meanwhile
	Stop    string   `json:"stop,omitempty"`    // who asked the job to stop
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
	if err := syscall.Kill(j.PID, 0); err != nil && err != syscall.EPERM {
		return false, true
	}
	state, born := processStat(j.PID)
	return state != 'Z' && (j.Born == 0 || born == 0 || born == j.Born), true
}

// own says whether the job is this process's.
func (j *JobFile) own() bool { return j.PID == os.Getpid() && j.Host == hostname() }

// processStat returns the state of a process, which is Z for one that has ended, and when it began, in ticks since the machine
// started: that tells it from a later one with the same number, which in containers is common. Both are 0 where the system tells
// nothing.
func processStat(pid int) (state byte, born uint64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // the name before may hold spaces
	const starttime = 22 - 3                                                  // the 22nd of all; the first here is the 3rd
	if len(fields) <= starttime {
		return 0, 0
	}
	born, _ = strconv.ParseUint(fields[starttime], 10, 64)
	return fields[0][0], born
}

// listenForStop opens the ways by which a run can be asked to end: the job file, and Control. It returns what closes them.
func (s *supervisor) listenForStop() (end func()) {
	if s.job.Control != nil {
		go s.readRequests(s.job.Control)
	}
	if s.unlisted != nil {
		s.job.Log.Warn("there is no job file, so that nkrun stop cannot end this run: " + s.unlisted.Error())
		return func() {}
	}
	if s.world != nil {
		s.job.Log.Info("to end this run early, on any of its machines: nkrun stop " + s.jobFile)
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
				if j, err := ReadJobFile(s.jobFile); err == nil && j.Stop != "" {
					s.want("by " + j.Stop)
					return
				}
			}
		}
	}()
	return func() {
		close(done)
		s.unclaim()
	}
}
