package pattern

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadCSV(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"plain", "from,to,type\n/a[0],/b[0],gpot\n/a/1,/b[1],\n/x/y,\"[3]\",spike\n"},
		{"byte order mark and carriage returns", "\xef\xbb\xbf\"from\",to,type\r\n/a[0],/b[0],gpot\r\n/a[1],/b[1],\r\n/x/y,[3],spike\r\n"},
		{"columns in another order, blanks, empty lines", "type, to ,from\ngpot, /b[0] ,/a[0]\n\n,/b[1],/a[1]\nspike,[3],/x/y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			links, err := ReadCSV(strings.NewReader(c.text), "p.csv")
			if err != nil {
				t.Fatal(err)
			}
			want := []struct{ from, to, typ string }{{"/a[0]", "/b[0]", "gpot"}, {"/a[1]", "/b[1]", ""}, {"/x/y", "[3]", "spike"}}
			if len(links) != len(want) {
				t.Fatalf("%d links; want %d", len(links), len(want))
			}
			for k, w := range want {
				l := links[k]
				if l.From.String() != w.from || l.To.String() != w.to || l.Type.String() != w.typ {
					t.Errorf("link %d is %v %v %q; want %v", k, l.From, l.To, l.Type, w)
				}
			}
			if last := links[2].Where; last.File != "p.csv" || last.Line < 4 || last.Col != 1 {
				t.Errorf("the last link is at %v", last)
			}
		})
	}
	quoted := "from,to\n\"/a\"\"x[0,0]+/b[0:0],/c\",/d\n"
	if links, err := ReadCSV(iotest.OneByteReader(strings.NewReader(quoted)), "p.csv"); err != nil || links[0].From.String() != "/c" {
		t.Errorf("quotes and commas in quotes: %v (error: %v)", links, err)
	}
	links, err := ReadCSV(strings.NewReader("to,from\n/b,/a\n"), "p.csv")
	if err != nil || len(links) != 1 || links[0].Type != NoType {
		t.Errorf("without types: %v (error: %v)", links, err)
	}
	if links, err := ReadCSV(strings.NewReader("from,to\n"), "p.csv"); err != nil || len(links) != 0 {
		t.Errorf("header only: %v (error: %v)", links, err)
	}
}

func TestCSVErrors(t *testing.T) {
	var b strings.Builder
	for _, text := range []string{
		"",
		"/a,/b\n",
		"form,to\n",
		"from,type\n/a,gpot\n",
		"from,to,from\n",
		"from,to\n/a,/b\n/a[,/b\n/a[0:2],/b/*\n,\n",
		"from,to\n/a[0,1],/b\n/c,/d\n",
		"from,to,type\n/a,/b,spikes\n",
		"from,to\n/a,\"/b\n",
		"from,to\n/a,/b\"c\"\n/c,\"/d\" \n",
		"from,to\n" + strings.Repeat("a,b\n", 50),
		"from,to\n" + strings.Repeat("a", 2<<20),
	} {
		links, err := ReadCSV(strings.NewReader(text), "p.csv")
		if err == nil {
			t.Errorf("%q: %v; expected an error", text, links)
			continue
		}
		if len(text) > 80 {
			text = text[:80]
		}
		b.WriteString(strings.ReplaceAll(text, "\n", "|") + "\n  " + strings.ReplaceAll(err.Error(), "\n", "\n  ") + "\n")
	}
	golden(t, "csv_errors.txt", b.String())
}

// Files are read in blocks; lines that lie across them must not suffer, and failing files must be noticed.
func TestLongCSV(t *testing.T) {
	const n = 50000
	var b strings.Builder
	b.WriteString("from,to\n")
	for k := range n {
		fmt.Fprintf(&b, "/a/out[%d],/b/in/%d\n", k, n-k)
	}
	links, err := ReadCSV(strings.NewReader(b.String()), "p.csv")
	if err != nil || len(links) != n {
		t.Fatalf("%d links (error: %v)", len(links), err)
	}
	for k, l := range links {
		from, to := fmt.Sprintf("/a/out[%d]", k), fmt.Sprintf("/b/in[%d]", n-k)
		if l.From.String() != from || l.To.String() != to || l.Where != (Pos{"p.csv", int32(k) + 2, 1}) {
			t.Fatalf("link %d is %v; want %s to %s", k, l, from, to)
		}
	}
	broken := io.MultiReader(strings.NewReader(b.String()), iotest.ErrReader(errors.New("disk on fire")))
	if _, err := ReadCSV(broken, "p.csv"); err == nil || err.Error() != "p.csv: disk on fire" {
		t.Errorf("error %v; expected the reader's", err)
	}
}

func TestInterfaceCSV(t *testing.T) {
	text := "port,interface,io,type\n/a[0],0,in,gpot\n/a[1],,,\n\"/b/c\",12,out,spike\n"
	i, err := ReadInterfaceCSV(strings.NewReader(text), "ports.csv")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := i.WriteCSV(&out); err != nil || out.String() != strings.ReplaceAll(text, `"`, "") {
		t.Errorf("written as\n%s(error: %v)", out.String(), err)
	}
	for text, want := range map[string]string{
		"port,io\n/a,inn\n":       `ports.csv:2:4: unknown direction "inn"; expected in or out; did you mean "in"?`,
		"port,interface\n/a,-1\n": `ports.csv:2:4: interface "-1"; expected a whole number from 0 on`,
		"port\n/a\n/a\n":          `ports.csv: port /a is listed twice, as numbers 0 and 1`,
		"io\nin\n":                `ports.csv:1:1: the header has no column "port"; expected the columns port and, if wanted, interface, io, type`,
	} {
		if _, err := ReadInterfaceCSV(strings.NewReader(text), "ports.csv"); err == nil || err.Error() != want {
			t.Errorf("%q: error %v; want %s", text, err, want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("from,to,type\n/a[0],/b[0],gpot\n")
	f.Add("to,from\n\"/a[0,1]\",/b\n")
	f.Add("from,to\n/a,\"/b\n/c\n")
	f.Add("\xef\xbb\xbftype,to,from\r\nspike,[3],/x/007\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		links, err := ReadCSV(strings.NewReader(text), "p.csv")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "p.csv:") {
				t.Fatalf("the error does not name its file: %v", err)
			}
			return
		}
		var out bytes.Buffer
		if err := WriteCSV(&out, links); err != nil {
			t.Fatal(err)
		}
		again, err := ReadCSV(&out, "p.csv")
		if err != nil || len(again) != len(links) {
			t.Fatalf("written and read again, %d links become %d (error: %v)", len(links), len(again), err)
		}
		for k := range links {
			links[k].Where, again[k].Where = Pos{}, Pos{}
			if !reflect.DeepEqual(links[k], again[k]) {
				t.Fatalf("link %d becomes %v; want %v", k, again[k], links[k])
			}
		}
	})
}
