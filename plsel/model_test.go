package plsel

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A second, simple-minded account of selectors: terms are written out at once, as lists of levels that list their
// tokens, and identifiers are lists of texts. The properties below hold the package against it.

type simpleTerm [][]Token

type simpleSelector struct {
	text  string
	terms []simpleTerm
	atom  bool // can stand before a level or beside an operator without parentheses
}

func (s simpleSelector) grouped() simpleSelector {
	if !s.atom {
		s.text, s.atom = "("+s.text+")", true
	}
	return s
}

func (s simpleSelector) expand() (ids []ID) {
	for _, term := range s.terms {
		list := [][]Token{nil}
		for _, level := range term {
			var next [][]Token
			for _, begun := range list {
				for _, tok := range level {
					next = append(next, append(slices.Clone(begun), tok))
				}
			}
			list = next
		}
		for _, toks := range list {
			ids = append(ids, MakeID(toks...))
		}
	}
	return ids
}

func product2(a, b []simpleTerm) (terms []simpleTerm) {
	for _, s := range a {
		for _, t := range b {
			terms = append(terms, slices.Concat(s, t))
		}
	}
	return terms
}

// simpleLevel draws one level, its text and the tokens it stands for.
func simpleLevel(t *rapid.T) simpleSelector {
	name := rapid.SampledFrom([]string{"a", "b", "lam", "L1", "x y", "é!"})
	small := rapid.IntRange(0, 12)
	var text string
	var toks []Token
	switch rapid.IntRange(0, 5).Draw(t, "level") {
	case 0:
		n := name.Draw(t, "name")
		text, toks = "/"+n, []Token{Name(n)}
	case 1:
		n := small.Draw(t, "integer")
		text, toks = fmt.Sprintf(rapid.SampledFrom([]string{"[%d]", "/%d", "/[%d]", "[0%d]"}).Draw(t, "spelling"), n), []Token{Int(n)}
	case 2:
		list := rapid.SliceOfN(name, 1, 3).Draw(t, "names")
		text = "[" + strings.Join(list, ",") + "]"
		for _, n := range list {
			toks = append(toks, Name(n))
		}
	case 3:
		list := rapid.SliceOfN(small, 1, 4).Draw(t, "integers")
		var texts []string
		for _, n := range list {
			texts, toks = append(texts, fmt.Sprint(n)), append(toks, Int(n))
		}
		text = "[" + strings.Join(texts, ",") + "]"
	default:
		from, to := small.Draw(t, "from"), small.Draw(t, "to")
		text = fmt.Sprintf("[%d:%d]", from, to)
		for n := from; n < to; n++ {
			toks = append(toks, Int(n))
		}
	}
	return simpleSelector{text, []simpleTerm{{toks}}, true}
}

func simpleTree(t *rapid.T, depth int) simpleSelector {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 4).Draw(t, "kind")
	}
	switch kind {
	case 1: // a list
		a, b := simpleTree(t, depth-1), simpleTree(t, depth-1)
		return simpleSelector{a.text + "," + b.text, slices.Concat(a.terms, b.terms), false}
	case 2: // a product
		a, b := simpleTree(t, depth-1).grouped(), simpleTree(t, depth-1).grouped()
		return simpleSelector{a.text + "+" + b.text, product2(a.terms, b.terms), false}
	case 3: // a group and a level
		a, b := simpleTree(t, depth-1).grouped(), simpleLevel(t)
		if a.text[0] != '(' || strings.Contains(a.text, ")+") {
			a.text = "(" + a.text + ")"
		}
		return simpleSelector{a.text + b.text, product2(a.terms, b.terms), true}
	case 4: // pairs: as many integers as there are ports
		a := simpleTree(t, depth-1).grouped()
		ids := a.expand()
		if len(ids) == 0 {
			return a
		}
		s := simpleSelector{text: fmt.Sprintf("%s.+[5:%d]", a.text, 5+len(ids))}
		for i, id := range ids {
			var term simpleTerm
			for _, tok := range append(id.Tokens(), Int(5+i)) {
				term = append(term, []Token{tok})
			}
			s.terms = append(s.terms, term)
		}
		return s
	}
	return simpleLevel(t)
}

func drawSelector(t *rapid.T) simpleSelector {
	s := simpleTree(t, rapid.IntRange(0, 4).Draw(t, "depth"))
	if len(s.terms) > 200 || len(s.expand()) > 5000 {
		return simpleLevel(t) // the other would take long to compare
	}
	return s
}

func TestAgainstSimpleModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		simple := drawSelector(t)
		want := simple.expand()
		s, err := Parse(simple.text)
		if err != nil {
			t.Fatalf("%s: %v", simple.text, err)
		}
		if n, err := s.Count(); err != nil || n.Int64() != int64(len(want)) {
			t.Fatalf("%s has %v ports (error: %v); want %d", simple.text, n, err, len(want))
		}
		got, err := s.Expand()
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%s\n got %s (error: %v)\nwant %s", simple.text, spaced(got), err, spaced(want))
		}
		for _, again := range []string{Collapse(want), Compact(want)} {
			if got, err := Expand(again); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s\n as %s\n got %s (error: %v)\nwant %s", simple.text, again, spaced(got), err, spaced(want))
			}
		}
		for i, id := range want {
			if text := string(s.root.appendAt(nil, i)); text != id.String() {
				t.Fatalf("%s: port %d is %s; want %v", simple.text, i, text, id)
			}
		}
	})
}

func TestMatchAgainstSimpleModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		simple := drawSelector(t)
		s, err := Parse(simple.text)
		if err != nil {
			t.Fatal(err)
		}
		ports := drawSelector(t).expand()
		ports = append(ports, rapid.Permutation(simple.expand()).Draw(t, "own ports")...)
		begins := make(map[ID]bool)
		for _, id := range simple.expand() {
			begins[id] = true
		}
		for _, id := range ports {
			want := false
			for n := 1; n <= id.Len(); n++ {
				want = want || begins[MakeID(id.Tokens()[:n]...)]
			}
			if got := s.Match(id); got != want {
				t.Fatalf("does %s match %v: %v; want %v", simple.text, id, got, want)
			}
		}
	})
}

// any list of identifiers, not only such as selectors give.
func drawIDs(t *rapid.T, label string) []ID {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ID {
		toks := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Token {
			if rapid.Bool().Draw(t, "integer") {
				return Int(rapid.IntRange(0, 6).Draw(t, "value"))
			}
			return Name(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"))
		}), 1, 3).Draw(t, "levels")
		return MakeID(toks...)
	}), 0, 12).Draw(t, label)
}

func TestSetAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawIDs(t, "a"), drawIDs(t, "b"), drawIDs(t, "c")
		check := func(ok bool, law string) {
			if !ok {
				t.Fatalf("%s does not hold for\na %s\nb %s\nc %s", law, spaced(a), spaced(b), spaced(c))
			}
		}
		check(slices.Equal(Union(a, b), Union(b, a)), "a ∪ b = b ∪ a")
		check(slices.Equal(Union(Union(a, b), c), Union(a, Union(b, c))), "(a ∪ b) ∪ c = a ∪ (b ∪ c)")
		check(slices.Equal(Union(a, a), Union(a)), "a ∪ a = a")
		check(IsIn(a, Union(a, b)), "a ⊆ a ∪ b")
		check(IsIn(Union(a, b), Add(a, b)) && IsIn(Add(a, b), Union(a, b)), "a ∪ b = a + b as sets")
		check(!IsIn(a, b) || slices.Equal(Union(a, b), Union(b)), "a ⊆ b implies a ∪ b = b")
		check(Disjoint(a, b) == Disjoint(b, a), "disjointness is symmetric")
		check(Disjoint(a, b) == (len(Union(a, b)) == len(Union(a))+len(Union(b))), "a ∩ b = ∅ iff |a ∪ b| = |a| + |b|")
		check(slices.Equal(Add(Add(a, b), c), Add(a, b, c)), "a + (b + c) = (a + b) + c")
		ab, err := Product(a, b)
		check(err == nil && (len(a) == 0 || len(b) == 0 || len(ab) == len(a)*len(b)), "|a × b| = |a| |b|")
		left, _ := Product(ab, c)
		all, _ := Product(a, b, c)
		check(slices.Equal(left, all), "(a × b) × c = a × b × c")
		check(slices.IsSortedFunc(Union(a, b), Compare), "a union is sorted")
		p := CommonPrefix(a)
		for _, id := range a {
			check(slices.Equal(id.Tokens()[:p.Len()], p.Tokens()), "all ports begin with the common prefix")
		}
		compact, err := Expand(Compact(a))
		check(err == nil && slices.Equal(compact, a), "expand(compact(a)) = a")
	})
}

func TestCompareIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := append(drawIDs(t, "ids"), MakeID(Int(1)), MakeID(Name("a")), MakeID(Name("a"), Int(1)))
		a, b, c := rapid.SampledFrom(ids).Draw(t, "a"), rapid.SampledFrom(ids).Draw(t, "b"), rapid.SampledFrom(ids).Draw(t, "c")
		if (Compare(a, b) == 0) != (a == b) || sign(Compare(a, b)) != -sign(Compare(b, a)) {
			t.Fatalf("comparing %v and %v: %d and back %d", a, b, Compare(a, b), Compare(b, a))
		}
		if Compare(a, b) <= 0 && Compare(b, c) <= 0 && Compare(a, c) > 0 {
			t.Fatalf("%v ≤ %v ≤ %v, but not %v ≤ %v", a, b, c, a, c)
		}
	})
}

func sign(n int) int { return compareInts(n, 0) }
