package plsel

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/vectors"
)

// vector is one entry of testdata/vectors/selectors.json; what the operations mean is told by runVector.
type vector struct {
	ID     string            `json:"id"`
	Op     string            `json:"op"`
	Args   []json.RawMessage `json:"args"`
	Expect json.RawMessage   `json:"expect"`
	Error  bool              `json:"error"`
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t, "selectors.json") {
		t.Run(v.ID, func(t *testing.T) {
			got, err := runVector(t, v)
			if v.Error {
				if err == nil {
					t.Fatalf("%s %s = %v; expected an error", v.Op, v.Args, got)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s %s: %v", v.Op, v.Args, err)
			}
			if a, b := canonical(t, got), canonical(t, v.Expect); a != b {
				t.Errorf("%s %s\n got %s\nwant %s", v.Op, v.Args, a, b)
			}
		})
	}
}

// readVectors reads a file of vectors.
func readVectors(t *testing.T, name string) []vector {
	var out []vector
	for _, path := range vectors.Glob(t, name) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Vectors []vector }
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if len(all.Vectors) == 0 {
			t.Fatalf("%s holds no vectors", path)
		}
		out = append(out, all.Vectors...)
	}
	return out
}

// canonical spells a value as JSON; null and the empty list are the same.
func canonical(t *testing.T, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(plain); err != nil {
		t.Fatal(err)
	}
	if string(data) == "null" {
		return "[]"
	}
	return string(data)
}

// tokens is an identifier as JSON has it.
func tokens(id ID) []any {
	list := []any{}
	for _, t := range id.Tokens() {
		if t.IsInt() {
			list = append(list, t.Int())
		} else {
			list = append(list, t.Name())
		}
	}
	return list
}

func tokenLists(ids []ID) [][]any {
	lists := [][]any{}
	for _, id := range ids {
		lists = append(lists, tokens(id))
	}
	return lists
}

// identifiers reads a list of identifiers from JSON.
func identifiers(t *testing.T, raw json.RawMessage) []ID {
	var lists [][]any
	if err := json.Unmarshal(raw, &lists); err != nil {
		t.Fatal(err)
	}
	var ids []ID
	for _, l := range lists {
		var toks []Token
		for _, x := range l {
			if s, ok := x.(string); ok {
				toks = append(toks, Name(s))
			} else {
				toks = append(toks, Int(int(x.(float64))))
			}
		}
		ids = append(ids, MakeID(toks...))
	}
	return ids
}

func text(t *testing.T, raw json.RawMessage) string {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func runVector(t *testing.T, v vector) (any, error) {
	switch v.Op {
	case "collapse":
		return Collapse(identifiers(t, v.Args[0])), nil
	case "to_identifier":
		return identifiers(t, json.RawMessage("["+string(v.Args[0])+"]"))[0].String(), nil
	case "select":
		found, err := Select(text(t, v.Args[0]), identifiers(t, v.Args[1]))
		return tokenLists(found), err
	case "is_in", "are_disjoint", "add", "concat", "prod", "union":
		return runSets(t, v)
	}
	arg := text(t, v.Args[0])
	s, err := Parse(arg)
	switch v.Op {
	case "is_selector":
		return err == nil, nil
	case "is_identifier":
		_, err := ParseID(arg)
		return err == nil, nil
	case "tokenize":
		lexemes, err := Tokenize(arg)
		return lexemeLists(lexemes), err
	}
	if err != nil {
		return nil, err
	}
	switch v.Op {
	case "expand":
		ids, err := s.Expand()
		return tokenLists(ids), err
	case "round_trip":
		ids, err := s.Expand()
		if err != nil {
			return nil, err
		}
		again, err := Expand(Collapse(ids))
		if compact, err := Expand(Compact(ids)); err != nil || !slices.Equal(compact, ids) {
			t.Errorf("the compact form %s does not stand for %v (error: %v)", Compact(ids), ids, err)
		}
		return tokenLists(again), err
	case "is_ambiguous":
		return s.Ambiguous(), nil
	case "is_empty":
		return s.Empty(), nil
	case "is_expandable":
		return s.Expandable(), nil
	case "count":
		n, err := s.Count()
		return n, err
	case "max_levels":
		return s.MaxLevels(), nil
	}
	t.Fatalf("unknown operation %q", v.Op)
	return nil, nil
}

func runSets(t *testing.T, v vector) (any, error) {
	var lists [][]ID
	for _, a := range v.Args {
		ids, err := Expand(text(t, a))
		if err != nil {
			return nil, err
		}
		lists = append(lists, ids)
	}
	switch v.Op {
	case "is_in":
		return IsIn(lists[0], lists[1]), nil
	case "are_disjoint":
		return Disjoint(lists...), nil
	case "add":
		return tokenLists(Add(lists...)), nil
	case "union":
		return tokenLists(Union(lists...)), nil
	case "concat":
		ids, err := Concat(lists...)
		return tokenLists(ids), err
	}
	ids, err := Product(lists...)
	return tokenLists(ids), err
}

func lexemeLists(lexemes []Lexeme) [][]any {
	lists := [][]any{}
	for _, l := range lexemes {
		entry := []any{l.Kind.String()}
		switch l.Kind {
		case Integer:
			entry = append(entry, l.Value)
		case IntegerSet:
			entry = append(entry, l.Ints)
		case String:
			entry = append(entry, l.Name)
		case StringSet:
			entry = append(entry, l.Names)
		case Interval:
			bounds := map[string]any{"start": l.Value, "stop": l.Stop}
			if l.Stop < 0 {
				bounds["stop"] = nil
			}
			entry = append(entry, bounds)
		}
		lists = append(lists, entry)
	}
	return lists
}

// The vectors leave out what the reference system does against its own documentation. These are our readings.
func TestOwnReadings(t *testing.T) {
	expand := []struct{ name, selector, want string }{
		{"a pair binds tighter than a comma", "/[a,b].+[0:2],/c", "/a[0] /b[1] /c"},
		{"a group after plus ends at its parenthesis", "/a+(/b),/c", "/a/b /c"},
		{"operators are read from the left", "/a+/b.+/c", "/a/b/c"},
		{"terms are the outer loop of a product", "(/[a,b],/c)+([0:2],/d)", "/a[0] /a[1] /b[0] /b[1] /a/d /b/d /c[0] /c[1] /c/d"},
		{"pairs of products", "((/a,/b)+[0:2]).+/[w,x,y,z]", "/a[0]/w /a[1]/x /b[0]/y /b[1]/z"},
		{"pairs of lists of groups", "((/[a,b],/c)+([0:2],/d)).+[10:19]",
			"/a[0][10] /a[1][11] /b[0][12] /b[1][13] /a/d[14] /b/d[15] /c[0][16] /c[1][17] /c/d[18]"},
		{"empty ranges in a list of pairs", "(/a[0:0],/b,/c[1:1],/d).+[0:2]", "/b[0] /d[1]"},
		{"a negative number is a name", "/a[-1]", "/a/-1"},
	}
	for _, c := range expand {
		t.Run(c.name, func(t *testing.T) {
			ids, err := Expand(c.selector)
			if err != nil {
				t.Fatal(err)
			}
			if got := spaced(ids); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.selector, got, c.want)
			}
		})
	}
	for _, bad := range []string{"/a,", "/+a", "/a/+b", "0", "/a+0", "0,1", "[ 0]", "/a ", "/ a", "[b,]", "[b ,c]",
		"/a/*.+/b", "/a[99999999999999999999]", "/a\xff", "/a[0].+", "/a.b"} {
		t.Run("not a selector "+bad, func(t *testing.T) {
			if ids, err := Expand(bad); err == nil {
				t.Errorf("%q stands for %v; expected an error", bad, ids)
			}
			if id, err := ParseID(bad); err == nil {
				t.Errorf("%q is the identifier %v; expected an error", bad, id)
			}
		})
	}
	for _, none := range []string{"", "  ", "/a[0:0]", "/a,/a", "/a[0:2]", "/a/*"} {
		if id, err := ParseID(none); err == nil {
			t.Errorf("%q is the identifier %v; expected an error", none, id)
		}
	}
	levels := map[string]int{"(/a,/b/c).+(/d/e,/f)": 3, "(/a/b,/c).+(/d/e,/f)": 4, "(/a,/b/c).+[0:2]": 3, "/a/*/b,/c": 3}
	for selector, want := range levels {
		s, err := Parse(selector)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.MaxLevels(); got != want {
			t.Errorf("%s has %d levels at most; want %d", selector, got, want)
		}
	}
}

func spaced(ids []ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, " ")
}
