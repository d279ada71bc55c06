package nearest

import "testing"

func TestName(t *testing.T) {
	names := []string{"threshold", "resistance", "capacitance", "initV", "V_Ca", "V_K"}
	for _, c := range []struct{ word, want string }{
		{"treshold", "threshold"},
		{"thresohld", "threshold"},
		{"INITV", "initV"},
		{"resistence", "resistance"},
		{"V_k", "V_K"},
		{"banana", ""},
		{"x", ""},
		{"", ""},
	} {
		if got := Name(c.word, names); got != c.want {
			t.Errorf("Name(%q) = %q, want %q", c.word, got, c.want)
		}
	}
	if got := Hint("treshold", names); got != `; did you mean "threshold"?` {
		t.Errorf("Hint: %q", got)
	}
}
