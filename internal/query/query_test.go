package query

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	generic2017 = "../../testdata/vectors/models/generic/generic_lpu_0_2017.gexf.gz"
	notebook    = "../../testdata/vectors/models/generic/tables.json"
)

// The two queries of the introductory notebook.
var notebookQueries = map[string]Options{
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
	g, err := graph.ReadGEXF(generic2017)
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
			table, err := Select(Nodes(g), q)
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
func small() *graph.Graph {
	g := graph.New("small")
	add := func(id string, pairs ...any) {
		n := g.AddNode(id)
		for i := 0; i < len(pairs); i += 2 {
			var v graph.Value
			switch x := pairs[i+1].(type) {
			case string:
				v = graph.StringValue(x)
			case float64:
				v = graph.FloatValue(x)
			case int:
				v = graph.IntValue(int64(x))
			case bool:
				v = graph.BoolValue(x)
			}
			g.SetNode(n, pairs[i].(string), v)
		}
	}
	add("n2", "class", "LeakyIAF", "V", -60.0, "name", "n two")
	add("n10", "class", "LeakyIAF", "V", -70, "spiking", true)
	add("n1", "class", "MorrisLecar", "V", "-60", "name", "a==b")
	add("p", "class", "Port", "selector", "/a[0]")
	g.SetEdge(g.AddEdge(0, 3), "delay", graph.FloatValue(0.001))
	g.SetEdge(g.AddEdge(1, 0), "delay", graph.FloatValue(0.002))
	g.AddEdge(0, 3)
	return g
}

func TestQueries(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Options
		want string
	}{
		{"sorted by uid as text", Options{Columns: []string{"V"}}, "id,V|n1,-60|n10,-70|n2,-60.0|p,"},
		{"all columns by first appearance", Options{Where: []string{"id == n10"}}, "id,class,V,name,spiking,selector|n10,LeakyIAF,-70,,True,"},
		{"text equal", Options{Where: []string{"class==LeakyIAF"}, Columns: []string{"class"}}, "id,class|n10,LeakyIAF|n2,LeakyIAF"},
		{"quoted", Options{Where: []string{`name == "n two"`}, Columns: []string{"id"}}, "id|n2"},
		{"spaces without quotes", Options{Where: []string{"name == n two"}, Columns: []string{"id"}}, "id|n2"},
		{"operator inside the value", Options{Where: []string{"name == a==b"}, Columns: []string{"id"}}, "id|n1"},
		{"operator inside a prefix", Options{Where: []string{"name startswith a=="}, Columns: []string{"id"}}, "id|n1"},
		{"number equal, whatever its kind", Options{Where: []string{"V == -6e1"}, Columns: []string{"id"}}, "id|n1|n2"},
		{"less", Options{Where: []string{"V < -60"}, Columns: []string{"id"}}, "id|n10"},
		{"at most, texts are no numbers", Options{Where: []string{"V <= -60"}, Columns: []string{"id"}}, "id|n10|n2"},
		{"greater", Options{Where: []string{"V > -70"}, Columns: []string{"id"}}, "id|n2"},
		{"at least", Options{Where: []string{"V >= -70"}, Columns: []string{"id"}}, "id|n10|n2"},
		{"unequal holds for what is missing", Options{Where: []string{"V != -70"}, Columns: []string{"id"}}, "id|n1|n2|p"},
		{"truth values", Options{Where: []string{"spiking == true"}, Columns: []string{"id"}}, "id|n10"},
		{"uid starts with", Options{Where: []string{"id startswith n1"}, Columns: []string{"id"}}, "id|n1|n10"},
		{"all conditions", Options{Where: []string{"class == LeakyIAF", "V > -65"}, Columns: []string{"id"}}, "id|n2"},
		{"nothing left", Options{Where: []string{"class == None"}, Columns: []string{"id"}}, "id"},
		{"and", Options{Where: []string{"class == LeakyIAF and V > -65"}, Columns: []string{"id"}}, "id|n2"},
		{"or", Options{Where: []string{"class == Port or V == -60"}, Columns: []string{"id"}}, "id|n1|n2|p"},
		{"and binds more than or", Options{Where: []string{"class == Port or class == LeakyIAF and V < -65"}, Columns: []string{"id"}}, "id|n10|p"},
		{"parentheses", Options{Where: []string{"(class == Port or class == LeakyIAF) and id startswith n"}, Columns: []string{"id"}}, "id|n10|n2"},
		{"not", Options{Where: []string{"not class == LeakyIAF"}, Columns: []string{"id"}}, "id|n1|p"},
		{"not a group", Options{Where: []string{"not (class == LeakyIAF or class == Port)"}, Columns: []string{"id"}}, "id|n1"},
		{"signs", Options{Where: []string{"class==LeakyIAF&& V>-65||class==Port"}, Columns: []string{"id"}}, "id|n2|p"},
		{"in", Options{Where: []string{"class in (Port, 'MorrisLecar')"}, Columns: []string{"id"}}, "id|n1|p"},
		{"in brackets, numbers", Options{Where: []string{"V in [-70.0,-1]"}, Columns: []string{"id"}}, "id|n10"},
		{"not in", Options{Where: []string{"V not in (-70, -60)"}, Columns: []string{"id"}}, "id|p"},
		{"brackets in a value", Options{Where: []string{"selector == /a[0] and class == Port"}, Columns: []string{"id"}}, "id|p"},
		{"brackets in a list", Options{Where: []string{"selector in (/a[0], /b[0,1])"}, Columns: []string{"id"}}, "id|p"},
		{"quoted column", Options{Where: []string{"'class' == Port"}, Columns: []string{"id"}}, "id|p"},
		{"words inside words", Options{Where: []string{"name == android or class == Port"}, Columns: []string{"id"}}, "id|p"},
		{"sorted by numbers", Options{Sort: []string{"V"}, Columns: []string{"V"}}, "id,V|n10,-70|n2,-60.0|n1,-60|p,"},
		{"sorted downwards", Options{Sort: []string{"-V"}, Columns: []string{"V"}}, "id,V|n1,-60|n2,-60.0|n10,-70|p,"},
		{"sorted by two", Options{Sort: []string{"class", "-id"}, Columns: []string{"class"}}, "id,class|n2,LeakyIAF|n10,LeakyIAF|n1,MorrisLecar|p,Port"},
		{"limit", Options{Sort: []string{"-id"}, Limit: 2, Columns: []string{"id"}}, "id|p|n2"},
		{"limit behind rows", Options{Rows: "1:", Limit: 2, Columns: []string{"id"}}, "id|n10|n2"},
		{"rows", Options{Rows: "1:3", Columns: []string{"id"}}, "id|n10|n2"},
		{"rows from the end", Options{Rows: "-2:", Columns: []string{"id"}}, "id|n2|p"},
		{"rows up to", Options{Rows: ":1", Columns: []string{"id"}}, "id|n1"},
		{"rows outside", Options{Rows: "3:99", Columns: []string{"id"}}, "id|p"},
		{"rows backwards", Options{Rows: "3:1", Columns: []string{"id"}}, "id"},
		{"rows after the conditions", Options{Rows: "1:2", Where: []string{"class == LeakyIAF"}, Columns: []string{"id"}}, "id|n2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, err := Select(Nodes(small()), c.q)
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
	table, err := Select(Edges(small()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := joined(t, table), "from,to,delay|n10,n2,0.002|n2,p,0.001|n2,p,"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	table, err = Select(Edges(small()), Options{Where: []string{"to == p", "delay > 0"}, Columns: []string{"delay"}})
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
		q    Options
		want string
	}{
		{"unknown column", Options{Columns: []string{"clas"}}, `no column "clas"; did you mean "class"?`},
		{"like no column", Options{Columns: []string{"quite different"}}, `no column "quite different"; there are: id, class, V, name, spiking, selector`},
		{"unknown column to sort by", Options{Sort: []string{"-clas"}}, `sort: no column "clas"; did you mean "class"?`},
		{"limit", Options{Limit: -1}, "limit -1: expected a number of rows"},
		{"rows as a number", Options{Rows: "5"}, `rows "5": expected a range such as 30:35`},
		{"rows as text", Options{Rows: "a:b"}, "expected a range"},
		{"rows with a step", Options{Rows: "1:5:2"}, "expected a range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Select(Nodes(small()), c.q)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestTableText(t *testing.T) {
	table, err := Select(Nodes(small()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	table.Rows[0][3] = graph.StringValue("two\nlines")
	var b strings.Builder
	if err := table.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "small.txt"), b.String())
	if lines := strings.Split(b.String(), "\n"); len(lines) != 6 {
		t.Errorf("%d lines", len(lines))
	}
}

// CSV reads back whatever the texts hold.
func TestCSVQuoting(t *testing.T) {
	g := graph.New("g")
	odd := "a,\"b\"\nc"
	g.SetNode(g.AddNode("n"), "name", graph.StringValue(odd))
	table, err := Select(Nodes(g), Options{})
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

// TestTableJSON: every value is what a JSON parser makes of it, also those that JSON has no word for.
func TestTableJSON(t *testing.T) {
	table := &Table{Columns: []string{`a "name"`, "b"}, Rows: [][]graph.Value{
		{graph.FloatValue(0.1), graph.Value{}},
		{graph.IntValue(720575940621039145), graph.BoolValue(true)},
		{graph.StringValue("ä\n<"), graph.FloatValue(math.NaN())},
		{graph.FloatValue(math.Inf(-1)), graph.FloatValue(math.Inf(1))},
	}}
	var b strings.Builder
	if err := table.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.UseNumber()
	var rows []map[string]any
	if err := d.Decode(&rows); err != nil {
		t.Fatalf("%v\n%s", err, &b)
	}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%T %v, %T %v", r[`a "name"`], r[`a "name"`], r["b"], r["b"]))
	}
	want := []string{"json.Number 0.1, <nil> <nil>", "json.Number 720575940621039145, bool true", "string ä\n<, string NaN", "string -Infinity, string Infinity"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	b.Reset()
	if err := (&Table{Columns: []string{"a"}}).WriteJSON(&b); err != nil || b.String() != "[\n]\n" {
		t.Errorf("an empty table is %q, %v", &b, err)
	}
}
