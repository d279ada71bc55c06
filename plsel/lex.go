package plsel

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is the kind of a Lexeme.
type Kind uint8

// The kinds of lexemes.
const (
	Plus       Kind = iota // +
	DotPlus                // .+
	Comma                  // ,
	LParen                 // (
	RParen                 // )
	Asterisk               // /*
	Integer                // /3
	IntegerSet             // [3] or [0,2]
	Interval               // [0:3]
	String                 // /name
	StringSet              // [name] or [x,y]
	end
)

var kindNames = [...]string{"PLUS", "DOTPLUS", "COMMA", "LPAREN", "RPAREN", "ASTERISK", "INTEGER", "INTEGER_SET",
	"INTERVAL", "STRING", "STRING_SET", "END"}

// String returns the kind in capitals, as STRING_SET.
func (k Kind) String() string { return kindNames[k] }

// Lexeme is a word of a selector: an operator, or one level of an identifier.
type Lexeme struct {
	Kind   Kind
	Offset int      // where it begins in the text, in bytes
	Value  int      // of Integer; where an Interval starts
	Stop   int      // first integer past an Interval, -1 when it has no upper bound
	Name   string   // of String
	Ints   []int    // of IntegerSet, in written order
	Names  []string // of StringSet, in written order
}

// level tells the lexemes that are levels of identifiers from operators.
func (k Kind) level() bool { return k >= Asterisk && k < end }

// Tokenize cuts a text into lexemes, without looking at how they follow each other.
func Tokenize(text string) ([]Lexeme, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	x := lexer{text: text}
	if err := x.valid(); err != nil {
		return nil, err
	}
	var list []Lexeme
	for {
		l, err := x.next()
		if err != nil {
			return nil, err
		}
		if l.Kind == end {
			return list, nil
		}
		list = append(list, l)
	}
}

type lexer struct {
	text string
	pos  int
}

func (x *lexer) valid() error {
	if utf8.ValidString(x.text) {
		return nil
	}
	at := 0
	for at < len(x.text) {
		r, n := utf8.DecodeRuneInString(x.text[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return &SyntaxError{x.text, at, "bytes that are not UTF-8 text", ""}
}

// next returns the lexeme at the present position. Every byte is looked at once.
func (x *lexer) next() (Lexeme, error) {
	l := Lexeme{Offset: x.pos, Kind: end}
	if x.pos == len(x.text) {
		return l, nil
	}
	c := x.text[x.pos]
	switch c {
	case '+':
		l.Kind = Plus
	case ',':
		l.Kind = Comma
	case '(':
		l.Kind = LParen
	case ')':
		l.Kind = RParen
	case '.':
		if x.at(x.pos+1) != '+' {
			return l, x.fail(x.pos, "a dot outside the operator .+", `".+", or a name without dots`)
		}
		l.Kind = DotPlus
		x.pos++
	case '[':
		return x.bracket(l)
	case '/':
		return x.slash(l)
	default:
		return l, x.fail(x.pos, "unexpected "+x.show(x.pos), x.remedy(c))
	}
	x.pos++
	return l, nil
}

// remedy guesses what somebody meant by a character that begins no lexeme.
func (x *lexer) remedy(c byte) string {
	switch {
	case c == '*':
		return `"/*" for a level that may be anything`
	case c == ']' || c == ':':
		return "an opening bracket before it"
	case unicode.IsSpace(rune(c)):
		return "no blanks around names and operators"
	case isDigit(c):
		return "an integer level as /3 or [3]"
	}
	return `"/" before a name`
}

func (x *lexer) slash(l Lexeme) (Lexeme, error) {
	x.pos++
	c := x.at(x.pos)
	switch {
	case c == '*':
		l.Kind = Asterisk
		x.pos++
		return l, nil
	case c == '[':
		return x.bracket(l)
	case isDigit(c):
		l.Kind = Integer
		n, err := x.integer()
		l.Value = n
		return l, err
	}
	l.Kind = String
	name, err := x.name(`a name, an integer, "[" or "*" after "/"`)
	l.Name = name
	return l, err
}

// bracket reads a set or an interval; the present position is at its opening bracket.
func (x *lexer) bracket(l Lexeme) (Lexeme, error) {
	x.pos++
	c := x.at(x.pos)
	switch {
	case c == ':':
		l.Kind = Interval
		return x.interval(l)
	case isDigit(c):
		n, err := x.integer()
		if err != nil {
			return l, err
		}
		if x.at(x.pos) == ':' {
			l.Kind, l.Value = Interval, n
			return x.interval(l)
		}
		l.Kind, l.Ints = IntegerSet, []int{n}
		for x.at(x.pos) == ',' {
			x.pos++
			if !isDigit(x.at(x.pos)) {
				return l, x.fail(x.pos, "unexpected "+x.show(x.pos), "another integer (a set holds integers or names, not both, and no ranges)")
			}
			if n, err = x.integer(); err != nil {
				return l, err
			}
			l.Ints = append(l.Ints, n)
		}
		return l, x.close(`",", ":" or "]"`)
	}
	l.Kind = StringSet
	for {
		name, err := x.name(`integers, names or a range in brackets, such as [0,2], [x,y] or [0:10]`)
		if err != nil {
			return l, err
		}
		l.Names = append(l.Names, name)
		if x.at(x.pos) != ',' {
			return l, x.close(`"," or "]" after the name`)
		}
		x.pos++
	}
}

// interval reads the rest of a range from its colon on.
func (x *lexer) interval(l Lexeme) (Lexeme, error) {
	x.pos++
	l.Stop = -1
	if isDigit(x.at(x.pos)) {
		n, err := x.integer()
		if err != nil {
			return l, err
		}
		l.Stop = n
	}
	return l, x.close(`an integer or "]" after ":"`)
}

func (x *lexer) close(want string) error {
	if x.at(x.pos) != ']' {
		return x.fail(x.pos, "unexpected "+x.show(x.pos), want)
	}
	x.pos++
	return nil
}

func (x *lexer) integer() (int, error) {
	n, stop, ok := scanInt(x.text, x.pos)
	if !ok {
		return 0, x.fail(x.pos, "an integer too large", fmt.Sprintf("at most %d", math.MaxInt))
	}
	x.pos = stop
	return n, nil
}

func (x *lexer) name(want string) (string, error) {
	start := x.pos
	for x.pos < len(x.text) && nameByte[x.text[x.pos]] {
		x.pos++
	}
	name := x.text[start:x.pos]
	switch {
	case name == "":
		return "", x.fail(x.pos, "unexpected "+x.show(x.pos), want)
	case isDigit(name[0]):
		return "", x.fail(start, "a name that begins with a digit", "an integer level of its own, or a letter first")
	case !trimmed(name):
		at := start
		if r, _ := utf8.DecodeRuneInString(name); !unicode.IsSpace(r) {
			at = x.pos - len(name) + len(strings.TrimRightFunc(name, unicode.IsSpace))
		}
		return "", x.fail(at, "a blank at the edge of a name", "no blanks around names and operators")
	}
	return name, nil
}

// at returns a byte of the text, 0 past its end; a NUL in the text itself fits no case either.
func (x *lexer) at(i int) byte {
	if i < len(x.text) {
		return x.text[i]
	}
	return 0
}

func (x *lexer) show(i int) string {
	if i >= len(x.text) {
		return "end of text"
	}
	r, _ := utf8.DecodeRuneInString(x.text[i:])
	return fmt.Sprintf("%q", string(r))
}

func (x *lexer) fail(at int, problem, want string) error {
	return &SyntaxError{x.text, at, problem, want}
}

// nameByte tells which bytes can be part of a name; every byte of a character beyond ASCII can.
var nameByte = func() (t [256]bool) {
	for i := range t {
		t[i] = !strings.ContainsRune("+*/[]():,.", rune(i))
	}
	return t
}()

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// trimmed tells whether a name has no blanks at its edges.
func trimmed(name string) bool {
	first, last := name[0], name[len(name)-1]
	if first > ' ' && first < utf8.RuneSelf && last > ' ' && last < utf8.RuneSelf {
		return true
	}
	return strings.TrimSpace(name) == name
}

// scanInt reads digits from position i on and returns the number and the position after them; ok is false when
// the number does not fit an int.
func scanInt(s string, i int) (n, stop int, ok bool) {
	ok = true
	for i < len(s) && isDigit(s[i]) {
		d := int(s[i] - '0')
		if n > (math.MaxInt-d)/10 {
			ok = false
		} else {
			n = n*10 + d
		}
		i++
	}
	return n, i, ok
}
