package hdf5io

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nkrun/nkrun/internal/h5"
)

// marked is what a test remembers of a recording: the part of a checkpoint that matters to it.
type marked struct{ Step, Spikes int }

// extend records steps from one on, and marks where it is every so many steps.
func extend(rec *Recording, spec RecordingSpec, from, to, every int, mark func(marked) error) error {
	for step := from; step < to; step++ {
		if every > 0 && step%every == 0 {
			if err := rec.Flush(); err != nil {
				return err
			}
			if err := mark(marked{step, rec.Spikes()}); err != nil {
				return err
			}
		}
		for i, v := range spec.Variables {
			var err error
			if v.Name == SpikeVariable {
				if step%3 == 0 {
					err = rec.WriteSpikes(step, []int32{int32(step % (len(v.UIDs) - 1)), int32(step%(len(v.UIDs)-1)) + 1})
				}
			} else if step >= spec.FirstStep && (step-spec.FirstStep)%spec.Interval == 0 {
				row := make([]float64, len(v.UIDs))
				for k := range row {
					row[k] = crashValue(step, k) * 1.2345678901
				}
				err = rec.WriteRow(i, step, row)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// resumeSpec is a recording of two kinds of data; chunks end within it.
func resumeSpec(path, compress string) RecordingSpec {
	return RecordingSpec{Path: path, DT: 1e-4, Interval: 2, FirstStep: 5, Compress: compress,
		Variables: []RecordedVar{{"V", names(37)}, {SpikeVariable, names(37)}, {"wide", names(60)}}}
}

// whole makes the recording of a run that is not interrupted.
func whole(t *testing.T, spec RecordingSpec, steps int) string {
	t.Helper()
	spec.Path = filepath.Join(t.TempDir(), "whole.h5")
	rec, err := CreateRecording(spec)
	if err == nil {
		err = extend(rec, spec, 0, steps, 0, nil)
	}
	if err == nil {
		err = rec.Close(true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return spec.Path
}

func equalFiles(t *testing.T, a, b string) {
	t.Helper()
	d, err := Diff(a, b, DiffOptions{Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if !d.Equal {
		t.Errorf("the recordings differ:\n%v", d)
	}
}

// TestResumeRecording goes on at steps in and at the ends of chunks, before the first row, and at the end.
func TestResumeRecording(t *testing.T) {
	const steps, reached = 14000, 13000
	for _, compress := range []string{"none", "gzip"} {
		want := whole(t, resumeSpec("", compress), steps)
		for _, at := range []int{0, 3, 6, 201, 8192, 12288, 13000} {
			t.Run(fmt.Sprint(compress, at), func(t *testing.T) {
				spec := resumeSpec(tempFile(t), compress)
				rec, err := CreateRecording(spec)
				if err != nil {
					t.Fatal(err)
				}
				var m marked
				if err := extend(rec, spec, 0, at, 0, nil); err != nil {
					t.Fatal(err)
				}
				m = marked{at, rec.Spikes()}
				if err := extend(rec, spec, at, reached, 0, nil); err != nil {
					t.Fatal(err)
				}
				if err := rec.Close(at%2 == 0); err != nil { // also of a run that had come to its end
					t.Fatal(err)
				}
				if rec, err = ResumeRecording(spec, m.Step, m.Spikes); err != nil {
					t.Fatal(err)
				}
				if n := rec.Spikes(); n != m.Spikes {
					t.Errorf("%d spikes, expected %d", n, m.Spikes)
				}
				if err := extend(rec, spec, m.Step, steps, 0, nil); err != nil {
					t.Fatal(err)
				}
				if err := rec.Close(true); err != nil {
					t.Fatal(err)
				}
				equalFiles(t, spec.Path, want)
			})
		}
	}
}

// childResume records up to a step, from what is marked on, and goes on marking.
func childResume(args []string) error {
	spec, state := resumeSpec(args[0], args[1]), args[2]
	var m marked
	var rec *Recording
	text, err := os.ReadFile(state)
	if err == nil {
		if err = json.Unmarshal(text, &m); err == nil {
			rec, err = ResumeRecording(spec, m.Step, m.Spikes)
		}
	} else {
		rec, err = CreateRecording(spec)
	}
	if err != nil {
		return err
	}
	err = extend(rec, spec, m.Step, resumeSteps, 211, func(m marked) error {
		text, err := json.Marshal(m)
		if err == nil {
			err = os.WriteFile(state+".part", text, 0o666)
		}
		if err == nil {
			err = os.Rename(state+".part", state)
		}
		return err
	})
	if err == nil {
		err = rec.Close(true)
	}
	return err
}

const resumeSteps = 100000

// TestKilledAndResumed kills a process that records, again and again, and goes on from the last mark each time.
func TestKilledAndResumed(t *testing.T) {
	for _, compress := range []string{"none", "gzip"} {
		t.Run(compress, func(t *testing.T) {
			path := tempFile(t)
			state := path + ".state"
			kills := 0
			for i := 0; ; i++ {
				c := child("resume", path, compress, state)
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				if i < 10 {
					time.AfterFunc(time.Duration(15+rand.IntN(30))*time.Millisecond, func() { c.Process.Kill() })
				}
				if err := c.Wait(); err == nil {
					break
				} else if c.ProcessState.Exited() {
					t.Fatalf("run %d could not go on: %v", i, err)
				}
				kills++
			}
			if kills < 3 {
				t.Errorf("only %d kills", kills)
			}
			equalFiles(t, path, whole(t, resumeSpec("", compress), resumeSteps))
		})
	}
}

// TestUnfitToResume: recordings that cannot be gone on with, and why.
func TestUnfitToResume(t *testing.T) {
	spec := resumeSpec(whole(t, resumeSpec("", "none"), 1000), "none")
	for _, c := range []struct {
		name         string
		change       func(s *RecordingSpec)
		step, spikes int
		want         string
	}{
		{"no file", func(s *RecordingSpec) { s.Path += "x" }, 10, 2, "no such file"},
		{"another interval", func(s *RecordingSpec) { s.Interval = 3 }, 10, 2, "sample_interval is not 3"},
		{"another dt", func(s *RecordingSpec) { s.DT = 2e-4 }, 10, 2, "dt is not 0.0002"},
		{"another variable", func(s *RecordingSpec) {
			s.Variables = []RecordedVar{{"V", names(37)}, {SpikeVariable, names(37)}, {"wider", names(60)}}
		}, 10, 2, `no variable "wider"`},
		{"fewer variables", func(s *RecordingSpec) { s.Variables = s.Variables[:2] }, 10, 2, "3 variables, not 2"},
		{"other components", func(s *RecordingSpec) {
			s.Variables = slices.Clone(s.Variables)
			s.Variables[0].UIDs = names(36)
		}, 10, 2, "V of other components"},
		{"rows are missing", func(*RecordingSpec) {}, 2000, 2, "498 rows of V, and had 998"},
		{"spikes are missing", func(*RecordingSpec) {}, 1000, 700, "668 spikes of spike_state, and had 700"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := spec
			c.change(&s)
			_, err := ResumeRecording(s, c.step, c.spikes)
			mentions(t, err, c.want)
		})
	}
}

// states are two of different types of numbers.
func states() []State {
	return []State{
		{"a", []Array{{"x", []float64{1, 2, 3}}, {"f", []float32{1.5}}, {"n", []int64{-1, 1 << 60}}, {"empty", []int32{}}}},
		{"b.c/d", []Array{{"bytes", []uint8{0, 255}}, {"list", []int32{7}}}},
	}
}

// TestStates: what is written of LPUs is read again.
func TestStates(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "piece.h5")
	if err := WriteStates(path+".part", 7, states()); err != nil {
		t.Fatal(err)
	}
	if err := SyncStates(path+".part", path); err != nil {
		t.Fatal(err)
	}
	for _, want := range states() {
		got, err := ReadState(path, want.LPU, 7)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprintf("%T %v", got.Arrays, got.Arrays) != fmt.Sprintf("%T %v", want.Arrays, want.Arrays) {
			t.Errorf("LPU %s: %v, expected %v", want.LPU, got.Arrays, want.Arrays)
		}
	}
	_, err := ReadState(path, "c", 7)
	mentions(t, err, "does not hold the LPU c")
	_, err = ReadState(path, "a", 8)
	mentions(t, err, "of step 7, expected step 8")
	m := Manifest{Step: 7, Version: "1", Config: `{"dt":1}`, LPUs: []string{"a", "b"}, Files: []string{"p", "q"}}
	name := filepath.Join(dir, "state.h5")
	if err := WriteManifest(name, m); err != nil {
		t.Fatal(err)
	}
	got, err := ReadManifest(name)
	if err != nil {
		t.Fatal(err)
	}
	m.Files = []string{filepath.Join(dir, "p"), filepath.Join(dir, "q")}
	if fmt.Sprint(*got) != fmt.Sprint(m) {
		t.Errorf("%v, expected %v", *got, m)
	}
	_, err = ReadManifest(path)
	mentions(t, err, "piece.h5")
}

// TestDamagedStates: a file that is cut, or in which a bit has changed, is not taken for a state.
func TestDamagedStates(t *testing.T) {
	path := tempFile(t)
	s := []State{{"a", []Array{{"x", make([]float64, 1000)}}}}
	if err := WriteStates(path, 7, s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := 0
	for at := 0; at < len(text); at += 97 {
		b := slices.Clone(text)
		b[at] ^= 4
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		// Some bytes mean nothing; what is read without an error must be what was written.
		if got, err := ReadState(path, "a", 7); err != nil {
			damaged++
		} else if fmt.Sprint(got.Arrays) != fmt.Sprint(s[0].Arrays) {
			t.Errorf("a change of byte %d is not noticed", at)
		}
	}
	if damaged < 80 {
		t.Errorf("only %d changes are noticed", damaged)
	}
	for _, size := range []int{0, 100, len(text) / 2, len(text) - 1} {
		if err := os.WriteFile(path, text[:size], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadState(path, "a", 7); err == nil {
			t.Errorf("a file cut to %d bytes is taken for a state", size)
		}
	}
	f, err := h5.Create(path)
	if err == nil {
		err = f.PutAttrInt64("/", "nkrun_checkpoint", 2)
	}
	if err == nil {
		err = f.PutAttrInt64("/", "step", 2)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = ReadState(path, "a", 7)
	mentions(t, err, "format 2; this nkrun reads format 1")
}
