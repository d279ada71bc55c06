package hdf5io

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestInputsFromPython reads what h5py writes: 3 uids, 5 rows, value 10*row + column.
func TestInputsFromPython(t *testing.T) {
	for _, c := range []struct{ name, file, uids, data string }{
		{"as the reference", "", "np.array(u, 'S')", "create_dataset('I/data', data=d)"},
		{"float32", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('f4'))"},
		{"float16", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('f2'))"},
		{"int32", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('i4'))"},
		{"int8", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('i1'))"},
		{"uint16 big-endian", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('>u2'))"},
		{"int64", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('i8'))"},
		{"float64 big-endian", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('>f8'))"},
		{"float32 big-endian", "", "np.array(u, 'S')", "create_dataset('I/data', data=d.astype('>f4'))"},
		{"gzip and shuffle", "", "np.array(u, 'S')", "create_dataset('I/data', data=d, compression='gzip', shuffle=True, chunks=(2, 2))"},
		{"lzf-free chunks with checksum", "", "np.array(u, 'S')", "create_dataset('I/data', data=d, fletcher32=True)"},
		{"growing", "", "np.array(u, 'S')", "create_dataset('I/data', data=d, maxshape=(None, 3))"},
		{"libver latest", ", libver='latest'", "np.array(u, 'S')", "create_dataset('I/data', data=d, maxshape=(None, 3))"},
		{"user block", ", userblock_size=1024", "np.array(u, 'S')", "create_dataset('I/data', data=d)"},
		{"wide byte uids", "", "np.array(u, 'S40')", "create_dataset('I/data', data=d)"},
		{"Unicode uids", "", "u", "create_dataset('I/data', data=d)"},
		{"Unicode object uids", "", "np.array(u, dtype=h5py.string_dtype('utf-8'))", "create_dataset('I/data', data=d)"},
		{"ASCII uids of variable length", "", "np.array([x.encode() for x in u], dtype=h5py.string_dtype('ascii'))", "create_dataset('I/data', data=d)"},
		{"fixed UTF-8 uids", "", "np.array([x.encode() for x in u], dtype=h5py.string_dtype('utf-8', 20))", "create_dataset('I/data', data=d)"},
		{"soft link", "", "np.array(u, 'S')", "create_dataset('elsewhere', data=d); f['I/data'] = h5py.SoftLink('/elsewhere')"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := tempFile(t)
			runPython(t, fmt.Sprintf(`
u = ['a', 'n_11', 'sensory']
d = 10*np.arange(5)[:, None] + np.arange(3.0)
with h5py.File(sys.argv[1], 'w'%s) as f:
    f.create_dataset('I/uids', data=%s)
    f.%s
    f.create_dataset('metadata', data=1)
`, c.file, c.uids, c.data), path)
			in, err := OpenInput(path)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			v := in.Variables()
			if len(v) != 1 || v[0].Name != "I" || v[0].Rows != 5 || v[0].Events || !slices.Equal(v[0].UIDs, []string{"a", "n_11", "sensory"}) {
				t.Fatalf("variables %+v", v)
			}
			for _, r := range []struct{ first, n int }{{0, 5}, {2, 2}, {4, 1}, {5, 0}} {
				got := make([]float64, r.n*3)
				if err := in.ReadRows("I", r.first, r.n, got); err != nil {
					t.Fatal(err)
				}
				for i, x := range got {
					if want := float64(10*(r.first+i/3) + i%3); x != want {
						t.Errorf("rows from %d: value %d is %v, expected %v", r.first, i, x, want)
					}
				}
			}
		})
	}
}

func TestEventsFromPython(t *testing.T) {
	for _, c := range []struct{ name, time, index string }{
		{"as the reference", "np.array(t)", "np.array(i, 'i4')"},
		{"int64 index", "np.array(t)", "np.array(i, 'i8')"},
		{"uint8 big-endian float32", "np.array(t, '>f4')", "np.array(i, 'u1')"},
		{"gzip", "np.array(t), compression='gzip'", "np.array(i, 'i4'), compression='gzip', shuffle=True"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := tempFile(t)
			runPython(t, fmt.Sprintf(`
t = [0.5, 0.25, 0.5, 0, 0.25]
i = [1, 2, 0, 2, 0]
with h5py.File(sys.argv[1], 'w') as f:
    f.create_dataset('spike_state/uids', data=np.array(['x','y','z'], 'S'))
    f.create_dataset('spike_state/data/time', data=%s)
    f.create_dataset('spike_state/data/index', data=%s)
`, c.time, c.index), path)
			in, err := OpenInput(path)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if v := in.Variables(); len(v) != 1 || !v[0].Events || v[0].Rows != 5 {
				t.Fatalf("variables %+v", v)
			}
			time, index, err := in.ReadEvents(SpikeVariable)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := fmt.Sprint(time, index), "[0 0.25 0.25 0.5 0.5] [2 0 2 0 1]"; got != want {
				t.Errorf("got %s, expected %s", got, want)
			}
			mentions(t, in.ReadRows(SpikeVariable, 0, 1, make([]float64, 3)), "events, not rows")
		})
	}
}

func TestDenseSpikesAndSeveralVariables(t *testing.T) {
	path := tempFile(t)
	runPython(t, `
with h5py.File(sys.argv[1], 'w') as f:
    for n in ['spike_state', 'I', 'a']:
        f.create_dataset(n+'/uids', data=np.array(['x','y'], 'S'))
    f.create_dataset('I/data', data=np.ones((4, 2)))
    f.create_dataset('a/data', data=np.ones((0, 2)))
    f.create_dataset('spike_state/data', data=np.array([[True, False], [False, True]]))
`, path)
	in, err := OpenInput(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var got []string
	for _, v := range in.Variables() {
		got = append(got, fmt.Sprint(v.Name, v.Rows, v.Events))
	}
	if want := "I4false a0false spike_state2false"; strings.ReplaceAll(strings.Join(got, " "), " f", "f") != want {
		t.Errorf("got %q, expected %q", got, want)
	}
	dst := make([]float64, 4)
	if err := in.ReadRows(SpikeVariable, 0, 2, dst); err != nil || !slices.Equal(dst, []float64{1, 0, 0, 1}) {
		t.Errorf("booleans read as %v (%v)", dst, err)
	}
}

func TestInputErrors(t *testing.T) {
	ok := "f.create_dataset('I/uids', data=np.array(['a','b'], 'S')); f.create_dataset('I/data', data=np.ones((4, 2)))\n"
	ev := "f.create_dataset('spike_state/uids', data=np.array(['a','b'], 'S'))\n"
	for _, c := range []struct {
		name, script string
		want         []string
	}{
		{"empty", "", []string{"no variables", "/I/uids"}},
		{"only datasets", "f['x'] = 1", []string{"no variables"}},
		{"no uids", "f['I/data'] = np.ones((4, 2))", []string{"/I has no uids"}},
		{"no data", "f['I/uids'] = np.array(['a'], 'S')", []string{"/I has no data"}},
		{"too few columns", "f['I/uids'] = np.array(['a','b','c'], 'S'); f['I/data'] = np.ones((4, 2))",
			[]string{"/I/data", "(4, 2)", "names 3", "expected (rows, 3)"}},
		{"transposed", "f['I/uids'] = np.array(['a','b'], 'S'); f['I/data'] = np.ones((2, 9))", []string{"(2, 9)", "transposed"}},
		{"flat", "f['I/uids'] = np.array(['a'], 'S'); f['I/data'] = np.ones(4)", []string{"(4)", "expected (rows, 1)"}},
		{"numbers as uids", "f['I/uids'] = [1, 2]; f['I/data'] = np.ones((4, 2))", []string{"/I/uids", "int64", "names"}},
		{"scalar uids", "f['I/uids'] = 'a'; f['I/data'] = np.ones((4, 1))", []string{"/I/uids", "list of names"}},
		{"text as data", "f['I/uids'] = np.array(['a'], 'S'); f['I/data'] = np.array([['x']], 'S')", []string{"/I/data", "expected numbers"}},
		{"complex data", "f['I/uids'] = np.array(['a'], 'S'); f['I/data'] = np.ones((4, 1), 'c16')", []string{"/I/data", "compound", "expected numbers"}},
		{"uid twice", "f['I/uids'] = np.array(['a','a'], 'S'); f['I/data'] = np.ones((4, 2))", []string{`"a" twice`}},
		{"events of I", "f['I/uids'] = np.array(['a'], 'S'); f['I/data/time'] = [0.]; f['I/data/index'] = [0]", []string{"/I/data is a group", "only spike_state"}},
		{"no index", ok + ev + "f['spike_state/data/time'] = [0.]", []string{"/spike_state/data has no index"}},
		{"unequal lists", ev + "f['spike_state/data/time'] = [0., 1.]; f['spike_state/data/index'] = [0]", []string{"2 values", "has 1"}},
		{"index too large", ev + "f['spike_state/data/time'] = [0., 1.]; f['spike_state/data/index'] = [0, 2]", []string{"event 1", "index 2", "0 to 1"}},
		{"index far too large", ev + "f['spike_state/data/time'] = [0.]; f['spike_state/data/index'] = [2**40]", []string{"event 0", "0 to 1"}},
		{"index negative", ev + "f['spike_state/data/time'] = [0.]; f['spike_state/data/index'] = [-1]", []string{"index -1"}},
		{"float index", ev + "f['spike_state/data/time'] = [0.]; f['spike_state/data/index'] = [0.]", []string{"float64", "list of integers"}},
		{"negative time", ev + "f['spike_state/data/time'] = [-0.5]; f['spike_state/data/index'] = [0]", []string{"event 0", "-0.5"}},
		{"NaN time", ev + "f['spike_state/data/time'] = [np.nan]; f['spike_state/data/index'] = [0]", []string{"event 0", "NaN"}},
		{"dangling link", ok + "f['g'] = h5py.SoftLink('/nowhere')", []string{"/g"}},
		{"data is a type", "f['I/uids'] = np.array(['a'], 'S'); f['I/data'] = np.dtype('f8')", []string{"/I/data"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := tempFile(t)
			runPython(t, "f = h5py.File(sys.argv[1], 'w')\n"+c.script, path)
			_, err := OpenInput(path)
			mentions(t, err, append(c.want, path)...)
			if strings.Contains(fmt.Sprint(err), "\n") {
				t.Errorf("error of several lines: %v", err)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	path := tempFile(t)
	if err := WriteInput(path, []InputData{{Name: "I", UIDs: names(3), Rows: 4, Row: func(int, []float64) {}}}); err != nil {
		t.Fatal(err)
	}
	in, err := OpenInput(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	mentions(t, in.ReadRows("J", 0, 1, make([]float64, 3)), path, `"J"`, "has I", `did you mean "I"?`)
	mentions(t, in.ReadRows("I", 2, 3, make([]float64, 9)), "rows 2 to 4", "it has 4")
	_, _, err = in.ReadEvents("I")
	mentions(t, err, "rows, not events")
	r, err := OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	mentions(t, r.ReadColumns("I", []string{"n_0", "m_1"}, 0, 1, make([]float64, 2)), `"m_1"`, `did you mean "n_1"?`)
}

// TestReadColumns picks columns in an order of the caller's.
func TestReadColumns(t *testing.T) {
	path := tempFile(t)
	const rows, cols = 3000, 700 // more than one block of the reader
	if err := WriteInput(path, []InputData{{Name: "I", UIDs: names(cols), Rows: rows, Row: func(r int, dst []float64) {
		for k := range dst {
			dst[k] = float64(r*cols + k)
		}
	}}}); err != nil {
		t.Fatal(err)
	}
	r, err := OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, pick := range [][]int{{699, 0, 350}, {5}, {7, 7}, {}} {
		uids := make([]string, len(pick))
		for i, k := range pick {
			uids[i] = fmt.Sprintf("n_%d", k)
		}
		got := make([]float64, (rows-10)*len(pick))
		if err := r.ReadColumns("I", uids, 10, rows-10, got); err != nil {
			t.Fatal(err)
		}
		for i, x := range got {
			if want := float64((10+i/len(pick))*cols + pick[i%len(pick)]); x != want {
				t.Fatalf("columns %v: value %d is %v, expected %v", pick, i, x, want)
			}
		}
	}
}

// TestWriteInput checks with h5py that the generator's files are as h5py would have made them.
func TestWriteInput(t *testing.T) {
	path := tempFile(t)
	err := WriteInput(path, []InputData{
		{Name: "I", UIDs: []string{"a", "bcd"}, Rows: 70000, Row: func(r int, dst []float64) { dst[r%2] = float64(r) }},
		{Name: SpikeVariable, UIDs: []string{"s"}, Time: []float64{0.25, 0.5}, Index: []int32{0, 0}},
		{Name: "none", UIDs: nil, Rows: 3, Row: func(int, []float64) {}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := runPython(t, `
f = h5py.File(sys.argv[1], 'r')
assert sorted(f) == ['I', 'none', 'spike_state']
u, d = f['I/uids'], f['I/data']
assert u.dtype == 'S3' and list(u[:]) == [b'a', b'bcd']
assert d.dtype == np.dtype('<f8') and d.chunks is None and d.maxshape == (70000, 2)
k = np.arange(70000)
assert (d[:].sum(1) == k).all() and (d[:][k, k % 2] == k).all()
assert f['none/data'].shape == (3, 0) and f['none/uids'].shape == (0,)
s = f['spike_state/data']
assert s['time'].dtype == np.float64 and s['index'].dtype == np.int32
print(s['time'][:], s['index'][:])
`, path)
	if got != "[0.25 0.5 ] [0 0]" {
		t.Error(got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestWriteInputErrors(t *testing.T) {
	rows := func(int, []float64) {}
	for _, c := range []struct {
		name string
		vars []InputData
		want string
	}{
		{"twice", []InputData{{Name: "I", Row: rows}, {Name: "I", Row: rows}}, "I is listed twice"},
		{"both", []InputData{{Name: "I", Row: rows, Time: []float64{1}}}, "both rows and events"},
		{"events of I", []InputData{{Name: "I"}}, "only spike_state"},
		{"lengths", []InputData{{Name: SpikeVariable, UIDs: names(1), Time: []float64{1}}}, "1 times and 0 indices"},
		{"index", []InputData{{Name: SpikeVariable, UIDs: names(1), Time: []float64{1}, Index: []int32{1}}}, "index 1 of 1 uids"},
		{"time", []InputData{{Name: SpikeVariable, UIDs: names(1), Time: []float64{-1}, Index: []int32{0}}}, "-1 s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := tempFile(t)
			mentions(t, WriteInput(path, c.vars), path, c.want)
			if e, _ := os.ReadDir(filepath.Dir(path)); len(e) > 0 {
				t.Errorf("left behind: %v", e)
			}
		})
	}
	mentions(t, WriteInput("/nowhere/at/all.h5", nil), "/nowhere/at", "no such file")
}

// TestDamagedFiles reads cut and altered files in other processes: an error or a result, never a crash or a hang.
func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.h5")
	record(t, RecordingSpec{Path: whole, DT: 1e-4, Interval: 1, Compress: "gzip",
		Variables: []RecordedVar{{"V", names(5)}, {SpikeVariable, names(5)}}}, 2000)
	content, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		b := slices.Clone(content)
		what := "cut"
		if i%3 == 0 {
			b = b[:rng.IntN(len(b))]
		} else {
			what = "altered"
			// The structure lies in the first kilobytes; damage elsewhere shows only in values.
			for range 1 + rng.IntN(4) {
				b[rng.IntN(min(len(b), 8192))] = byte(rng.Uint32())
			}
		}
		path := filepath.Join(dir, fmt.Sprintf("%s%d.h5", what, i))
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := child("read", path)
		kill := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		out, err := cmd.CombinedOutput()
		kill.Stop()
		switch code := cmd.ProcessState.ExitCode(); {
		case code == 0 && what == "cut":
			t.Errorf("%s: a file cut to %d of %d bytes is read without an error", path, len(b), len(content))
		case code == 0:
		case code != 3 || err == nil:
			t.Errorf("%s: exit code %d\n%.2000s", path, code, out)
		case !strings.Contains(string(out), path):
			t.Errorf("%s: the error does not name the file: %s", path, out)
		}
	}
}
