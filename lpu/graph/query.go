package graph

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Query says which rows and columns of a table are wanted. The zero Query is
// the whole table. Rows are always sorted by uid, as text.
type Query struct {
	// Where holds conditions that must all be true, such as
	//
	//	class == LeakyIAF
	//	name startswith proj_3_s-
	//	initV >= -40
	//
	// with the operators == != < <= > >= startswith. == and != compare numbers
	// where both sides are numbers, texts otherwise; the value may stand in
	// quotes. An attribute that is missing satisfies only !=.
	Where []string
	// Columns are the columns wanted besides the uid; none means all.
	Columns []string
	// Rows is a half-open range such as 30:35, :10 or -5: of the rows that are
	// left after Where and sorting. As in Python, negative numbers count from
	// the end and what lies outside is ignored.
	Rows string
}

// condition is one parsed Where.
type condition struct {
	column   tableColumn
	op       string
	text     string
	number   float64
	isNumber bool
}

// tableColumn is one column of a table: the uid columns or an attribute.
type tableColumn struct {
	name string
	key  Key
	end  uint8 // ofID, ofFrom or ofTo, or ofKey for an attribute
}

const (
	ofKey = iota
	ofID
	ofFrom
	ofTo
)

// operators in the order in which they are looked for: the longer first.
var operators = []string{"==", "!=", "<=", ">=", "<", ">"}

// parseCondition reads one Where; find resolves its column.
func parseCondition(text string, find func(string) (tableColumn, error)) (condition, error) {
	name, op, value := splitCondition(text)
	if name == "" || op == "" || value == "" {
		return condition{}, fmt.Errorf("condition %q: expected COLUMN OPERATOR VALUE with operator %s or startswith",
			text, strings.Join(operators, " "))
	}
	col, err := find(name)
	if err != nil {
		return condition{}, fmt.Errorf("condition %q: %w", text, err)
	}
	c := condition{column: col, op: op, text: value}
	if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		c.text = value[1 : n-1]
	} else if x, err := parseFloat(value); err == nil {
		c.number, c.isNumber = x, true
	}
	if strings.ContainsAny(op, "<>") && !c.isNumber {
		return condition{}, fmt.Errorf("condition %q: %s compares numbers, but %q is none", text, op, value)
	}
	return c, nil
}

// splitCondition cuts at the operator that begins first.
func splitCondition(text string) (name, op, value string) {
	at := len(text)
	for _, o := range operators {
		if i := strings.Index(text, o); i >= 0 && i < at {
			at, op = i, o
		}
	}
	if fields := strings.Fields(text); len(fields) >= 3 && fields[1] == "startswith" {
		op = "startswith"
		at = strings.Index(text[len(fields[0]):], op) + len(fields[0])
	}
	if op == "" {
		return "", "", ""
	}
	return strings.TrimSpace(text[:at]), op, strings.TrimSpace(text[at+len(op):])
}

// holds reports whether a value satisfies the condition.
func (c *condition) holds(v Value) bool {
	if v.IsZero() {
		return c.op == "!="
	}
	x, numeric := v.Number()
	if v.Kind() == String && c.op != "==" && c.op != "!=" {
		numeric = false // a text is not larger than a number, whatever it spells
	}
	switch c.op {
	case "startswith":
		return strings.HasPrefix(v.Text(), c.text)
	case "==", "!=":
		equal := v.Text() == c.text
		if numeric && c.isNumber {
			equal = x == c.number
		} else if v.Kind() == Bool {
			equal = strings.EqualFold(v.Text(), c.text)
		}
		return equal == (c.op == "==")
	case "<":
		return numeric && x < c.number
	case "<=":
		return numeric && x <= c.number
	case ">":
		return numeric && x > c.number
	}
	return numeric && x >= c.number
}

// parseRows reads a Python slice start:stop and applies it to n rows.
func parseRows(text string, n int) (from, to int, err error) {
	if text == "" {
		return 0, n, nil
	}
	first, second, found := strings.Cut(text, ":")
	bad := fmt.Errorf("rows %q: expected a range such as 30:35, -5: or :10", text)
	if !found {
		return 0, 0, bad
	}
	bound := func(s string, absent int) int {
		if s = strings.TrimSpace(s); s == "" {
			return absent
		}
		i, parseErr := strconv.Atoi(s)
		if parseErr != nil {
			err = bad
		}
		if i < 0 {
			i += n
		}
		return min(max(i, 0), n)
	}
	from, to = bound(first, 0), bound(second, n)
	return from, max(from, to), err
}

// unknownColumn is the error for a column that a table does not have.
func unknownColumn(name string, known []string) error {
	if near := nearest.Name(name, known); near != "" {
		return fmt.Errorf("no column %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("no column %q; there are: %s", name, strings.Join(known, ", "))
}
