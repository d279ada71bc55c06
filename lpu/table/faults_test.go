package table

import (
	"strings"
	"testing"
)

// TestFaultsCSV: what is wrong with rows and headers of CSV is told with its place.
func TestFaultsCSV(t *testing.T) {
	g := numbered("neuron_", 12)
	for _, c := range []struct{ name, csv, want string }{
		{"unknown uid", "pre,post\nneuron_1,neuron_0\nneuron_2,nueron_3\n", `t.csv:3:10: unknown uid "nueron_3" in post; did you mean "neuron_3"?`},
		{"number of a node", "source,target\n3,neuron_1\n", `t.csv:2:1: unknown uid "3" in source; numbers of nodes are read with ids: index`},
		{"nothing near", "pre,post\nx,neuron_1\n", `t.csv:2:1: unknown uid "x" in pre`},
		{"an unknown uid is told once", "pre,post\nx,neuron_1\nx,x\ny,x\n", `t.csv:2:1: unknown uid "x" in pre
t.csv:4:1: unknown uid "y" in pre
and 3 more faults like these`},
		{"empty cells", "pre,post,weight,delay\n,neuron_1,1,1\nneuron_1,neuron_1,,\n", `t.csv:2:1: the pre is empty
t.csv:3:19: the weight is empty
t.csv:3:20: the delay is empty`},
		{"weights", "pre,post,syn_count\nneuron_1,neuron_1,nan\nneuron_1,neuron_1,-inf\nneuron_1,neuron_1,1e39\nneuron_1,neuron_1,1e400\nneuron_1,neuron_1,five\nneuron_1,neuron_1,0x10\n",
			`t.csv:2:19: the weight is NaN, expected a finite number
t.csv:3:19: the weight is -Inf, expected a finite number
t.csv:4:19: the weight 1e+39 is too large: weights are kept in single precision, up to 3.4e38
t.csv:5:19: the weight is +Inf, expected a finite number
t.csv:6:19: syn_count is "five", expected a number
t.csv:7:19: syn_count is "0x10", expected a number`},
		{"delays", "pre,post,delay\nneuron_1,neuron_1,-1e-3\nneuron_1,neuron_1,nan\nneuron_1,neuron_1,inf\nneuron_1,neuron_1, 2ms\n",
			`t.csv:2:19: the delay is -0.001, expected a number of seconds of 0 or more
t.csv:3:19: the delay is NaN, expected a number of seconds of 0 or more
t.csv:4:19: the delay is +Inf, expected a number of seconds of 0 or more
t.csv:5:19: delay is "2ms", expected a number`},
		{"fields", "pre,post\nneuron_1\n", "t.csv:2:1: 1 fields, but the header has 2 (a text that holds a comma needs quotes; is the file cut off?)"},
		{"faults before a broken row", "pre,post\nx,neuron_1\nneuron_1\n", `t.csv:2:1: unknown uid "x" in pre
t.csv:3:1: 1 fields, but the header has 2 (a text that holds a comma needs quotes; is the file cut off?)`},
		{"no post", "pre,pos,weight\n", `t.csv:1:1: a table of connections with the column pre needs the column post; did you mean "pos"?`},
		{"no pre", "from_,to\n", `t.csv:1:1: a table of connections with the column to needs the column from; did you mean "from_"?`},
		{"no ends", "a,b\n", "t.csv:1:1: a table of connections needs the columns pre and post, source and target, from and to, or pre_pt_root_id and post_pt_root_id; this one has a, b"},
		{"ends twice", "pre,post,from,to\n", "t.csv:1:10: the columns from and to are there besides pre and post; name one of them otherwise"},
		{"column twice", "pre,post,weight,weight\n", `t.csv:1:17: column "weight" comes twice`},
		{"semicolons", "pre;post\n", `t.csv:1:1: the columns are separated by ";", expected commas`},
		{"empty", "", "t.csv:1:1: this is an empty file, expected a table of connections in CSV"},
		{"Parquet", "PAR1\x15\x04", "t.csv:1:1: this is a Parquet file (write it as CSV), expected a table of connections in CSV"},
		{"Feather", "ARROW1\x00\x00", "t.csv:1:1: this is a Feather file (write it as CSV), expected a table of connections in CSV"},
		{"an array", "\x93NUMPY\x01\x00", "t.csv:1:1: this is a NumPy array (.npy), expected a table of connections in CSV"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files(t, map[string]string{"t.csv": c.csv})
			tab, err := Open(Spec{File: "t.csv"}, g)
			if err == nil {
				_, err = gather(t, tab)
				tab.Close()
			}
			says(t, err, c.want)
		})
	}
}

// TestFaultsIndex: numbers of nodes stay within the graph.
func TestFaultsIndex(t *testing.T) {
	const text = "pre,post\n0,2\n-1,3\n1.0,a\n99999999999999999999,0\n"
	files(t, map[string]string{"t.csv": text})
	tab := open(t, Spec{File: "t.csv", ByIndex: true}, nodes("a", "b", "c"))
	called := false
	err := tab.Each(func(*Chunk) error { called = true; return nil })
	says(t, err, `t.csv:3:1: there is no node -1 for pre: the nodes of the graph are numbered from 0 to 2
t.csv:3:4: there is no node 3 for post: the nodes of the graph are numbered from 0 to 2
t.csv:4:1: "1.0" is no number of a node, as ids: index wants in pre
t.csv:4:5: "a" is no number of a node, as ids: index wants in post
t.csv:5:1: "99999999999999999999" is no number of a node, as ids: index wants in pre`)
	if called {
		t.Error("rows with faults are handed on")
	}
	_, err = gather(t, open(t, Spec{File: "t.csv", ByIndex: true}, nodes()))
	says(t, err, "t.csv:2:1: there is no node 0 for pre: the graph has none...")
}

// TestManyFaults: twenty are told, the others counted.
func TestManyFaults(t *testing.T) {
	files(t, map[string]string{"t.csv": "pre,post,delay\n" + strings.Repeat("a,a,-1\n", 100_000)})
	tab := open(t, Spec{File: "t.csv"}, nodes("a"))
	for range 2 {
		_, err := gather(t, tab)
		if err == nil {
			t.Fatal("no error")
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != 21 || lines[20] != "and 99980 more faults like these" || !strings.HasPrefix(lines[19], "t.csv:21:5: the delay is -1") {
			t.Errorf("%d lines:\n%s", len(lines), err)
		}
	}
}

// TestFaultsArrays: the same for what h5py and numpy write.
func TestFaultsArrays(t *testing.T) {
	numpy(t, `
from os import mkdir
good, bad = np.array([0, 1, 2, 1]), np.array([0, 3, -5, 1])
np.save('good', good)
np.save('bad', bad)
np.save('short', good[:3])
np.save('float', good.astype('f8'))
np.save('huge', np.array([1e300, np.nan, np.inf, 3.5e38]))
np.save('delay', np.array([0, -1, np.nan, np.inf]))
with h5py.File('t.h5', 'w') as f:
    def group(name, **data):
        g = f.create_group(name)
        for k, v in data.items():
            g[k] = v
    group('bad', pre=good, post=bad)
    group('short', pre=good, post=good, weight=good[:3])
    group('float', pre=good, post=good * 1.0)
    group('matrix', pre=good.reshape(2, 2), post=good)
    group('scalar', pre=3, post=good)
    group('texts', pre=np.array([b'n_0', b'n_1', b'm_2', b'']), post=np.array([b'n_0'] * 4))
    group('named', pre=good, post=good, weight=np.array([b'a'] * 4))
    group('record', pre=np.zeros(4, [('a', 'i4'), ('b', 'i4')]), post=good)
    group('nothing')
    group('misspelt', pre=good, pots=good)
    group('numbers', weight=np.array([1e300, np.nan, np.inf, 3.5e38]), delay=np.array([0, -1, np.nan, np.inf]), pre=good, post=good)
    group('unsigned', pre=np.array([0, 2**63], 'u8'), post=np.array([0, 1]))
    f['group'] = 3`)
	g := numbered("n_", 3)
	group := func(name string, byIndex bool) Spec { return Spec{File: "t.h5", Group: name, ByIndex: byIndex} }
	numberFaults := func(weight, delay string) string {
		lines := []string{
			weight + ": the weight 1e+300 is too large: weights are kept in single precision, up to 3.4e38",
			weight + ": the weight is NaN, expected a finite number",
			weight + ": the weight is +Inf, expected a finite number",
			weight + ": the weight 3.5e+38 is too large: weights are kept in single precision, up to 3.4e38",
			delay + ": the delay is -1, expected a number of seconds of 0 or more",
			delay + ": the delay is NaN, expected a number of seconds of 0 or more",
			delay + ": the delay is +Inf, expected a number of seconds of 0 or more",
		}
		for i, row := range []string{"0", "1", "2", "3", "1", "2", "3"} {
			lines[i] = strings.Replace(lines[i], "ROW", row, 1)
		}
		return strings.Join(lines, "\n")
	}
	for _, c := range []struct {
		name string
		spec Spec
		want string
	}{
		{"unknown uid in .npy", Spec{Pre: "good.npy", Post: "good.npy"}, `good.npy: row 0: unknown uid "0" in pre; numbers of nodes are read with ids: index
good.npy: row 1: unknown uid "1" in pre; numbers of nodes are read with ids: index
good.npy: row 2: unknown uid "2" in pre; numbers of nodes are read with ids: index
and 5 more faults like these`},
		{"number out of range", Spec{Pre: "good.npy", Post: "bad.npy", ByIndex: true}, `bad.npy: row 1: there is no node 3 for post: the nodes of the graph are numbered from 0 to 2
bad.npy: row 2: there is no node -5 for post: the nodes of the graph are numbered from 0 to 2`},
		{"lengths", Spec{Pre: "good.npy", Post: "good.npy", Weight: "short.npy", ByIndex: true},
			"columns of unequal length: good.npy has 4 rows, short.npy has 3"},
		{"floats as uids", Spec{Pre: "good.npy", Post: "float.npy"}, "float.npy: found float64, expected uids as integers; write it with numpy.save(name, array.astype('<i8'))"},
		{"floats as numbers of nodes", Spec{Pre: "float.npy", Post: "good.npy", ByIndex: true},
			"float.npy: found float64, expected numbers of nodes as integers; write it with numpy.save(name, array.astype('<i8'))"},
		{"numbers in .npy", Spec{Pre: "good.npy", Post: "good.npy", Weight: "huge.npy", Delay: "delay.npy", ByIndex: true},
			numberFaults("huge.npy: row ROW", "delay.npy: row ROW")},
		{"one file .npy", Spec{File: "good.npy"}, "good.npy: a file .npy has one column; name one each for pre and post"},
		{"missing file", Spec{Pre: "good.npy", Post: "none.npy"}, "cannot open none.npy: no such file or directory"},
		{"missing table", Spec{File: "none.csv"}, "cannot open none.csv: no such file or directory"},

		{"number out of range in HDF5", group("bad", true), `t.h5: row 1 of /bad/post: there is no node 3 for post: the nodes of the graph are numbered from 0 to 2
t.h5: row 2 of /bad/post: there is no node -5 for post: the nodes of the graph are numbered from 0 to 2`},
		{"unknown uids in HDF5", group("texts", false), `t.h5: row 2 of /texts/pre: unknown uid "m_2" in pre; did you mean "n_2"?
t.h5: row 3 of /texts/pre: the pre is empty`},
		{"lengths in HDF5", group("short", true), "columns of unequal length: t.h5: /short/pre has 4 rows, t.h5: /short/weight has 3"},
		{"floats in HDF5", group("float", false), "t.h5: /float/post holds float64, expected uids as texts or integers"},
		{"texts as numbers of nodes", group("texts", true), "t.h5: /texts/pre holds ASCII string of 3 bytes, NUL-padded, expected numbers of nodes as integers"},
		{"texts as weights", group("named", true), "t.h5: /named/weight holds ASCII string of 1 bytes, NUL-padded, expected numbers"},
		{"records", group("record", false), "t.h5: /record/pre holds compound of 8 bytes, expected uids as texts or integers"},
		{"matrix", group("matrix", true), "t.h5: /matrix/pre has the shape (2, 2), expected one dimension"},
		{"scalar", group("scalar", true), "t.h5: /scalar/pre has the shape (), expected one dimension"},
		{"numbers in HDF5", group("numbers", true), numberFaults("t.h5: row ROW of /numbers/weight", "t.h5: row ROW of /numbers/delay")},
		{"id too large", group("unsigned", true), "t.h5: row 1 of /unsigned/pre: 9223372036854775808 is too large for an id"},
		{"empty group", group("nothing", true), "t.h5: there is no dataset /nothing/pre"},
		{"misspelt dataset", group("misspelt", true), `t.h5: there is no dataset /misspelt/post; did you mean "pots"?`},
		{"no columns", group("", true), "t.h5: there is no dataset /pre; there are bad, float, group, ..."},
		{"missing group", group("none", true), "t.h5: there is no group /none"},
		{"dataset as group", group("group", true), "t.h5: there is no group /group"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab, err := Open(c.spec, g)
			if err == nil {
				_, err = gather(t, tab)
				tab.Close()
			}
			says(t, err, c.want)
		})
	}
}
