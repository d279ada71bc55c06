// Package bench measures runs of nkrun that it starts as processes of their own, on MPI ranks: how long an exchange of ports takes,
// and how a configuration scales.
//
//	r, err := bench.Exchange(bench.Load{LPUs: 2, Spike: 1000, Steps: 5000}, 0, "")
package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Run is what run.json tells of a finished run.
type Run struct {
	LoadS float64 `json:"load_s"`
	RunS  float64 `json:"run_s"`
	Steps int     `json:"steps_done"`
	LPUs  []struct {
		Name string `json:"name"`
		Rank int    `json:"rank"`
	} `json:"lpus"`
	Ranks []Rank `json:"ranks"`
}

// Rank is where the time of one rank went, in seconds.
type Rank struct {
	Rank     int     `json:"rank"`
	Host     string  `json:"host"`
	Compute  float64 `json:"compute_s"`
	Exchange float64 `json:"exchange_s"`
	First    float64 `json:"first_exchange_s"`
	Wait     float64 `json:"wait_s"`
	Record   float64 `json:"record_s"`
	PeakMB   float64 `json:"peak_mb"`
}

// launch runs a configuration on ranks, 1 for a single process, and reads what it leaves in a folder.
func launch(config, dir string, ranks int, more ...string) (*Run, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := append([]string{"run", config, "--out", dir, "--quiet"}, more...)
	if ranks > 1 {
		args = append(args, "--ranks", strconv.Itoa(ranks))
	}
	c := exec.Command(self, args...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%d ranks: %w\n%s", ranks, err, strings.TrimSpace(said.String()))
	}
	text, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err != nil {
		return nil, err
	}
	r := &Run{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "run.json"), err)
	}
	if len(r.Ranks) != max(ranks, 1) {
		return nil, errors.New("the run was not on the ranks that it was started with")
	}
	return r, nil
}

// inFolder calls f with a new folder in dir, which all hosts of the job must see, and removes the folder.
func inFolder(dir string, f func(dir string) error) error {
	tmp, err := os.MkdirTemp(dir, "nkrun-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	return f(tmp)
}
