package compile

import (
	"fmt"
	"slices"

	"github.com/nkrun/nkrun/internal/nearest"
)

// A pass rearranges a circuit so that it costs less, without changing what is recorded. It runs when inputs and
// recordings have been declared and returns a sentence on what it did, for people.
type pass struct {
	name, doc string
	run       func(*Circuit) string
}

// passes in the order in which they run.
var passes = []pass{
	{"share", "components that always hold the same value become one", (*Circuit).share},
}

// PassNames returns the names of the passes that can be switched off, in the order in which they run.
func PassNames() []string {
	var out []string
	for _, p := range passes {
		out = append(out, p.name)
	}
	return out
}

// CheckPass reports a name that no pass has.
func CheckPass(name string) error {
	names := PassNames()
	for _, n := range names {
		if n == name {
			return nil
		}
	}
	return fmt.Errorf("unknown pass %q%s (passes: %s)", name, nearest.Hint(name, names), list(names))
}

// Note says what a pass did.
type Note struct{ Pass, Text string }

// optimise runs the passes that are not switched off.
func (c *Circuit) optimise() {
	for _, p := range passes {
		if slices.Contains(c.opt.Without, p.name) {
			c.notes = append(c.notes, Note{p.name, "switched off"})
			continue
		}
		c.notes = append(c.notes, Note{p.name, p.run(c)})
	}
}

// Notes says what each pass did. It is complete once Program has been called.
func (c *Circuit) Notes() []Note { return c.notes }
