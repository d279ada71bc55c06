package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/plot"
)

// Run is what run.json tells of a run.
type Run struct {
	Version   string          `json:"version"`
	Command   []string        `json:"command"`
	Started   string          `json:"started"`
	Complete  bool            `json:"complete"`
	Error     string          `json:"error"`
	LoadS     float64         `json:"load_s"`
	RunS      float64         `json:"run_s"`
	Simulated float64         `json:"simulated_s"`
	RealTime  float64         `json:"times_real_time"`
	Steps     int             `json:"steps_done"`
	LPUs      []LPU           `json:"lpus"`
	Routes    []Route         `json:"routes"`
	Ranks     []Rank          `json:"ranks"`
	Config    json.RawMessage `json:"config"`

	folder string
}

// LPU is one LPU of the plan.
type LPU struct {
	Name        string `json:"name"`
	Rank        int    `json:"rank"`
	Device      string `json:"device"`
	Components  int    `json:"components"`
	Connections int    `json:"connections"`
	Bytes       int    `json:"bytes"`
}

// Route is what one LPU sends to another.
type Route struct {
	From        string `json:"from"`
	To          string `json:"to"`
	Type        string `json:"type"`
	Connections int    `json:"connections"`
	PortsSent   int    `json:"ports_sent"`
	DelaySteps  int    `json:"delay_steps"`
	Bytes       int    `json:"bytes_a_step"`
}

// Rank is where the time of a rank went. Waiting and the first exchange are parts of the exchange.
type Rank struct {
	Rank     int     `json:"rank"`
	Host     string  `json:"host"`
	LoadS    float64 `json:"load_s"`
	ComputeS float64 `json:"compute_s"`
	Exchange float64 `json:"exchange_s"`
	WaitS    float64 `json:"wait_s"`
	RecordS  float64 `json:"record_s"`
	PeakMB   float64 `json:"peak_mb"`
	Parts    []Part  `json:"parts"`
}

// Part is a part of the time in which an LPU was computed.
type Part struct {
	LPU     string  `json:"lpu"`
	Part    string  `json:"part"`
	Model   string  `json:"model"`
	Seconds float64 `json:"seconds"`
}

// RunFile is the name of the file that tells of a run, beside its outputs.
const RunFile = "run.json"

// ReadRun reads a run.json.
func ReadRun(path string) (*Run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &Run{folder: filepath.Dir(path)}
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch err := json.Unmarshal(text, r); {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("%s: %w", position(path, text, syntax.Offset), err)
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("%s: %s is a %s, which is not what nkrun writes there", position(path, text, wrong.Offset), wrong.Field, wrong.Value)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Version == "" || len(r.LPUs) == 0 {
		return nil, fmt.Errorf("%s does not tell of a run: expected the version of nkrun and LPUs", path)
	}
	return r, nil
}

// position writes where in a text an offset is.
func position(path string, text []byte, offset int64) string {
	before := string(text[:min(max(offset-1, 0), int64(len(text)))])
	return fmt.Sprintf("%s:%d:%d", path, 1+strings.Count(before, "\n"), len(before)-strings.LastIndexByte(before, '\n'))
}

// Outputs returns the recordings that the run made, in the order of its configuration.
func (r *Run) Outputs() ([]string, error) {
	var c struct {
		LPUs map[string]struct {
			Outputs []struct {
				File string `json:"file"`
			} `json:"outputs"`
		} `json:"lpus"`
	}
	if err := json.Unmarshal(r.Config, &c); err != nil {
		return nil, fmt.Errorf("%s: the configuration: %w", filepath.Join(r.folder, RunFile), err)
	}
	var names []string
	for _, l := range r.LPUs {
		for _, o := range c.LPUs[l.Name].Outputs {
			if !slices.Contains(names, o.File) {
				names = append(names, o.File)
			}
		}
	}
	return r.find(names)
}

// find tells where outputs are. Without --out their names are relative to the configuration, and run.json is in the folder of the
// first.
func (r *Run) find(names []string) ([]string, error) {
	paths := make([]string, len(names))
	for i, name := range names {
		candidates := []string{filepath.Join(r.folder, name)}
		if filepath.IsAbs(name) {
			candidates[0] = name
		} else if rel, err := filepath.Rel(filepath.Dir(names[0]), name); err == nil {
			candidates = append(candidates, filepath.Join(r.folder, rel))
		}
		at := slices.IndexFunc(candidates, func(path string) bool { _, err := os.Stat(path); return err == nil })
		if at < 0 {
			return nil, fmt.Errorf("the recording %s of the run in %s is not there; expected it as %s", name, r.folder, candidates[0])
		}
		paths[i] = candidates[at]
	}
	return paths, nil
}

// Panels returns panels for everything that the run recorded.
func (r *Run) Panels() ([]plot.Panel, error) {
	paths, err := r.Outputs()
	if err != nil {
		return nil, err
	}
	panels, err := Recorded(paths)
	if err != nil {
		return nil, fmt.Errorf("the run in %s: %w", r.folder, err)
	}
	return panels, nil
}

// Recorded returns panels for everything in recordings.
func Recorded(paths []string) ([]plot.Panel, error) {
	if len(paths) == 0 {
		return nil, errors.New("nothing was recorded")
	}
	var all []plot.Panel
	for _, path := range paths {
		panels, err := plot.Recorded(path)
		if err != nil {
			return nil, err
		}
		for i := range panels {
			panels[i].Title = fmt.Sprintf("%s, %s", filepath.Base(path), panels[i].Variable)
		}
		all = append(all, panels...)
	}
	return all, nil
}
