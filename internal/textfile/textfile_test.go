package textfile

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func pack(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // to memory: never fails
	_ = z.Close()
	return b.String()
}

func TestOpen(t *testing.T) {
	long := strings.Repeat("0123456789", bufferSize/5)
	for _, c := range []struct{ name, content, want, wrong string }{
		{"plain", "hello", "hello", ""},
		{"empty", "", "", ""},
		{"gzip", pack("hello"), "hello", ""},
		{"byte-order mark", ByteOrderMark + "hello", "hello", ""},
		{"byte-order mark in gzip", pack(ByteOrderMark + "hello"), "hello", ""},
		{"longer than the buffer", pack(long), long, ""},
		{"two members", pack("one ") + pack("two"), "one two", ""},
		{"gzip cut off", pack(long)[:50], "", "the gzip file is cut off (copy or generate it again)"},
		{"gzip cut off in its head", pack(long)[:5], "", "the gzip file is cut off (copy or generate it again)"},
		{"gzip damaged", pack("hello")[:12] + "xxxxx" + pack("hello")[17:], "", "the gzip file is damaged (copy or generate it again)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.txt")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			var got []byte
			b, closer, err := Open(path)
			if err == nil {
				defer closer.Close()
				got, err = io.ReadAll(b)
			}
			if c.wrong == "" && (err != nil || string(got) != c.want) {
				t.Errorf("%d bytes (%v)", len(got), err)
			}
			if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("error %v, want %s", err, c.wrong)
			}
		})
	}
	_, _, err := Open(filepath.Join(t.TempDir(), "none.txt"))
	if err == nil || !strings.Contains(err.Error(), "none.txt: no such file or directory") {
		t.Errorf("error %v", err)
	}
}

func TestForeign(t *testing.T) {
	for _, c := range []struct{ head, notXML, notTable string }{
		{"", "an empty file", "an empty file"},
		{" \n\t", "an empty file", "an empty file"},
		{"<?xml version='1.0'?>", "", "XML (a graph in one file is given as graph: FILE)"},
		{"pre,post\n1,2\n", `a text that begins with "pre,post\n1,2"`, ""},
		{" {\"nodes\": []}", "JSON", "JSON"},
		{"<!DOCTYPE html><html>", "an HTML page (the download probably failed)", "an HTML page (the download probably failed)"},
		{"\x89HDF\r\n\x1a\n", "an HDF5 file", "an HDF5 file"},
		{"PAR1\x15", "a Parquet file (write it as CSV)", "a Parquet file (write it as CSV)"},
		{"a\x00b", "a binary file", "a binary file"},
		{ByteOrderMark + "a,b", `a text that begins with "a,b"`, ""},
	} {
		if got := Foreign([]byte(c.head)); got != c.notXML {
			t.Errorf("Foreign(%q) = %q, want %q", c.head, got, c.notXML)
		}
		if got := NoTable([]byte(c.head)); got != c.notTable {
			t.Errorf("NoTable(%q) = %q, want %q", c.head, got, c.notTable)
		}
	}
}
