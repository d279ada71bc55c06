package plsel

import (
	"encoding/json"
	"slices"
	"testing"
	"unsafe"
)

func TestParseID(t *testing.T) {
	cases := []struct {
		text, canonical string
		levels          []Token
	}{
		{"/a", "/a", []Token{Name("a")}},
		{"/a/out[0]", "/a/out[0]", []Token{Name("a"), Name("out"), Int(0)}},
		{"/a/out/0", "/a/out[0]", []Token{Name("a"), Name("out"), Int(0)}},
		{"/a/[out]/[007]", "/a/out[7]", []Token{Name("a"), Name("out"), Int(7)}},
		{"[3]", "[3]", []Token{Int(3)}},
		{"/3/x", "[3]/x", []Token{Int(3), Name("x")}},
		{"/a/0/1/b/2", "/a[0][1]/b[2]", []Token{Name("a"), Int(0), Int(1), Name("b"), Int(2)}},
		{"/a[0:1]+/b", "/a[0]/b", []Token{Name("a"), Int(0), Name("b")}},
		{"[9223372036854775807]", "[9223372036854775807]", []Token{Int(9223372036854775807)}},
		{"/Größe/µ", "/Größe/µ", []Token{Name("Größe"), Name("µ")}},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			id, err := ParseID(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if id.String() != c.canonical {
				t.Errorf("reads as %v; want %s", id, c.canonical)
			}
			if !slices.Equal(id.Tokens(), c.levels) || id.Len() != len(c.levels) {
				t.Errorf("levels %v (%d); want %v", id.Tokens(), id.Len(), c.levels)
			}
			for i, want := range c.levels {
				if id.Token(i) != want {
					t.Errorf("level %d is %v; want %v", i, id.Token(i), want)
				}
			}
			if made := MakeID(c.levels...); made != id {
				t.Errorf("made of its levels it is %#v; want %#v", made, id)
			}
			var in Interner
			if interned, err := in.ParseID(c.text); err != nil || interned != id {
				t.Errorf("interned it is %v (error: %v)", interned, err)
			}
		})
	}
}

func TestIntegerAndNameDiffer(t *testing.T) {
	if MakeID(Name("a"), Name("0")) == MakeID(Name("a"), Int(0)) {
		t.Error("the name 0 and the integer 0 make the same identifier")
	}
}

func TestCompareOrder(t *testing.T) {
	ordered := []string{"[0]", "[2]", "[10]", "[10]/a", "/a", "/a[0]", "/a[2]", "/a[2]/x", "/a[2]/y", "/a[10]", "/a/b", "/a/b[0]", "/ab", "/b"}
	for i, a := range ordered {
		for j, b := range ordered {
			x, _ := ParseID(a)
			y, _ := ParseID(b)
			if got := Compare(x, y); sign(got) != sign(compareInts(i, j)) {
				t.Errorf("comparing %s and %s gives %d", a, b, got)
			}
		}
	}
	one, _ := ParseID("/a")
	if Compare(ID{}, one) >= 0 || Compare(one, ID{}) <= 0 || Compare(ID{}, ID{}) != 0 {
		t.Error("the empty identifier is not the first of all")
	}
}

func TestIDInJSON(t *testing.T) {
	data, err := json.Marshal(map[string]ID{"port": MakeID(Name("a"), Int(3))})
	if err != nil || string(data) != `{"port":"/a[3]"}` {
		t.Fatalf("%s (error: %v)", data, err)
	}
	var back map[string]ID
	if err := json.Unmarshal(data, &back); err != nil || back["port"] != MakeID(Name("a"), Int(3)) {
		t.Errorf("read back as %v (error: %v)", back, err)
	}
	if err := json.Unmarshal([]byte(`{"port":"/a["}`), &back); err == nil {
		t.Error("a broken identifier was read without an error")
	}
}

func TestIDsOfARangeShareTheirText(t *testing.T) {
	ids, err := Expand("/lpu/out[0:1000]")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if unsafe.StringData(id.head) != unsafe.StringData(ids[0].head) {
			t.Fatalf("%v has a text of its own", id)
		}
	}
	var in Interner
	a, _ := in.ParseID("/lpu/out[1]")
	in.ParseID("/lpu/in[1]")
	b, _ := in.ParseID("/lpu/out/2")
	if unsafe.StringData(a.head) != unsafe.StringData(b.head) {
		t.Error("an Interner keeps the same text twice")
	}
}

func TestImpossibleTokensPanic(t *testing.T) {
	for name, f := range map[string]func(){
		"negative integer": func() { Int(-1) },
		"empty name":       func() { Name("") },
		"name with slash":  func() { Name("a/b") },
		"level too far":    func() { MakeID(Int(1)).Token(1) },
		"ambiguous All":    func() { s, _ := Parse("/a/*"); s.All() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
