package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/vectors"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// network is the format of models/*/case.json.
type network struct {
	DT    float64
	Steps int
	LPUs  map[string]struct {
		GEXF           string
		Inputs         []map[string]any
		Record         [][2]any
		SampleInterval int `json:"sample_interval"`
		Rates          string
		Expected       string
	}
	Links [][4]string
}

// expectation is the format of expected_*.json.
type expectation struct {
	Rates     string
	Variables map[string]json.RawMessage
}

type dense struct {
	UIDs      []string
	Rows      []int
	Data      [][]float64
	Tolerance float64 `json:"tolerance_abs"`
}

type events struct {
	UIDs        []string
	Step, Index []int
}

// TestVectors runs every network case through the command line: in one process, on three MPI ranks, and on two threads with all passes, none,
// and all but each.
func TestVectors(t *testing.T) {
	for _, file := range vectors.Glob(t, "models/*/case.json") {
		dir := filepath.Dir(file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var n network
		if err := json.Unmarshal(text, &n); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, ranks := range []int{0, 3} {
			c := vectors.Case{Name: fmt.Sprintf("%s/%d ranks", filepath.Base(dir), ranks), Needs: n.needs(dir)}
			vectors.Run(t, c, func() error { return n.run(t, dir, ranks) })
		}
		for _, without := range append([]string{"", strings.Join(compile.PassNames(), ",")}, compile.PassNames()...) {
			c := vectors.Case{Name: fmt.Sprintf("%s/2 threads, without %q", filepath.Base(dir), without), Needs: n.needs(dir)}
			vectors.Run(t, c, func() error { return n.run(t, dir, 0, "--threads", "2", "--without", without) })
		}
	}
}

// needs lists what a case takes of nkrun: the classes of its components, or the old dialect.
func (n *network) needs(dir string) []string {
	var out []string
	for _, l := range n.LPUs {
		g, err := graph.ReadGEXF(filepath.Join(dir, l.GEXF))
		if err != nil {
			continue // the case itself will say so
		}
		if slices.Contains(g.NodeKeys(), g.Key("spiking")) {
			out = append(out, "dialect 2013")
		}
		for i := range g.NumNodes() {
			if class, ok := g.Node(i).TextName("class"); ok && !slices.Contains(out, "class "+class) {
				out = append(out, "class "+class)
			}
		}
	}
	return out
}

func (n *network) run(t *testing.T, dir string, ranks int, flags ...string) error {
	work := t.TempDir()
	cfg := filepath.Join(work, "config.json") // JSON is YAML
	text, err := json.MarshalIndent(n.config(dir), "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(cfg, text, 0o666); err != nil {
		return err
	}
	if r := nkrun(t, work, ranks, append([]string{"run", "--quiet", cfg}, flags...)...); r.code != 0 {
		return fmt.Errorf("nkrun ended with code %d: %s", r.code, r.errOut)
	}
	for id, l := range n.LPUs {
		if err := compare(filepath.Join(dir, l.Expected), filepath.Join(work, id+".h5"), n.DT); err != nil {
			return fmt.Errorf("LPU %s: %w", id, err)
		}
	}
	return nil
}

// config writes a case as a configuration.
func (n *network) config(dir string) map[string]any {
	dir, _ = filepath.Abs(dir)
	lpus := map[string]any{}
	for id, l := range n.LPUs {
		var inputs []any
		for _, in := range l.Inputs {
			inputs = append(inputs, inputConfig(dir, in))
		}
		record := map[string]any{}
		for _, r := range l.Record {
			record[r[0].(string)] = "all"
			if r[1] != nil {
				record[r[0].(string)] = r[1]
			}
		}
		c := map[string]any{"graph": filepath.Join(dir, l.GEXF), "inputs": inputs,
			"outputs": []any{map[string]any{"file": id + ".h5", "variables": record, "interval": max(l.SampleInterval, 1)}}}
		if l.Rates != "" {
			c["rates"] = l.Rates
		}
		lpus[id] = c
	}
	type pair [2]string
	connect := map[pair][]any{}
	var order []pair
	for _, l := range n.Links {
		p := pair{l[0], l[2]}
		if connect[p] == nil {
			order = append(order, p)
		}
		connect[p] = append(connect[p], map[string]any{"from": l[1], "to": l[3]})
	}
	var patterns []any
	for _, p := range order {
		patterns = append(patterns, map[string]any{"lpus": p, "connect": connect[p]})
	}
	return map[string]any{"dt": n.DT, "steps": n.Steps, "lpus": lpus, "patterns": patterns}
}

func inputConfig(dir string, in map[string]any) map[string]any {
	of := func(keys ...string) map[string]any {
		m := map[string]any{}
		for _, k := range keys {
			from, to, ok := strings.Cut(k, ":")
			if !ok {
				to = from
			}
			m[to] = in[from]
		}
		return m
	}
	switch in["kind"] {
	case "file":
		mode := "zero"
		if in["mode"] == 1.0 {
			mode = "hold"
		}
		return map[string]any{"file": filepath.Join(dir, in["path"].(string)), "mode": mode}
	case "step":
		return map[string]any{"step": of("variable", "uids", "value", "start", "stop")}
	case "ramp":
		return map[string]any{"ramp": of("variable", "uids", "start", "duration", "start_value:from", "stop_value:to")}
	case "events":
		uids := in["uids"].([]any)
		times := make([][]float64, len(uids))
		for i, k := range in["index"].([]any) {
			times[int(k.(float64))] = append(times[int(k.(float64))], in["time"].([]any)[i].(float64))
		}
		for i := range times {
			if times[i] == nil {
				times[i] = []float64{}
			}
		}
		return map[string]any{"spikes": map[string]any{"uids": uids, "times": times}}
	}
	return in
}

// compare holds a recording against what is expected of it.
func compare(expected, recording string, dt float64) error {
	text, err := os.ReadFile(expected)
	if err != nil {
		return err
	}
	var e expectation
	if err := json.Unmarshal(text, &e); err != nil {
		return err
	}
	r, err := hdf5io.OpenRecording(recording)
	if err != nil {
		return err
	}
	defer r.Close()
	for name, raw := range e.Variables {
		if name == hdf5io.SpikeVariable {
			err = compareSpikes(r, raw, dt)
		} else {
			err = compareRows(r, name, raw)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func compareRows(r *hdf5io.Reader, name string, raw json.RawMessage) error {
	var want dense
	if err := json.Unmarshal(raw, &want); err != nil {
		return err
	}
	got := make([]float64, len(want.UIDs))
	for i, row := range want.Rows {
		if err := r.ReadColumns(name, want.UIDs, row, 1, got); err != nil {
			return err
		}
		for k, x := range want.Data[i] {
			if !(math.Abs(got[k]-x) <= want.Tolerance) {
				return fmt.Errorf("row %d, uid %s: %.17g, expected %.17g within %g", row, want.UIDs[k], got[k], x, want.Tolerance)
			}
		}
	}
	return nil
}

func compareSpikes(r *hdf5io.Reader, raw json.RawMessage, dt float64) error {
	var want events
	if err := json.Unmarshal(raw, &want); err != nil {
		return err
	}
	v, err := r.Variable(hdf5io.SpikeVariable)
	if err != nil {
		return err
	}
	times, index, err := r.ReadSpikes()
	if err != nil {
		return err
	}
	var a, b []string
	for i, t := range times {
		step := int(math.Round(t / dt))
		if t != float64(step)*dt {
			return fmt.Errorf("spike at %.17g s, which is not exactly %d*dt", t, step)
		}
		a = append(a, fmt.Sprintf("%09d %s", step, v.UIDs[index[i]]))
	}
	for i, s := range want.Step {
		b = append(b, fmt.Sprintf("%09d %s", s, want.UIDs[want.Index[i]]))
	}
	sort.Strings(a)
	sort.Strings(b)
	if !slices.Equal(a, b) {
		return fmt.Errorf("%d spikes, expected %d, or at other steps", len(a), len(b))
	}
	return nil
}
