package csvscan

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// blockwise is records by blocks.
func blockwise(s *Scanner) (out [][]string, lines []int, err error) {
	head, err := s.Header()
	if err != nil {
		return nil, nil, err
	}
	out, lines = append(out, head), append(lines, s.line)
	beside, b := s.Beside(), Block{}
	for {
		if err := s.Block(&b); errors.Is(err, io.EOF) {
			return out, lines, nil
		} else if err != nil {
			return nil, nil, err
		}
		beside.Take(&b)
		for {
			if err := beside.Record(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, nil, err
			}
			var record []string
			for _, f := range beside.Fields {
				record = append(record, string(f))
			}
			line, _ := beside.Position(0)
			out, lines = append(out, record), append(lines, line)
		}
	}
}

// TestBlocks compares what blocks hold, and what is wrong in them, with what one scanner finds.
func TestBlocks(t *testing.T) {
	var many strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&many, "%d,%d\n", i, i*i)
	}
	rows := many.String()
	for _, c := range []struct{ name, text string }{
		{"no rows", "a,b"},
		{"few rows", "a,b\n1,2\n\n3,4"},
		{"many rows", "a,b\n" + rows},
		{"empty lines", "a,b\n" + strings.ReplaceAll(rows, "9\n", "9\r\n\r\n")},
		{"quotes from the beginning", "a,b\n\"x\n\n\",2\n\n" + rows},
		{"quotes at the end", "a,b\n" + rows + "\n\"x\n,\"\"\",\"2\"\n\n\n3,4"},
		{"a quote within a text", "a,b\n" + rows + "5\" wide,\"x\ny\"\n" + rows},
		{"many texts of several lines", "a,b\n" + strings.ReplaceAll(rows, "9\n", "\"9\n\n8\"\n\n")},
		{"a field too many", "a,b\n" + rows + "1,2,3\n" + rows},
		{"not UTF-8", "a,b\n" + rows + "1,\xff\n" + rows},
		{"not UTF-8 behind quotes", "a,b\n\"\n\",1\n" + rows + "1,\xff\n" + rows},
		{"never closed", "a,b\n" + rows + "1,\"\n" + rows},
		{"a text behind a quote", "a,b\n\n" + rows + "1,\"2\"3\n"},
		{"a long line", "a,b\n" + rows + "1," + strings.Repeat("x", 3*maxRecord) + "\n"},
		{"a long line at the end", "a,b\n" + rows + "1," + strings.Repeat("x", blockSize)},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := func(read func(*Scanner) ([][]string, []int, error)) string {
				s, err := scan(t, t.TempDir(), c.text)
				if err != nil {
					t.Fatal(err)
				}
				out, lines, err := read(s)
				return fmt.Sprintf("%q %d %v", out, lines, err)
			}
			if got, want := said(blockwise), said(records); got != want {
				t.Errorf("got\n%.300s\nwant\n%.300s", got, want)
			}
		})
	}
}
