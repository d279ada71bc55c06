package hdf5io

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestDiff makes pairs of files with h5py, a from the script's first half and b from its changes, and compares the
// printed report with a golden file.
func TestDiff(t *testing.T) {
	const base = `
def make(path, uids=['a','b','c'], V=None, spikes=([0.0002, 0.0002, 0.0005], [0, 2, 1]), dt=1e-4, dense=False, extra=None, meta=True):
    with h5py.File(path, 'w') as f:
        if meta:
            f['metadata'] = np.int32(0)
            f['metadata'].attrs['dt'] = dt
            f['metadata'].attrs['sample_interval'] = 1
            f['metadata'].attrs['start_time'] = 0.0
            f['metadata'].attrs['DateCreated'] = path
        f['V/uids'] = np.array(uids, 'S')
        f['V/data'] = V
        f['spike_state/uids'] = np.array(['a','b','c'], 'S')
        if dense:
            m = np.zeros((10, 3), 'i4')
            for t, i in zip(*spikes): m[int(round(t/dt)), i] = 1
            f['spike_state/data'] = m
        else:
            f['spike_state/data/time'] = np.array(spikes[0], 'f8')
            f['spike_state/data/index'] = np.array(spikes[1], 'i4')
        if extra: extra(f)
V = 10.0*np.arange(6)[:, None] + np.arange(3)
a, b = sys.argv[1:]
`
	for _, c := range []struct {
		name, script string
		opt          DiffOptions
		equal        bool
	}{
		{"same", "make(a, V=V); make(b, V=V)", DiffOptions{}, true},
		{"same_exact", "make(a, V=V); make(b, V=V)", DiffOptions{Exact: true}, true},
		{"columns_swapped", "make(a, V=V); make(b, ['c','a','b'], V[:, [2, 0, 1]])", DiffOptions{}, true},
		{"columns_swapped_exact", "make(a, V=V); make(b, ['c','a','b'], V[:, [2, 0, 1]])", DiffOptions{Exact: true}, false},
		{"one_value", "make(a, V=V); W = V.copy(); W[3, 1] += 0.5; W[5, 1] += 2; make(b, V=W)", DiffOptions{}, false},
		{"one_value_exact", "make(a, V=V); W = V.copy(); W[3, 1] += 0.5; make(b, V=W)", DiffOptions{Exact: true}, false},
		{"within_abs", "make(a, V=V); make(b, V=V + 1e-7)", DiffOptions{Abs: 1e-6}, true},
		{"within_rel", "make(a, V=V); make(b, V=V*(1 + 1e-7))", DiffOptions{Rel: 1e-6}, true},
		{"beyond_rel", "make(a, V=V); make(b, V=V*(1 + 1e-5))", DiffOptions{Rel: 1e-6}, false},
		{"nan_both", "V[2, 2] = np.nan; make(a, V=V); make(b, V=V)", DiffOptions{}, true},
		{"nan_one", "make(a, V=V); V[2, 2] = np.nan; make(b, V=V)", DiffOptions{Abs: 1e300}, false},
		{"rows", "make(a, V=V); make(b, V=V[:4])", DiffOptions{}, false},
		{"uids", "make(a, V=V); make(b, ['a','x','c'], V)", DiffOptions{}, false},
		{"dt", "make(a, V=V); make(b, V=V, dt=2e-4)", DiffOptions{}, false},
		{"no_metadata", "make(a, V=V, meta=False); W = V.copy(); W[1, 0] = 0; make(b, V=W, meta=False)", DiffOptions{}, false},
		{"spike_dense", "make(a, V=V); make(b, V=V, dense=True)", DiffOptions{}, true},
		{"spike_order", "make(a, V=V); make(b, V=V, spikes=([0.0005, 0.0002, 0.0002], [1, 2, 0]))", DiffOptions{}, true},
		{"spike_drift", "make(a, V=V); make(b, V=V, spikes=([0.0002, 0.0002 + 1e-11, 0.0005 - 1e-11], [0, 2, 1]))", DiffOptions{}, true},
		{"spike_moved", "make(a, V=V); make(b, V=V, spikes=([0.0002, 0.0002, 0.0006], [0, 2, 1]))", DiffOptions{}, false},
		{"spike_missing", "make(a, V=V); make(b, V=V, spikes=([0.0002, 0.0005], [0, 1]))", DiffOptions{}, false},
		{"no_spikes", "make(a, V=V); make(b, V=V, spikes=([], []))", DiffOptions{}, false},
		{"variable", "make(a, V=V); make(b, V=V, extra=lambda f: [f.create_dataset('g/uids', data=np.array(['a'], 'S')), f.create_dataset('g/data', data=V[:, :1])])", DiffOptions{}, false},
		{"attributes_exact", "make(a, V=V); make(b, V=V, extra=lambda f: f['V/data'].attrs.update({'unit': 'mV', 'n': 3}))", DiffOptions{Exact: true}, false},
		{"types_exact", "make(a, V=V); make(b, V=V.astype('f4'))", DiffOptions{Exact: true}, false},
		{"uid_type_exact", "make(a, V=V); make(b, ['a','b','c'], V, extra=lambda f: [f.__delitem__('V/uids'), f.create_dataset('V/uids', data=['a','b','c'])])", DiffOptions{Exact: true}, false},
		{"big_endian", "make(a, V=V); make(b, V=V.astype('>f8'))", DiffOptions{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			a, b := filepath.Join(dir, "a.h5"), filepath.Join(dir, "b.h5")
			runPython(t, base+c.script, a, b)
			rep, err := Diff(a, b, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if rep.Equal != c.equal {
				t.Errorf("equal is %v, expected %v", rep.Equal, c.equal)
			}
			back, err := Diff(b, a, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			if back.Equal != rep.Equal {
				t.Error("the answer changes with the order of the files")
			}
			checkGolden(t, filepath.Join("testdata", "diff", c.name+".txt"), strings.ReplaceAll(rep.String(), dir+"/", ""))
		})
	}
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestDiffStreams compares files of many blocks, in which a single value or spike near the end differs.
func TestDiffStreams(t *testing.T) {
	const rows, cols = 20000, 100
	write := func(change bool) string {
		path := tempFile(t)
		rec, err := CreateRecording(RecordingSpec{Path: path, DT: 1e-4, Interval: 1,
			Variables: []RecordedVar{{"V", names(cols)}, {SpikeVariable, names(cols)}}})
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float64, cols)
		spikes := []int32{3, 40, 60, 61, 99}
		for step := range rows {
			row[step%cols] = float64(step)
			fire := spikes
			if change && step == rows-5 {
				row[7]++
				fire = []int32{3, 40, 60, 99}
			}
			if err := rec.WriteRow(0, step, row); err != nil {
				t.Fatal(err)
			}
			if err := rec.WriteSpikes(step, fire); err != nil {
				t.Fatal(err)
			}
		}
		if err := rec.Close(true); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rep, err := Diff(write(false), write(true), DiffOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v, s := rep.Variables[0], rep.Variables[1]
	if rep.Equal || v.Differing != 1 || v.First.Row != rows-5 || v.First.UID != "n_7" || v.First.Size != 1 {
		t.Errorf("rows: %s", rep)
	}
	if s.Differing != 1 || s.FirstSpike.UID != "n_61" || s.FirstSpike.OnlyIn != "A" || s.CountA != 5*rows || s.CountB != 5*rows-1 {
		t.Errorf("spikes: %s", rep)
	}
}

func TestDiffErrors(t *testing.T) {
	path := tempFile(t)
	record(t, RecordingSpec{Path: path, DT: 1, Interval: 1}, 0)
	_, err := Diff(path, path+"x", DiffOptions{})
	mentions(t, err, path+"x", "no such file")
	_, err = Diff(path, path, DiffOptions{Abs: -1})
	mentions(t, err, "-1", "0 or more")
}
