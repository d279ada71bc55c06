package csvscan

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scan opens a text as the table t.csv in a folder.
func scan(t testing.TB, dir, text string) (*Scanner, error) {
	t.Helper()
	path := filepath.Join(dir, "t.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, "things")
	if err == nil {
		s.file = "t.csv"
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

// records reads a whole table and where each record begins.
func records(s *Scanner) (out [][]string, lines []int, err error) {
	head, err := s.Header()
	if err != nil {
		return nil, nil, err
	}
	out, lines = append(out, head), append(lines, s.line)
	for {
		if err := s.Record(); errors.Is(err, io.EOF) {
			return out, lines, nil
		} else if err != nil {
			return nil, nil, err
		}
		var record []string
		for _, f := range s.Fields {
			record = append(record, string(f))
		}
		line, _ := s.Position(0)
		out, lines = append(out, record), append(lines, line)
	}
}

func TestRecords(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "a,b\n1,2\n", `[["a" "b"] ["1" "2"]] [1 2]`},
		{"spaces around names only", " a , b\n 1 ,2\n", `[["a" "b"] [" 1 " "2"]] [1 2]`},
		{"line ends", "\r\na,b\r\n\r\n1,2\n\n3,4", `[["a" "b"] ["1" "2"] ["3" "4"]] [2 4 6]`},
		{"quotes", "a,b\n\"1,\"\"\n\",2\n,\"\"\n", `[["a" "b"] ["1,\"\n" "2"] ["" ""]] [1 2 4]`},
		{"empty fields", "a,b\n,\n\"x\",", `[["a" "b"] ["" ""] ["x" ""]] [1 2 3]`},
		{"no rows", "a,b", `[["a" "b"]] [1]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := scan(t, t.TempDir(), c.text)
			if err != nil {
				t.Fatal(err)
			}
			all, lines, err := records(s)
			if got := fmt.Sprintf("%q %v", all, lines); err != nil || got != c.want {
				t.Errorf("got %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "1:1: this is an empty file, expected a table of things in CSV"},
		{"XML", "<gexf/>", "1:1: this is XML (a graph in one file is given as graph: FILE), expected a table of things in CSV"},
		{"semicolons", "a;b\n1;2\n", `1:1: the columns are separated by ";", expected commas`},
		{"a field too many", "a,b\n1,2\n\n1,2,3\n", "4:1: 3 fields, but the header has 2 (a text that holds a comma needs quotes; is the file cut off?)"},
		{"second field", "a,b\n1,\"2\"3\n", `2:3: "3" follows the closing quote; a quote inside a text is written twice`},
		{"in the second line of a record", "a,b\n\"1\n\n\",\"\n", "4:3: the quote that opens here is never closed"},
		{"encoding", "a,b\n1,\xff" + strings.Repeat("x", 100) + "\n", `2:3: text "\xff` + strings.Repeat("x", 39) + `" is not UTF-8: convert the file`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := scan(t, t.TempDir(), c.text)
			if err == nil {
				_, _, err = records(s)
			}
			if err == nil {
				t.Fatal("no error")
			}
			if _, got, _ := strings.Cut(err.Error(), "t.csv:"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// FuzzRecords: what is accepted has the records that encoding/csv finds, and blocks of it hold the same.
func FuzzRecords(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "a\n\"\"\"\n\"\r\n\"x\"", "\ufeffa,\"b\nc\"\n1,\"2\n3\"", "a\n\n\r\n1"} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := scan(t, dir, text)
		if err != nil || strings.HasPrefix(text, "\x1f\x8b") {
			return
		}
		got, lines, err := records(s)
		if s, err2 := scan(t, dir, text); err2 == nil {
			if by, at, err2 := blockwise(s); fmt.Sprint(by, at, err2) != fmt.Sprint(got, lines, err) {
				t.Fatalf("by blocks %q on lines %d, %v; otherwise %q on lines %d, %v", by, at, err2, got, lines, err)
			}
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.csv:") {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		want, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		if err != nil {
			return // encoding/csv refuses a quote inside a field without quotes, Python does not
		}
		for i := range want {
			for k := range want[i] {
				if i == 0 {
					want[i][k] = strings.TrimSpace(want[i][k])
				}
				if i < len(got) && k < len(got[i]) { // encoding/csv turns \r\n into \n inside quotes
					got[i][k] = strings.ReplaceAll(got[i][k], "\r\n", "\n")
				}
			}
		}
		if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Fatalf("got %q, encoding/csv has %q", got, want)
		}
	})
}
