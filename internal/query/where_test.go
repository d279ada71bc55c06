package query

import (
	"errors"
	"strings"
	"testing"
)

func TestWhereErrors(t *testing.T) {
	for _, c := range []struct {
		name, where string
		column      int
		want        string
	}{
		{"nothing", "", 1, "expected COLUMN OPERATOR VALUE"},
		{"unknown column", "nam == x", 1, `no column "nam"; did you mean "name"?`},
		{"unknown column behind and", "class == Port and nam == x", 19, `no column "nam"`},
		{"no operator", "class LeakyIAF", 7, `expected an operator (== != < <= > >= startswith in) behind "class", found "LeakyIAF"`},
		{"one equals sign", "class = LeakyIAF", 7, "= is no operator; did you mean ==?"},
		{"no value", "class ==", 9, "expected a value"},
		{"no value before and", "class == and V > 1", 10, "expected a value"},
		{"text compared", "V < low", 5, `< compares numbers, but "low" is none`},
		{"open parenthesis", "V == 1 and (V == 2", 12, "this parenthesis is never closed"},
		{"closing parenthesis", "V == 1)", 7, `unexpected ")"`},
		{"open quote", "näm == 1 or name == 'n two", 1, `no column "näm"`},
		{"open quote behind umlaut", "name == ä or name == 'n two", 22, "the quote that opens here is never closed"},
		{"behind a quote", "name == 'n' two", 13, `unexpected "t"`},
		{"and in a text", "name == salt and pepper", 18, `no column "pepper"`},
		{"and before a column", "name == salt and class", 23, `expected an operator (== != < <= > >= startswith in) behind "class"; a text that holds and or or needs quotes`},
		{"no list", "class in Port", 10, "expected a list such as (a, b) behind in"},
		{"empty list", "class in ()", 11, "expected a value"},
		{"open list", "class in (Port", 10, "this list is never closed"},
		{"not without in", "class not Port", 11, "expected in behind not"},
		{"too deep", strings.Repeat("(", 200), 101, "more than 100 conditions inside each other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Select(Nodes(small()), Options{Where: []string{c.where}})
			var e *WhereError
			if !errors.As(err, &e) || e.Column != c.column || !strings.Contains(e.Msg, c.want) {
				t.Errorf("got  %v\nwant column %d: %s", err, c.column, c.want)
			}
		})
	}
	_, err := Select(Nodes(small()), Options{Where: []string{"V = 1"}})
	if want := "condition \"V = 1\", column 3: = is no operator; did you mean ==?\n    V = 1\n      ^"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// FuzzWhere: no condition panics, faults have a place inside the text, and a condition in parentheses behind not holds for
// the other rows.
func FuzzWhere(f *testing.F) {
	for _, s := range []string{
		"class == LeakyIAF", "V<=-6", "name startswith 'a", "a!=b", "", "==", "V == ''", "V==\"", "not V > 1 and (V in (1,[2,3]) or name == x y)",
		"V not in ('a', b)", "((V==1))", "V == 1 && V == 2 || V == 3", "näme == ä", "\xff == 1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows := func(where string) int {
			table, err := Select(Nodes(small()), Options{Where: []string{where}})
			var e *WhereError
			switch {
			case err == nil:
				return len(table.Rows)
			case !errors.As(err, &e) || e.Column < 1 || e.Column > len(where)+1:
				t.Fatalf("%q: error %v", where, err)
			}
			return -1
		}
		n := rows(text)
		if n < 0 {
			return
		}
		if opposite := rows("not (" + text + ")"); opposite != 4-n && opposite >= 0 {
			t.Fatalf("%q holds for %d rows, its opposite for %d", text, n, opposite)
		}
	})
}
