package query

import (
	"strings"

	"github.com/nkrun/nkrun/lpu/graph"
)

// operand is what cells are compared with.
type operand struct {
	text     string
	number   float64
	isNumber bool
}

// newOperand returns the operand that a text without quotes stands for.
func newOperand(text string) operand {
	x, ok := graph.StringValue(text).Number()
	return operand{text, x, ok}
}

// compare reports whether a cell satisfies one of the operators.
func (o *operand) compare(v graph.Value, op string) bool {
	if v.IsZero() {
		return op == "!="
	}
	x, numeric := v.Number()
	if v.Kind() == graph.String && op != "==" && op != "!=" {
		numeric = false // a text is not larger than a number, whatever it spells
	}
	switch op {
	case "==", "!=":
		equal := v.Text() == o.text
		if numeric && o.isNumber {
			equal = x == o.number
		} else if v.Kind() == graph.Bool {
			equal = strings.EqualFold(v.Text(), o.text)
		}
		return equal == (op == "==")
	case "<":
		return numeric && x < o.number
	case "<=":
		return numeric && x <= o.number
	case ">":
		return numeric && x > o.number
	}
	return numeric && x >= o.number
}
