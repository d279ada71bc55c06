package graph

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// large is a number of rows that are several blocks of a table.
const large = 8_000

// manyRows writes a table of many rows, and more behind them.
func manyRows(head, row, more string) string {
	var b strings.Builder
	b.WriteString(head + "\n")
	for i := range large {
		fmt.Fprintf(&b, row+"\n", i)
	}
	return b.String() + more
}

// TestReadLargeTables reads tables of which much is in the graph when their last rows tell what a column holds. The same tables with
// types in their headers say what is to come of it.
func TestReadLargeTables(t *testing.T) {
	const long = "a text that makes rows longer so that fewer of them are several blocks"
	for _, c := range []struct{ name, typ, last string }{
		{"integers to the end", "int", "17"},
		{"a number at the end", "float", "1.5"},
		{"a number and minus zero", "float", "1.5\nz2,X,-0"},
		{"a text at the end", "string", "NA"},
		{"a number and a text in quotes", "string", "1.5\nz2,X,\"x,\ny\""},
		{"a truth value at the end", "string", "True"},
	} {
		t.Run(c.name, func(t *testing.T) {
			nodes := func(head string) string {
				return manyRows(head, "a%d,X,%[1]d,"+long, "z,X,"+strings.ReplaceAll(c.last, "\nz2", ",\nz2")+",\n")
			}
			edges := func(head string) string {
				return manyRows(head, "a%d,a0,%[1]d,"+long, "z,a1,"+strings.ReplaceAll(c.last, "\nz2,X", ",\na1,a1")+",\n")
			}
			want, err := readCSV(t, nodes("id,class:string,x:"+c.typ+",note:string"), edges("source,target,y:"+c.typ+",note:string"))
			if err != nil {
				t.Fatal(err)
			}
			for _, processors := range []int{1, 4} {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
				got, err := readCSV(t, nodes("id,class,x,note:string"), edges("source,target,y,note:string"))
				if err != nil {
					t.Fatal(err)
				}
				if flat(got) != flat(want) {
					t.Errorf("on %d processors the graph is not the one whose types are stated", processors)
				}
				if a, b := got.Node(large).Where(), want.Node(large).Where(); a != b {
					t.Errorf("the last node is at %s, want %s", a, b)
				}
			}
		})
	}
}

// TestReadLargeFaults finds what is wrong far behind the beginning, and nothing that comes later.
func TestReadLargeFaults(t *testing.T) {
	const nodeRow, edgeRow = "a%d,0.0000000000000000000000000000001", "a%d,a0"
	for _, c := range []struct{ name, nodes, edges, want string }{
		{"an id twice", "a7,1\n,\n", "", `nodes.csv:8002:1: node id "a7" stands twice: it is at nodes.csv:9:1 too`},
		{"no id, then an id twice", ",1\na7,1\n", "", "nodes.csv:8002:1: the id is empty"},
		{"an id twice, with a number that is none", "a7,1x\n", "", `nodes.csv:8002:1: node id "a7" stands twice: it is at nodes.csv:9:1 too`},
		{"no number", "z,1x\n", "", `nodes.csv:8002:3: column x is "1x", expected a number`},
		{"a field too many", "z,1,2\n", "", "nodes.csv:8002:1: 3 fields, but the header has 2 (a text that holds a comma needs quotes; is the file cut off?)"},
		{"an edge of no node", "", "a0,a8001\n" + strings.Repeat("a0,a1\n", 70_000), `edges.csv:8002:1: edge "a0" -> "a8001": there is no node "a8001"; did you mean "a800"?`},
		{"an edge of no node before no record", "", "b,c\n\na1\n", "edges.csv:8004:1: 1 fields, but the header has 2 (a text that holds a comma needs quotes; is the file cut off?)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, processors := range []int{1, 4} {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
				_, err := readCSV(t, manyRows("id,x:float", nodeRow, c.nodes), manyRows("source,target", edgeRow, c.edges))
				if err == nil || err.Error() != c.want {
					t.Errorf("on %d processors: got %v\nwant %s", processors, err, c.want)
				}
			}
		})
	}
}
