package hdf5io

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// record writes steps rows of V and a spike in every third step.
func record(t testing.TB, spec RecordingSpec, steps int) {
	t.Helper()
	rec, err := CreateRecording(spec)
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		for i, v := range spec.Variables {
			if v.Name == SpikeVariable {
				if step%3 == 0 && len(v.UIDs) > 0 {
					err = rec.WriteSpikes(step, []int32{int32(step % len(v.UIDs))})
				}
			} else if step >= spec.FirstStep && (step-spec.FirstStep)%spec.Interval == 0 {
				row := make([]float64, len(v.UIDs))
				for k := range row {
					row[k] = float64(step) + 0.001*float64(k)
				}
				err = rec.WriteRow(i, step, row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := rec.Close(true); err != nil {
		t.Fatal(err)
	}
}

// TestPythonReadsRecordings checks with h5py what the layout promises, type by type.
func TestPythonReadsRecordings(t *testing.T) {
	for _, compress := range []string{"none", "gzip"} {
		t.Run(compress, func(t *testing.T) {
			path := tempFile(t)
			record(t, RecordingSpec{Path: path, DT: 2e-4, Interval: 5, FirstStep: 4, Compress: compress,
				Variables: []RecordedVar{{"V", []string{"b", "long_name", "ä"}}, {SpikeVariable, names(7)}}}, 20000)
			got := runPython(t, `
f = h5py.File(sys.argv[1], 'r')
m = f['metadata']
assert m.shape == () and m.dtype == np.int32, m
a = m.attrs
assert sorted(a) == ['DateCreated', 'complete', 'dt', 'first_sample_time', 'sample_interval', 'start_time'], sorted(a)
assert a['dt'] == 2e-4 and a['dt'].dtype == np.float64
assert a['sample_interval'] == 5 and a['sample_interval'].dtype == np.int64
assert a['start_time'] == 0 and a['start_time'].dtype == np.float64
assert a['first_sample_time'] == 4*2e-4
assert a['complete'] == 1 and a['complete'].dtype == np.int64
import datetime
assert isinstance(a['DateCreated'], str)
datetime.datetime.fromisoformat(a['DateCreated'])
u = f['V/uids']
assert u.dtype == 'S9', u.dtype
assert [x.decode() for x in u[:]] == ['b', 'long_name', 'ä']
d = f['V/data']
assert d.dtype == np.dtype('<f8') and d.shape == (4000, 3) and d.maxshape == (None, 3), d
steps = np.arange(4, 20000, 5)
assert (d[:] == steps[:, None] + 0.001*np.arange(3)).all()
time, index = f['spike_state/data/time'], f['spike_state/data/index']
assert time.dtype == np.float64 and index.dtype == np.int32
assert time.maxshape == (None,) and index.maxshape == (None,)
steps = np.arange(0, 20000, 3)
assert (time[:] == steps*2e-4).all() and (index[:] == steps % 7).all()
assert (d.compression == 'gzip') == (sys.argv[2] == 'gzip')
print('ok')
`, path, compress)
			if got != "ok" {
				t.Error(got)
			}
		})
	}
}

// TestReferenceReader runs what the reference's FileOutputReader does with a file.
func TestReferenceReader(t *testing.T) {
	path := tempFile(t)
	record(t, RecordingSpec{Path: path, DT: 1e-4, Interval: 1, Variables: []RecordedVar{{"V", names(2)}, {SpikeVariable, names(2)}}}, 10)
	got := runPython(t, `
f = h5py.File(sys.argv[1], 'r')
dt = f['metadata'].attrs['dt']; s = f['metadata'].attrs['sample_interval']; start = f['metadata'].attrs['start_time']
out = {}
for var in f.keys():
    if var == 'metadata': continue
    uids = [u.decode() for u in f[var]['uids'][:]]
    if var == 'spike_state':
        t, i = f[var]['data']['time'][:], f[var]['data']['index'][:]
        out[var] = {u: (t[i == k] + start).tolist() for k, u in enumerate(uids)}
    else:
        out[var] = {u: (np.arange(0, f[var]['data'].shape[0])[-1]*dt*s, f[var]['data'][-1, k]) for k, u in enumerate(uids)}
print(out)
`, path)
	want := "{'V': {'n_0': (0.0009000000000000001, 9.0), 'n_1': (0.0009000000000000001, 9.001)}, " +
		"'spike_state': {'n_0': [0.0, 0.0006000000000000001], 'n_1': [0.00030000000000000003, 0.0009000000000000001]}}"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEmptyRecordings(t *testing.T) {
	for _, c := range []struct {
		name string
		vars []RecordedVar
	}{
		{"no variables", nil},
		{"no uids", []RecordedVar{{"V", nil}, {SpikeVariable, nil}}},
		{"no rows", []RecordedVar{{"V", names(3)}, {SpikeVariable, names(3)}}},
	} {
		for _, compress := range []string{"none", "gzip"} {
			t.Run(c.name+" "+compress, func(t *testing.T) {
				path := tempFile(t)
				steps := 300
				if c.name == "no rows" {
					steps = 0
				}
				record(t, RecordingSpec{Path: path, DT: 1e-4, Interval: 1, Compress: compress, Variables: c.vars}, steps)
				r, err := OpenRecording(path)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				if len(r.Variables()) != len(c.vars) {
					t.Fatalf("%d variables, expected %d", len(r.Variables()), len(c.vars))
				}
				for i, v := range r.Variables() {
					if len(v.UIDs) != len(c.vars[i].UIDs) {
						t.Errorf("%s has uids %q", v.Name, v.UIDs)
					}
					if v.Name == "V" && v.Rows != steps {
						t.Errorf("%d rows, expected %d", v.Rows, steps)
					}
				}
				runPython(t, "f = h5py.File(sys.argv[1], 'r')\nfor v in f:\n    if v != 'metadata': f[v+'/uids'][:]; f['V/data'][:]; f['spike_state/data/time'][:]", path)
				rep, err := Diff(path, path, DiffOptions{Exact: true})
				if err != nil || !rep.Equal {
					t.Errorf("%v %v", rep, err)
				}
			})
		}
	}
}

func TestCreateRecordingErrors(t *testing.T) {
	good := func() RecordingSpec {
		return RecordingSpec{Path: "x.h5", DT: 1e-4, Interval: 1, Variables: []RecordedVar{{"V", names(2)}}}
	}
	for _, c := range []struct {
		name   string
		change func(*RecordingSpec)
		want   []string
	}{
		{"no path", func(s *RecordingSpec) { s.Path = "" }, []string{"no file name"}},
		{"dt 0", func(s *RecordingSpec) { s.DT = 0 }, []string{"x.h5", "dt is 0"}},
		{"dt NaN", func(s *RecordingSpec) { s.DT = math.NaN() }, []string{"dt is NaN"}},
		{"interval 0", func(s *RecordingSpec) { s.Interval = 0 }, []string{"interval is 0", "1 step or more"}},
		{"first step", func(s *RecordingSpec) { s.FirstStep = -1 }, []string{"-1"}},
		{"compress", func(s *RecordingSpec) { s.Compress = "lzf" }, []string{`"lzf"`, "none or gzip"}},
		{"variable twice", func(s *RecordingSpec) { s.Variables = append(s.Variables, s.Variables[0]) }, []string{"V is listed twice"}},
		{"metadata", func(s *RecordingSpec) { s.Variables[0].Name = "metadata" }, []string{`"metadata" cannot name`}},
		{"slash", func(s *RecordingSpec) { s.Variables[0].Name = "a/b" }, []string{`"a/b" cannot name`}},
		{"uid twice", func(s *RecordingSpec) { s.Variables[0].UIDs = []string{"a", "b", "a"} }, []string{"V", `"a" twice`}},
		{"uid NUL", func(s *RecordingSpec) { s.Variables[0].UIDs = []string{"a\x00"} }, []string{"NUL"}},
		{"no folder", func(s *RecordingSpec) { s.Path = "/nowhere/at/all.h5" }, []string{"/nowhere/at/all.h5", "no such file or directory"}},
		{"folder", func(s *RecordingSpec) { s.Path = "/" }, []string{"is a directory"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("x.h5", []byte("before"), 0o666); err != nil {
				t.Fatal(err)
			}
			s := good()
			c.change(&s)
			_, err := CreateRecording(s)
			mentions(t, err, c.want...)
			if got, _ := os.ReadFile("x.h5"); string(got) != "before" {
				t.Error("the file that was there has been touched")
			}
		})
	}
}

// TestSameContentSameFile: what DateCreated says must be the only difference between two recordings of equal content,
// however they were buffered and flushed.
func TestSameContentSameFile(t *testing.T) {
	a, b := tempFile(t), tempFile(t)
	spec := RecordingSpec{Path: a, DT: 1e-4, Interval: 1, Variables: []RecordedVar{{"V", names(300)}, {SpikeVariable, names(9)}}}
	record(t, spec, 700)
	time.Sleep(time.Millisecond)
	spec.Path = b
	rec, err := CreateRecording(spec)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 300)
	for step := range 700 {
		for k := range row {
			row[k] = float64(step) + 0.001*float64(k)
		}
		err := rec.WriteRow(0, step, row)
		if err == nil && step%3 == 0 {
			err = rec.WriteSpikes(step, []int32{int32(step % 9)})
		}
		if err == nil && step%41 == 0 {
			err = rec.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Close(true); err != nil {
		t.Fatal(err)
	}
	rep, err := Diff(a, b, DiffOptions{Exact: true})
	if err != nil || !rep.Equal {
		t.Errorf("%v %v", rep, err)
	}
}

// TestRandomRecordings writes random numbers of rows and spikes with flushes in between, and reads them back.
func TestRandomRecordings(t *testing.T) {
	path := tempFile(t)
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.SampledFrom([]int{1, 2, 63, 400, 5000}).Draw(t, "cols")
		spec := RecordingSpec{Path: path, DT: 1e-3, Interval: rapid.IntRange(1, 4).Draw(t, "interval"),
			FirstStep: rapid.IntRange(0, 9).Draw(t, "first"), Compress: rapid.SampledFrom([]string{"none", "gzip"}).Draw(t, "compress"),
			Variables: []RecordedVar{{"I", names(cols)}, {SpikeVariable, names(cols)}}}
		rec, err := CreateRecording(spec)
		if err != nil {
			t.Fatal(err)
		}
		var rows int
		var times []float64
		row, all := make([]float64, cols), make([]int32, 0, cols)
		for range rapid.IntRange(0, 5).Draw(t, "flushes") {
			for range rapid.IntRange(0, 300).Draw(t, "rows") {
				step := spec.FirstStep + rows*spec.Interval
				row[rows%cols] = float64(rows)
				all = all[:min(cols, rows%90)]
				for i := range all {
					all[i] = int32(i)
					times = append(times, float64(step)*spec.DT)
				}
				if err := rec.WriteRow(0, step, row); err != nil {
					t.Fatal(err)
				}
				if err := rec.WriteSpikes(step, all); err != nil {
					t.Fatal(err)
				}
				rows++
			}
			if err := rec.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if err := rec.Close(true); err != nil {
			t.Fatal(err)
		}
		r, err := OpenRecording(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if v, _ := r.Variable("I"); v.Rows != rows {
			t.Fatalf("%d rows, wrote %d", v.Rows, rows)
		}
		got, want := make([]float64, rows*cols), make([]float64, cols)
		if err := r.ReadColumns("I", nil, 0, rows, got); err != nil {
			t.Fatal(err)
		}
		for k := range rows {
			want[k%cols] = float64(k)
			for i, w := range want {
				if got[k*cols+i] != w {
					t.Fatalf("row %d column %d is %v, expected %v", k, i, got[k*cols+i], w)
				}
			}
		}
		time, _, err := r.ReadSpikes()
		if err != nil || fmt.Sprint(time) != fmt.Sprint(times) {
			t.Fatalf("spike times differ (%v)", err)
		}
	})
}

// TestReadWhileWriting: after a flush another process reads all that was written, while the writer goes on.
func TestReadWhileWriting(t *testing.T) {
	for _, compress := range []string{"none", "gzip"} {
		t.Run(compress, func(t *testing.T) {
			path := tempFile(t)
			rec, err := CreateRecording(RecordingSpec{Path: path, DT: 1, Interval: 1, Compress: compress,
				Variables: []RecordedVar{{"V", names(3)}, {SpikeVariable, names(3)}}})
			if err != nil {
				t.Fatal(err)
			}
			step := 0
			for _, until := range []int{0, 1, 50, 6000, 6001} {
				for ; step < until; step++ {
					if err := rec.WriteRow(0, step, []float64{float64(step), 1, 2}); err != nil {
						t.Fatal(err)
					}
					if err := rec.WriteSpikes(step, []int32{0, 2}); err != nil {
						t.Fatal(err)
					}
				}
				if err := rec.Flush(); err != nil {
					t.Fatal(err)
				}
				got := runPython(t, `
f = h5py.File(sys.argv[1], 'r')
d = f['V/data'][:]
assert (d[:, 0] == np.arange(len(d))).all()
print(len(d), len(f['spike_state/data/time'][:]), f['metadata'].attrs['complete'])`, path)
				if want := fmt.Sprint(until, 2*until, 0); got != want {
					t.Errorf("after step %d h5py sees %q, expected %q", until, got, want)
				}
			}
			if err := rec.Close(false); err != nil {
				t.Fatal(err)
			}
			r, err := OpenRecording(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if r.Metadata().Complete != CompleteNo {
				t.Errorf("complete is %v", r.Metadata().Complete)
			}
		})
	}
}

// TestKilledWriter: a process killed at any moment leaves what its last flush promised.
func TestKilledWriter(t *testing.T) {
	for _, compress := range []string{"none", "gzip"} {
		for round := range 6 {
			t.Run(fmt.Sprint(compress, round), func(t *testing.T) {
				path := tempFile(t)
				cmd := child("record", path, compress)
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				promised := 0
				lines := bufio.NewScanner(out)
				for lines.Scan() {
					if promised, err = strconv.Atoi(lines.Text()); err != nil {
						t.Fatalf("the writer says %q", lines.Text())
					}
					if promised > 20000 {
						time.AfterFunc(time.Duration(round)*300*time.Microsecond, func() { cmd.Process.Kill() })
					}
				}
				cmd.Wait()
				got := runPython(t, `
f = h5py.File(sys.argv[1], 'r')
n = int(sys.argv[2])
d = f['V/data'][:n]
assert d.shape == (n, 37), d.shape
assert (d == np.arange(n)[:, None]*1000 + np.arange(37)).all()
assert (f['spike_state/data/time'][:n] == np.arange(n)*1e-4).all()
assert (f['spike_state/data/index'][:n] == np.arange(n) % 37).all()
print(f['metadata'].attrs['complete'])`, path, fmt.Sprint(promised))
				if got != "0" {
					t.Errorf("complete is %s", got)
				}
				r, err := OpenRecording(path)
				if err != nil {
					t.Fatal(err)
				}
				defer r.Close()
				if v, _ := r.Variable("V"); v.Rows < promised {
					t.Errorf("%d rows, promised %d", v.Rows, promised)
				}
			})
		}
	}
}

// TestDiskFull: the error says what failed, where and what is safe, and that much can indeed be read.
func TestDiskFull(t *testing.T) {
	for _, compress := range []string{"none", "gzip"} {
		t.Run(compress, func(t *testing.T) {
			path := tempFile(t)
			out, err := child("full", path, compress).CombinedOutput()
			if err == nil {
				t.Fatal("no error")
			}
			text := strings.TrimSpace(string(out))
			var failed, safe, to int
			for _, want := range []string{path, "file too large", "rows of V are safe"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q lacks %q", text, want)
				}
			}
			if _, err := fmt.Sscanf(text, "recording failed at step %d:", &failed); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			_, tail, _ := strings.Cut(text, "(")
			if _, err := fmt.Sscanf(tail, "%d rows of V are safe, to step %d", &safe, &to); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if safe == 0 || to != 2*(safe-1)+1 || failed < to {
				t.Errorf("%d rows safe to step %d, failed at step %d", safe, to, failed)
			}
			got := runPython(t, `
f = h5py.File(sys.argv[1], 'r')
d = f['V/data'][:]
assert (d == (np.arange(len(d))[:, None]*1000 + np.arange(50))*1.2345678901).all()
print(len(d), f['metadata'].attrs['complete'])`, path)
			if got != fmt.Sprint(safe, 0) {
				t.Errorf("h5py reads %q, expected %d rows, not complete", got, safe)
			}
		})
	}
}

// TestHandlesDoNotLeak: a name is free again as soon as its file is closed, and nothing stays open.
func TestHandlesDoNotLeak(t *testing.T) {
	path := tempFile(t)
	spec := RecordingSpec{Path: path, DT: 1, Interval: 1, Variables: []RecordedVar{{"V", names(2)}, {SpikeVariable, names(2)}}}
	before := openFiles(t)
	for i := range 1000 {
		if i%50 == 0 {
			record(t, spec, 3)
		}
		r, err := OpenRecording(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.ReadSpikes(); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files open, %d before", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	e, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(e)
}

func TestClosedRecording(t *testing.T) {
	rec, err := CreateRecording(RecordingSpec{Path: tempFile(t), DT: 1, Interval: 1, Variables: []RecordedVar{{"V", names(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(true); err != nil {
		t.Fatal(err)
	}
	if err := rec.Close(true); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	mentions(t, rec.WriteRow(0, 0, []float64{1}), "closed")
	mentions(t, rec.Flush(), "closed")
}
