package table

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// TestFormats reads one table that Python has written in every way it can be written.
func TestFormats(t *testing.T) {
	numpy(t, `
n, rng = 70000, np.random.default_rng(3)
pre, post = np.sort(rng.integers(0, 500, n)), rng.integers(0, 500, n)
w, d = rng.normal(size=n), rng.integers(1, 30, n) * 1e-4
uids = np.array(['neuron %d, "left"' % i for i in range(500)])
ids = 720575940596125868 + 7 * np.arange(500)
def text(f, name, a, heads):
    c = csv.writer(f)
    c.writerow(heads)
    c.writerows(zip(a[pre], a[post], w.tolist(), d.tolist()))
text(open('text.csv', 'w', newline=''), 'text', uids, ['pre', 'post', 'weight', 'delay'])
text(gzip.open('text.csv.gz', 'wt', newline=''), 'text', uids, ['source', 'target', 'weight', 'delay'])
text(open('ids.csv', 'w'), 'ids', ids, ['pre_pt_root_id', 'post_pt_root_id', 'syn_count', 'delay'])
text(open('index.csv', 'w'), 'index', np.arange(500), ['from', 'to', 'count', 'delay:float'])
for name, a in dict(pre=pre, post=post).items():
    np.save(name, a.astype('i4'))
    np.save(name + '_short', a.astype('u2'))
    np.save(name + '_ids', ids[a])
np.save('w', w.astype('f4'))
np.save('w64', w)
np.save('d', d)
with h5py.File('all.h5', 'w') as f:
    for name, a, opt in (('fixed', np.char.encode(uids), {}), ('vlen', uids.astype(object), dict(dtype=h5py.string_dtype())),
            ('ids', ids, {}), ('ids_packed', ids, dict(chunks=(1000,), compression='gzip', shuffle=True)),
            ('ids_big', ids.astype('>u8'), {}), ('index', np.arange(500, dtype='i4'), {}), ('index16', np.arange(500, dtype='>u2'), {}),
            ('index64', np.arange(500), {})):
        g = f.create_group('tables/' + name)
        g.create_dataset('pre', data=a[pre], **opt)
        g.create_dataset('post', data=a[post], **opt)
        g['weight'], g['delay'] = (w.astype('f4') if name == 'index' else w), d
with h5py.File('root.hdf5', 'w') as f:
    f['pre'], f['post'], f['weight'], f['delay'] = ids[pre], ids[post], w, d
w.astype('f4').tofile('w.bin')`)
	texts, ids := make([]string, 500), make([]string, 500)
	for i := range texts {
		texts[i], ids[i] = fmt.Sprintf("neuron %d, \"left\"", i), fmt.Sprint(720575940596125868+7*i)
	}
	byText, byID := nodes(texts...), nodes(ids...)
	want := read(t, Spec{Pre: "pre.npy", Post: "post.npy", Weight: "w.npy", Delay: "d.npy", ByIndex: true}, byText)
	if len(want.pre) != 70000 || slices.Max(want.pre) != 499 || want.weight[0] == want.weight[1] || want.delay[0] < 1e-4 {
		t.Fatalf("%d rows from %v", len(want.pre), want.pre[:10])
	}
	for _, c := range []struct {
		name  string
		spec  Spec
		nodes Nodes
	}{
		{"short integers", Spec{Pre: "pre_short.npy", Post: "post_short.npy", Weight: "w64.npy", Delay: "d.npy", ByIndex: true}, byText},
		{"uids in .npy", Spec{Pre: "pre_ids.npy", Post: "post_ids.npy", Weight: "w64.npy", Delay: "d.npy"}, byID},
		{"CSV", Spec{File: "text.csv"}, byText},
		{"CSV in gzip", Spec{File: "text.csv.gz"}, byText},
		{"CSV of FlyWire", Spec{File: "ids.csv"}, byID},
		{"CSV with numbers of nodes", Spec{File: "index.csv", ByIndex: true}, byText},
		{"texts of fixed length", Spec{File: "all.h5", Group: "tables/fixed"}, byText},
		{"texts of variable length", Spec{File: "all.h5", Group: "/tables/vlen/"}, byText},
		{"integers as uids", Spec{File: "all.h5", Group: "tables/ids"}, byID},
		{"compressed", Spec{File: "all.h5", Group: "tables/ids_packed"}, byID},
		{"big-endian", Spec{File: "all.h5", Group: "tables/ids_big"}, byID},
		{"numbers of nodes", Spec{File: "all.h5", Group: "tables/index", ByIndex: true}, byText},
		{"short, big-endian", Spec{File: "all.h5", Group: "tables/index16", ByIndex: true}, byText},
		{"long", Spec{File: "all.h5", Group: "tables/index64", ByIndex: true}, byText},
		{"at the root", Spec{File: "root.hdf5"}, byID},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spec.Warn = func(msg string) { t.Errorf("warns: %s", msg) }
			if got := read(t, c.spec, c.nodes); !got.equal(want) {
				t.Errorf("other rows: %v and so on, want %v", got.pre[:10], want.pre[:10])
			}
		})
	}
}

// TestWithoutColumns: weights and delays may be left out, and tables may be empty.
func TestWithoutColumns(t *testing.T) {
	numpy(t, `
np.save('ends', np.array([0, 1, 2]))
np.save('none', np.zeros(0, int))
np.save('half', np.array([0.5, 1, 2]))
open('ends.csv', 'w').write('post,pre\n0,0\n1,1\n2,2\n')
open('none.csv', 'w').write('pre,post,weight,delay\n')
open('lines.csv', 'w').write('\n\npre,post,weight\n\r\n0,1,2\n\n1,"2","3"')
with h5py.File('t.h5', 'w') as f:
    f['pre'] = f['post'] = [0, 1, 2]
    f['delay'] = [0, 1e-3, 1]
    g = f.create_group('none')
    g['pre'] = g['post'] = g['weight'] = np.zeros(0, 'i4')`)
	g := nodes("0", "1", "2")
	three := []int32{0, 1, 2}
	for _, c := range []struct {
		name string
		spec Spec
		want rows
	}{
		{"arrays", Spec{Pre: "ends.npy", Post: "ends.npy"}, rows{pre: three, post: three}},
		{"arrays with delays", Spec{Pre: "ends.npy", Post: "ends.npy", Delay: "half.npy"}, rows{pre: three, post: three, delay: []float64{0.5, 1, 2}}},
		{"weights that are integers", Spec{Pre: "ends.npy", Post: "ends.npy", Weight: "ends.npy"}, rows{pre: three, post: three, weight: []float32{0, 1, 2}}},
		{"CSV", Spec{File: "ends.csv"}, rows{pre: three, post: three}},
		{"empty lines", Spec{File: "lines.csv"}, rows{pre: []int32{0, 1}, post: []int32{1, 2}, weight: []float32{2, 3}}},
		{"HDF5", Spec{File: "t.h5"}, rows{pre: three, post: three, delay: []float64{0, 1e-3, 1}}},
		{"no arrays", Spec{Pre: "none.npy", Post: "none.npy", Weight: "none.npy"}, rows{}},
		{"no CSV", Spec{File: "none.csv"}, rows{}},
		{"no HDF5", Spec{File: "t.h5", Group: "none"}, rows{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.spec, g); !got.equal(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	if n := open(t, Spec{File: "none.csv"}, g).Rows(); n != -1 {
		t.Errorf("the rows of CSV are known before they are read: %d", n)
	}
}

// TestWhere: rows are named by line in CSV, by index elsewhere.
func TestWhere(t *testing.T) {
	numpy(t, `
open('t.csv', 'w').write('pre,post\n0,1\n1,0\n\n\n1,1\n0,"1"\n"1\n",0\n1,0\n')
np.save('pre', np.zeros(9, int))
with h5py.File('t.h5', 'w') as f:
    f['syn/pre'] = f['syn/post'] = [0, 1, 0]`)
	g := nodes("0", "1", "1\n")
	tab := open(t, Spec{File: "t.csv"}, g)
	if got := tab.Where(3); got != "t.csv: row 3" {
		t.Errorf("before the first pass: %s", got)
	}
	if _, err := gather(t, tab); err != nil {
		t.Fatal(err)
	}
	for row, want := range []string{"t.csv:2", "t.csv:3", "t.csv:6", "t.csv:7", "t.csv:8", "t.csv:10"} {
		if got := tab.Where(int64(row)); got != want {
			t.Errorf("row %d is at %s, want %s", row, got, want)
		}
	}
	if got := open(t, Spec{File: "t.h5", Group: "syn"}, g).Where(2); got != "t.h5: row 2 of /syn/pre" {
		t.Errorf("HDF5: %s", got)
	}
	if got := open(t, Spec{Pre: "pre.npy", Post: "pre.npy"}, g).Where(8); got != "pre.npy: row 8" {
		t.Errorf(".npy: %s", got)
	}
}

// TestErrorOfCaller: what the caller objects to comes back as it is, and the table can be read again.
func TestErrorOfCaller(t *testing.T) {
	files(t, map[string]string{"t.csv": "pre,post\n0,1\n"})
	tab := open(t, Spec{File: "t.csv"}, nodes("0", "1"))
	mine := errors.New("mine")
	if err := tab.Each(func(*Chunk) error { return mine }); !errors.Is(err, mine) || err.Error() != "mine" {
		t.Errorf("error %v", err)
	}
	if r, err := gather(t, tab); err != nil || len(r.pre) != 1 {
		t.Errorf("%v (%v)", r, err)
	}
}

// TestNamesOfColumns: what columns mean is told by their names, and what means nothing is told once.
func TestNamesOfColumns(t *testing.T) {
	for _, c := range []struct{ name, csv, warns string }{
		{"types behind the names", "pre:string, post : str ,weight:float\n", ""},
		{"weight before count", "pre,post,count,syn_count,weight\n", "t.csv: columns that mean nothing here: count, syn_count"},
		{"others", "neuropil,pre,post,nt\n", "t.csv: columns that mean nothing here: neuropil, nt"},
		{"misspelt", "pre,post,wieght,delays\n", `t.csv: columns that mean nothing here: wieght, delays; is "wieght" meant to be weight?; is "delays" meant to be delay?`},
		{"a column that numbers the rows", ",pre,post\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files(t, map[string]string{"t.csv": c.csv})
			var told []string
			read(t, Spec{File: "t.csv", Warn: func(msg string) { told = append(told, msg) }}, nodes())
			if got := fmt.Sprint(told); got != "["+c.warns+"]" {
				t.Errorf("warns %s, want %s", got, c.warns)
			}
		})
	}
	numpy(t, `
with h5py.File('t.h5', 'w') as f:
    f['pre'] = f['post'] = f['weights'] = [0]
    f.create_group('other')`)
	var told []string
	read(t, Spec{File: "t.h5", Warn: func(msg string) { told = append(told, msg) }}, nodes("0"))
	if got, want := fmt.Sprint(told), `[t.h5: datasets that mean nothing here: weights; is "weights" meant to be weight?]`; got != want {
		t.Errorf("warns %s, want %s", got, want)
	}
}
