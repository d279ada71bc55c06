package plsel

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"/med/[L1,L2].+[0:2]", "(/a,/b)+/c[0,1]/*", "/a[5:]/b,/c[:3]", "", " ", "/a[0:1000000000]",
		"((/a+/b).+(/c))[0]", "[x,y][3]", "/a(/b)", "/a[0:2", "\xff", "/é[é,ü]", "/a,/a[99999999999999999999]", "/00012"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Fatalf("%q: the error %v points nowhere", text, err)
			}
			if strings.Contains(err.Error(), "\n") || strings.Count(syntax.Caret(), "\n") != 1 {
				t.Fatalf("%q: the error is not one line and its picture not two: %v\n%s", text, err, syntax.Caret())
			}
			if id, err := ParseID(text); err == nil {
				t.Fatalf("%q is no selector, yet the identifier %v", text, id)
			}
			return
		}
		if _, err := Tokenize(text); err != nil {
			t.Fatalf("%q parses but has no lexemes: %v", text, err)
		}
		if s.Ambiguous() {
			return
		}
		if n, _ := s.Count(); !n.IsInt64() || n.Int64() > 2000 {
			return
		}
		ids, err := s.Expand()
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, again := range []string{Collapse(ids), Compact(ids)} {
			if got, err := Expand(again); err != nil || !slices.Equal(got, ids) {
				t.Fatalf("%q\n as %q\n gives %v (error: %v)\nwant %v", text, again, got, err, ids)
			}
		}
		for _, id := range ids {
			if again, err := ParseID(id.String()); err != nil || again != id {
				t.Fatalf("%v reads back as %v (error: %v)", id, again, err)
			}
			if !s.Match(id) {
				t.Fatalf("%q does not match its own port %v", text, id)
			}
		}
		if id, err := ParseID(text); (err == nil) != (len(ids) == 1) || err == nil && id != ids[0] {
			t.Fatalf("%q as an identifier is %v (error: %v); want %v", text, id, err, ids)
		}
	})
}

// Reading work must grow with the length of the text, not faster. The allocations of a parse are counted instead of
// its time, which a busy machine would blur; a text that made the parser back up would also show in the time the
// whole test takes.
func TestParsingIsLinear(t *testing.T) {
	texts := map[string]func(n int) string{
		"unterminated set of a long name": func(n int) string { return "/x[" + strings.Repeat("a", n) },
		"unterminated set of digits":      func(n int) string { return "/x[" + strings.Repeat("1", n) + "x" },
		"a long set":                      func(n int) string { return "/x[" + strings.Repeat("a,", n) + "b]" },
		"a long list":                     func(n int) string { return strings.Repeat("/a,", n) + "/b" },
		"a long sum":                      func(n int) string { return strings.Repeat("(/a,/b)+", n) + "/b" },
		"a long term":                     func(n int) string { return strings.Repeat("/a[0:3]", n) },
		"pairs":                           func(n int) string { return strings.Repeat("/a.+", n) + "/b" },
		"open parentheses":                func(n int) string { return strings.Repeat("(", n) },
		"nested groups":                   func(n int) string { return strings.Repeat("(", n) + "/a" + strings.Repeat(")+/b", n) },
		"plus and pair in turn":           func(n int) string { return strings.Repeat("(/a,/b)+/c.+[0:2].+", n) + "[0:2]" },
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) float64 {
				s := text(n)
				return testing.AllocsPerRun(1, func() {
					if sel, err := Parse(s); err == nil && !sel.Ambiguous() {
						sel.Count()
					}
				})
			}
			if small, large := cost(1000), cost(100000); large > 120*small+200 {
				t.Errorf("100 times the text takes %.0f allocations instead of %.0f", large, small)
			}
		})
	}
}

func TestDeepNesting(t *testing.T) {
	for name, text := range map[string]string{
		"parentheses":      strings.Repeat("(", 1<<20) + "/a" + strings.Repeat(")", 1<<20),
		"only opening":     strings.Repeat("(", 1<<20),
		"operators nested": strings.Repeat("(/a+", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), "too deeply") {
				t.Errorf("error %v; expected one about nesting", err)
			}
		})
	}
	ok := strings.Repeat("(", maxNesting) + "/a" + strings.Repeat(")", maxNesting)
	if ids, err := Expand(ok); err != nil || spaced(ids) != "/a" {
		t.Errorf("%d parentheses: %v, %v", maxNesting, ids, err)
	}
}
