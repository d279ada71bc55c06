package graph

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	generic2017 = "../../testdata/vectors/models/generic/generic_lpu_0_2017.gexf.gz"
	notebook    = "../../testdata/vectors/models/generic/tables.json"
)

// The two queries of the introductory notebook.
var notebookQueries = map[string]Query{
	"leaky_iaf_30_35": {
		Where:   []string{"class == LeakyIAF"},
		Rows:    "30:35",
		Columns: strings.Split("name class initV reset_potential resting_potential threshold resistance capacitance", " "),
	},
	"proj_3_s": {
		Where:   []string{"name startswith proj_3_s-"},
		Columns: strings.Split("name class ar ad reverse gmax", " "),
	},
}

func TestNotebookTables(t *testing.T) {
	g, err := ReadGEXF(generic2017)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(notebook)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for name, q := range notebookQueries {
		t.Run(name, func(t *testing.T) {
			var want []map[string]any
			if err := json.Unmarshal(all[name], &want); err != nil {
				t.Fatal(err)
			}
			table, err := NodeTable(g, q)
			if err != nil {
				t.Fatal(err)
			}
			var printed, exact strings.Builder
			if err := table.WriteText(&printed); err != nil {
				t.Fatal(err)
			}
			if err := table.WriteCSV(&exact); err != nil {
				t.Fatal(err)
			}
			short, full := strings.Split(strings.TrimSpace(printed.String()), "\n"), strings.Split(strings.TrimSpace(exact.String()), "\n")
			if len(short) != len(want)+1 || len(full) != len(want)+1 || len(want) == 0 {
				t.Fatalf("%d rows printed and %d as CSV, want %d", len(short)-1, len(full)-1, len(want))
			}
			columns := append([]string{"id"}, q.Columns...)
			if head := strings.Fields(short[0]); fmt.Sprint(head) != fmt.Sprint(columns) {
				t.Fatalf("columns %v, want %v", head, columns)
			}
			for i, row := range want {
				shortCells, fullCells := strings.Fields(short[i+1]), strings.Split(full[i+1], ",")
				for k, name := range columns {
					if text, ok := row[name].(string); ok {
						if shortCells[k] != text || fullCells[k] != text {
							t.Errorf("row %d, %s: printed %s, CSV %s, want %s", i, name, shortCells[k], fullCells[k], text)
						}
						continue
					}
					x := row[name].(float64)
					if six := strconv.FormatFloat(x, 'g', 6, 64); parse(t, shortCells[k]) != parse(t, six) {
						t.Errorf("row %d, %s: printed %s, want %s", i, name, shortCells[k], six)
					}
					if parse(t, fullCells[k]) != x {
						t.Errorf("row %d, %s: CSV has %s, want %v", i, name, fullCells[k], x)
					}
				}
			}
			golden(t, filepath.Join("testdata", name+".txt"), printed.String())
		})
	}
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// small is a graph with all that queries must cope with.
func small() *Graph {
	g := New("small")
	add := func(id string, pairs ...any) {
		n := g.AddNode(id)
		for i := 0; i < len(pairs); i += 2 {
			var v Value
			switch x := pairs[i+1].(type) {
			case string:
				v = StringValue(x)
			case float64:
				v = FloatValue(x)
			case int:
				v = IntValue(int64(x))
			case bool:
				v = BoolValue(x)
			}
			g.SetNode(n, pairs[i].(string), v)
		}
	}
	add("n2", "class", "LeakyIAF", "V", -60.0, "name", "n two")
	add("n10", "class", "LeakyIAF", "V", -70, "spiking", true)
	add("n1", "class", "MorrisLecar", "V", "-60", "name", "a==b")
	add("p", "class", "Port", "selector", "/a[0]")
	g.SetEdge(g.AddEdge(0, 3), "delay", FloatValue(0.001))
	g.SetEdge(g.AddEdge(1, 0), "delay", FloatValue(0.002))
	g.AddEdge(0, 3)
	return g
}

func TestQueries(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"sorted by uid as text", Query{Columns: []string{"V"}}, "id,V|n1,-60|n10,-70|n2,-60.0|p,"},
		{"all columns by first appearance", Query{Where: []string{"id == n10"}}, "id,class,V,name,spiking,selector|n10,LeakyIAF,-70,,True,"},
		{"text equal", Query{Where: []string{"class==LeakyIAF"}, Columns: []string{"class"}}, "id,class|n10,LeakyIAF|n2,LeakyIAF"},
		{"quoted", Query{Where: []string{`name == "n two"`}, Columns: []string{"id"}}, "id|n2"},
		{"spaces without quotes", Query{Where: []string{"name == n two"}, Columns: []string{"id"}}, "id|n2"},
		{"operator inside the value", Query{Where: []string{"name == a==b"}, Columns: []string{"id"}}, "id|n1"},
		{"operator inside a prefix", Query{Where: []string{"name startswith a=="}, Columns: []string{"id"}}, "id|n1"},
		{"number equal, whatever its kind", Query{Where: []string{"V == -6e1"}, Columns: []string{"id"}}, "id|n1|n2"},
		{"less", Query{Where: []string{"V < -60"}, Columns: []string{"id"}}, "id|n10"},
		{"at most, texts are no numbers", Query{Where: []string{"V <= -60"}, Columns: []string{"id"}}, "id|n10|n2"},
		{"greater", Query{Where: []string{"V > -70"}, Columns: []string{"id"}}, "id|n2"},
		{"at least", Query{Where: []string{"V >= -70"}, Columns: []string{"id"}}, "id|n10|n2"},
		{"unequal holds for what is missing", Query{Where: []string{"V != -70"}, Columns: []string{"id"}}, "id|n1|n2|p"},
		{"truth values", Query{Where: []string{"spiking == true"}, Columns: []string{"id"}}, "id|n10"},
		{"uid starts with", Query{Where: []string{"id startswith n1"}, Columns: []string{"id"}}, "id|n1|n10"},
		{"all conditions", Query{Where: []string{"class == LeakyIAF", "V > -65"}, Columns: []string{"id"}}, "id|n2"},
		{"nothing left", Query{Where: []string{"class == None"}, Columns: []string{"id"}}, "id"},
		{"rows", Query{Rows: "1:3", Columns: []string{"id"}}, "id|n10|n2"},
		{"rows from the end", Query{Rows: "-2:", Columns: []string{"id"}}, "id|n2|p"},
		{"rows up to", Query{Rows: ":1", Columns: []string{"id"}}, "id|n1"},
		{"rows outside", Query{Rows: "3:99", Columns: []string{"id"}}, "id|p"},
		{"rows backwards", Query{Rows: "3:1", Columns: []string{"id"}}, "id"},
		{"rows after the conditions", Query{Rows: "1:2", Where: []string{"class == LeakyIAF"}, Columns: []string{"id"}}, "id|n2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := NodeTable(small(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			if got := joined(t, table); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func joined(t *testing.T, table *Table) string {
	t.Helper()
	var b strings.Builder
	if err := table.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", "|")
}

func TestEdgeTable(t *testing.T) {
	table, err := EdgeTable(small(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := joined(t, table), "from,to,delay|n10,n2,0.002|n2,p,0.001|n2,p,"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	table, err = EdgeTable(small(), Query{Where: []string{"to == p", "delay > 0"}, Columns: []string{"delay"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := joined(t, table), "from,to,delay|n2,p,0.001"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestQueryErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"unknown column", Query{Columns: []string{"clas"}}, `no column "clas"; did you mean "class"?`},
		{"like no column", Query{Columns: []string{"quite different"}}, `no column "quite different"; there are: id, class, V, name, spiking, selector`},
		{"unknown column in a condition", Query{Where: []string{"nam == x"}}, `condition "nam == x": no column "nam"; did you mean "name"?`},
		{"no operator", Query{Where: []string{"class LeakyIAF"}}, `condition "class LeakyIAF": expected COLUMN OPERATOR VALUE`},
		{"one equals sign", Query{Where: []string{"class = LeakyIAF"}}, "expected COLUMN OPERATOR VALUE"},
		{"no value", Query{Where: []string{"class =="}}, "expected COLUMN OPERATOR VALUE"},
		{"text compared", Query{Where: []string{"V < low"}}, `condition "V < low": < compares numbers, but "low" is none`},
		{"rows as a number", Query{Rows: "5"}, `rows "5": expected a range such as 30:35`},
		{"rows as text", Query{Rows: "a:b"}, "expected a range"},
		{"rows with a step", Query{Rows: "1:5:2"}, "expected a range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NodeTable(small(), c.q)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestTableText(t *testing.T) {
	table, err := NodeTable(small(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	table.Rows[0][3] = StringValue("two\nlines")
	var b strings.Builder
	if err := table.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "small.txt"), b.String())
	if lines := strings.Split(b.String(), "\n"); len(lines) != 6 {
		t.Errorf("%d lines", len(lines))
	}
}

// FuzzCondition: no condition panics, and one that is accepted either holds for
// a value or does not; == and != are opposites.
func FuzzCondition(f *testing.F) {
	for _, s := range []string{"class == LeakyIAF", "V<=-6", "name startswith 'a", "a!=b", "", "==", "V == ''", "V==\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := NodeTable(small(), Query{Where: []string{text}})
		if err != nil {
			return
		}
		if name, op, value := splitCondition(text); op == "==" {
			rest, err := NodeTable(small(), Query{Where: []string{name + " != " + value}})
			if err != nil || len(rest.Rows)+len(table.Rows) != 4 {
				t.Fatalf("%q holds for %d rows, its opposite does not hold for %d (%v)", text, len(table.Rows), len(rest.Rows), err)
			}
		}
	})
}

// CSV reads back whatever the texts hold.
func TestCSVQuoting(t *testing.T) {
	g := New("g")
	odd := "a,\"b\"\nc"
	g.SetNode(g.AddNode("n"), "name", StringValue(odd))
	table, err := NodeTable(g, Query{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := table.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(records) != 2 || records[1][1] != odd {
		t.Errorf("read %q, %v", records, err)
	}
}
