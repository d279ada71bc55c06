package table

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nkrun/nkrun/internal/h5"
	"github.com/nkrun/nkrun/lpu/graph"
)

// drawNodes draws a graph whose uids are numbers, texts that look like numbers, and others.
func drawNodes(t *rapid.T) *graph.Graph {
	g := graph.New("drawn")
	uid := rapid.OneOf(
		rapid.Map(rapid.Int64(), func(v int64) string { return strconv.FormatInt(v, 10) }),
		rapid.Map(rapid.IntRange(-20, 20), strconv.Itoa),
		rapid.SampledFrom([]string{"007", "-0", "+5", "1.0", "a", "a ", "x,y", "say \"a\"", "Köln", "two\nlines", "-", "0x10"}),
		rapid.StringMatching(`[a-c]{1,3}`))
	for range rapid.IntRange(1, 40).Draw(t, "nodes") {
		g.AddNode(uid.Draw(t, "uid"))
	}
	return g
}

// drawRows draws a table of weights and delays between n nodes.
func drawRows(t *rapid.T, n int) rows {
	var r rows
	node := rapid.Int32Range(0, int32(n-1))
	for range rapid.IntRange(0, 60).Draw(t, "rows") {
		r.pre, r.post = append(r.pre, node.Draw(t, "pre")), append(r.post, node.Draw(t, "post"))
		r.weight = append(r.weight, rapid.Float32Range(-math.MaxFloat32, math.MaxFloat32).Draw(t, "weight"))
		r.delay = append(r.delay, rapid.Float64Range(0, math.MaxFloat64).Draw(t, "delay"))
	}
	return r
}

// asCSV writes a table as CSV with some empty lines.
func asCSV(t *rapid.T, r rows, id func(int32) string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	record := func(fields ...string) {
		if err := w.Write(fields); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		if rapid.IntRange(0, 9).Draw(t, "empty line") == 0 {
			b.WriteString("\n")
		}
	}
	record("delay", "post", "weight", "pre")
	for k := range r.pre {
		record(strconv.FormatFloat(r.delay[k], 'g', -1, 64), id(r.post[k]), strconv.FormatFloat(float64(r.weight[k]), 'g', -1, 32), id(r.pre[k]))
	}
	return b.String()
}

// asNPY writes an array in the format of numpy.save.
func asNPY[T any](descr string, v []T) string {
	var b bytes.Buffer
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%d,), }\n", descr, len(v))
	b.WriteString("\x93NUMPY\x01\x00")
	_ = binary.Write(&b, binary.LittleEndian, uint16(len(head))) // to memory: never fails
	b.WriteString(head)
	_ = binary.Write(&b, binary.LittleEndian, v)
	return b.String()
}

// asHDF5 writes the group /text, with uids, and the group /index, with numbers of nodes.
func asHDF5(t *rapid.T, path string, r rows, id func(int32) string) {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := h5.Create(path)
	must(err)
	weight := make([]float64, len(r.weight))
	for k, w := range r.weight {
		weight[k] = float64(w)
	}
	for _, group := range []string{"/text", "/index"} {
		must(f.CreateGroup(group))
		for name, ends := range map[string][]int32{"/pre": r.pre, "/post": r.post} {
			if group == "/text" {
				uids := make([]string, len(ends))
				for k, n := range ends {
					uids[k] = id(n)
				}
				must(f.WriteStrings(group+name, uids))
				continue
			}
			d, err := f.Create(group+name, h5.Int64, h5.Layout{Rank: 1, Rows: len(ends), Cols: 1})
			must(err)
			must(d.WriteInt32(ends, 0, len(ends)))
		}
		for name, x := range map[string][]float64{"/weight": weight, "/delay": r.delay} {
			d, err := f.Create(group+name, h5.Float64, h5.Layout{Rank: 1, Rows: len(x), Cols: 1})
			must(err)
			must(d.WriteFloat64(x, 0, len(x)))
		}
	}
	must(f.Close())
}

// TestFormatsAgree: the same rows come out of all formats, whatever the uids are and however nodes are named.
func TestFormatsAgree(t *testing.T) {
	t.Chdir(t.TempDir())
	rapid.Check(t, func(rt *rapid.T) {
		g := drawNodes(rt)
		uid := func(n int32) string { return g.Node(int(n)).ID() }
		want := drawRows(rt, g.NumNodes())
		for name, text := range map[string]string{
			"uid.csv": asCSV(rt, want, uid), "index.csv": asCSV(rt, want, func(n int32) string { return strconv.Itoa(int(n)) }),
			"pre.npy": asNPY("<i4", want.pre), "post.npy": asNPY("<i4", want.post), "weight.npy": asNPY("<f4", want.weight), "delay.npy": asNPY("<f8", want.delay),
		} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				rt.Fatal(err)
			}
		}
		asHDF5(rt, "all.h5", want, uid)
		for _, s := range []Spec{
			{File: "uid.csv"}, {File: "index.csv", ByIndex: true}, {Pre: "pre.npy", Post: "post.npy", Weight: "weight.npy", Delay: "delay.npy", ByIndex: true},
			{File: "all.h5", Group: "text"}, {File: "all.h5", Group: "index", ByIndex: true},
		} {
			if got := read(t, s, g); !got.equal(want) {
				rt.Fatalf("%+v:\ngot  %v\nwant %v", s, got, want)
			}
		}
	})
}

// FuzzCSV: the reader never panics and says where an error is; what it accepts has the cells that encoding/csv finds.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"pre,post\na,b\n", "source,target,weight,delay\n1,\"-5\",1e3,0.001\n\n\"a\",1, 2 ,0", "pre,post,count\r\nneuron 1,a,-7\r\n",
		"pre,post,x\na,\"b\n\",\"\"\"\"\n", "pre,post,weight\na,c,nan\n", "from,to:string\n1.0,1\n",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	g := nodes("a", "b", "1", "-5", "neuron 1", "b\n", "1.0")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string, byIndex bool) {
		path := dir + "/t.csv"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tab, err := Open(Spec{File: path, ByIndex: byIndex, Warn: func(string) {}}, g)
		var got rows
		if err == nil {
			defer tab.Close()
			got, err = gather(t, tab)
		}
		if err != nil {
			if !strings.Contains(err.Error(), path+":") && !strings.Contains(err.Error(), path+" ") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if strings.HasPrefix(text, "\x1f\x8b") {
			return
		}
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		if err != nil {
			return // encoding/csv refuses a quote inside a field without quotes, Python does not
		}
		if len(records)-1 != len(got.pre) {
			t.Fatalf("%d rows, encoding/csv has %d records", len(got.pre), len(records))
		}
		for k, record := range records[1:] {
			found := 0
			for i, head := range records[0] {
				name, _, _ := strings.Cut(head, ":")
				switch cell := strings.TrimSpace(record[i]); strings.TrimSpace(name) {
				case "pre", "source":
					if id := strings.TrimSpace(named(g, got.pre[k], byIndex)); strings.ReplaceAll(id, "\r", "") == cell {
						found++
					}
				case "weight":
					if x, err := strconv.ParseFloat(cell, 64); err != nil || float32(x) != got.weight[k] {
						t.Fatalf("row %d: the weight is %v, encoding/csv has %q", k, got.weight[k], cell)
					}
				}
			}
			if found == 0 && !strings.Contains(text, "pre_pt") && !strings.Contains(text, "from") {
				t.Fatalf("row %d: pre is node %d, encoding/csv has %q", k, got.pre[k], record)
			}
		}
	})
}

// named returns what stands for a node in a table.
func named(g *graph.Graph, n int32, byIndex bool) string {
	if byIndex {
		return strconv.Itoa(int(n))
	}
	return g.Node(int(n)).ID()
}
