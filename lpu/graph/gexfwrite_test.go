package graph

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The sample graphs were written by networkx: writing one again must give the
// same bytes, but for who wrote it, and but for GEXF 1.1. Those that were simple
// graphs in networkx lack the number of parallel edges that we always write.
func TestWriteAsNetworkX(t *testing.T) {
	meta := regexp.MustCompile(`(?s)<meta.*</meta>`)
	for _, path := range samples(t) {
		if !strings.Contains(string(plain(t, path)), networkxKey) {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			g, err := ReadGEXF(path)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out.gexf.gz")
			if err := g.WriteGEXF(out); err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("1.1draft", "1.2draft", `version="1.1"`, `version="1.2"`).
				Replace(string(plain(t, path)))
			got := string(plain(t, out)) // newline at the end: networkx has none
			got, want = strings.TrimSpace(meta.ReplaceAllString(got, "")), strings.TrimSpace(meta.ReplaceAllString(want, ""))
			if got == want {
				return
			}
			g1, w1 := strings.Split(got, "\n"), strings.Split(want, "\n")
			for i := range min(len(g1), len(w1)) {
				if g1[i] != w1[i] {
					t.Fatalf("line %d:\ngot  %s\nwant %s", i+1, g1[i], w1[i])
				}
			}
			t.Fatalf("%d lines, want %d", len(g1), len(w1))
		})
	}
}

func TestWriteKindsAndText(t *testing.T) {
	g := New("g")
	a := g.AddNode("a<&>\"'")
	g.SetNode(a, "x\n", StringValue("line\nbreak\ttab\rreturn"))
	g.SetNode(a, "n", IntValue(1<<62))
	b := g.AddNode("b")
	g.SetNode(b, "n", FloatValue(0.5)) // the same title with a second type
	g.SetNode(b, "yes", BoolValue(true))
	g.SetNode(b, "label", StringValue("ä"))
	for range 3 {
		g.AddEdge(a, b)
	}
	g.SetEdge(g.AddEdge(b, a), "weight", FloatValue(2))
	var out bytes.Buffer
	if err := g.writeGEXF(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<node id="a&lt;&amp;&gt;&quot;'" label="a&lt;&amp;&gt;&quot;'">`,
		`value="line&#10;break&#9;tab&#13;return"`,
		`title="x&#10;" type="string"`, `title="n" type="long"`, `title="n" type="double"`,
		`title="yes" type="boolean"`, `value="true"`, `<node id="b" label="ä">`,
		`target="a&lt;&amp;&gt;&quot;'" id="3" weight="2.0">`,
		`title="networkx_key" type="long"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing in\n%s", want, out.String())
		}
	}
	// Parallel edges are told apart: 0 1 2 for the three, 0 for the one.
	keys := regexp.MustCompile(`for="4" value="(\d)"`).FindAllStringSubmatch(out.String(), -1)
	var got string
	for _, k := range keys {
		got += k[1]
	}
	if got != "0120" {
		t.Errorf("parallel edges are numbered %s in\n%s", got, out.String())
	}
	again, err := readFrom(&out)
	if err != nil {
		t.Fatal(err)
	}
	if v := again.Node(0).GetName("x\n"); v.Text() != "line\nbreak\ttab\rreturn" {
		t.Errorf("read back %q", v.Text())
	}
}

func TestWriteErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(g *Graph)
		want string
	}{
		{"control character", func(g *Graph) { g.SetNode(g.AddNode("a"), "k", StringValue("x\x00")) }, `node "a": the text "x\x00" holds what XML cannot express`},
		{"not UTF-8 in an edge", func(g *Graph) { g.SetEdge(g.AddEdge(g.AddNode("a"), 0), "k", StringValue("\xff")) }, `edge "a" -> "a": the text`},
		{"attribute name", func(g *Graph) { g.SetNode(g.AddNode("a"), "\x01", IntValue(1)) }, "holds what XML cannot express"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, dir := New("g"), t.TempDir()
			c.make(g)
			path := filepath.Join(dir, "g.gexf")
			if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			err := g.WriteGEXF(path)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			// What was there before stays, and nothing else is left behind.
			if old, _ := os.ReadFile(path); string(old) != "old" {
				t.Errorf("the file now holds %q", old)
			}
			if files, _ := os.ReadDir(dir); len(files) != 1 {
				t.Errorf("%d files are left", len(files))
			}
		})
	}
	if err := New("g").WriteGEXF(filepath.Join(t.TempDir(), "none", "g.gexf")); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Errorf("into a folder that is not there: %v", err)
	}
}
