package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// notText recognises files that are no text at all. With cut, data is the beginning of a longer file and may end
// inside a character.
func notText(name string, data []byte, cut bool) (Error, bool) {
	hint := "a configuration is a YAML text"
	switch {
	case bytes.HasPrefix(data, []byte("\x89HDF\r\n")):
		return Error{Pos: Pos{name, 1, 1}, Msg: "this is an HDF5 file, not a configuration", Hint: hint}, true
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return Error{Pos: Pos{name, 1, 1}, Msg: "this is a gzip file, not a configuration", Hint: hint}, true
	}
	line, col := 1, 1
	for i := 0; i < len(data); col++ {
		r, n := utf8.DecodeRune(data[i:])
		if cut && len(data)-i < utf8.UTFMax && !utf8.FullRune(data[i:]) {
			break
		}
		switch {
		case r == utf8.RuneError && n == 1:
			return Error{Pos: Pos{name, line, col}, Msg: "this file is not text in UTF-8", Hint: hint}, true
		case r == '\n':
			line, col = line+1, 0
		case r < ' ' && r != '\t' && r != '\r', r == 0x7f:
			return Error{Pos: Pos{name, line, col}, Msg: "this file is not a text: it has control characters", Hint: hint}, true
		}
		i += n
	}
	return Error{}, false
}

// maxNesting bounds the depth of a text: the parser's time and memory grow with its square.
const maxNesting = 500

// tooDeep returns the position where brackets or dashes are nested beyond reason, which only a damaged or hostile
// file does. Brackets inside quoted texts count too, but those of selectors are balanced.
func tooDeep(data []byte) (line, col int) {
	line = 1
	depth, dashes, lineStart, atStart := 0, 0, 0, true
	for i, c := range data {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(0, depth-1)
		case '-', '?':
			if atStart {
				dashes++
			}
		case '\n':
			line, lineStart, dashes, atStart = line+1, i+1, 0, true
			continue
		}
		if c != '-' && c != '?' && c != ' ' {
			atStart = false
		}
		if depth > maxNesting || dashes > maxNesting {
			return line, i - lineStart + 1
		}
	}
	return 0, 0
}

// parseYAML returns the tree of the file, or nil after reporting why there is none.
func (d *decoder) parseYAML(data []byte) *node {
	at := func(line, col int) Pos { return Pos{d.src.name, line, max(col, 1)} }
	docs := d.parseText(data, at)
	switch {
	case docs == nil:
		return nil
	case len(docs) == 0:
		d.report(at(1, 1), "`nkrun help config` lists its keys", "the configuration is empty")
		return nil
	case len(docs) > 1:
		d.report(at(docs[1].GetToken().Position.Line, 1), "", "expected one YAML document, found another one")
		return nil
	}
	b := &treeBuilder{d: d, at: at, anchors: map[string]*node{}}
	root := b.build(docs[0])
	if root.broken {
		return nil
	}
	if root.kind != mapping {
		d.report(root.pos, "`nkrun help config` lists its keys",
			"expected a configuration with keys such as \"dt\" and \"lpus\", found %s", root.found())
		return nil
	}
	return root
}

// parseText runs the YAML parser and returns the documents that have content; nil means a reported fault.
func (d *decoder) parseText(data []byte, at func(line, col int) Pos) (docs []ast.Node) {
	// The parser is another project's: whatever it does with a damaged file, the user sees a message.
	defer func() {
		if r := recover(); r != nil {
			d.report(at(1, 1), "", "the YAML of this text cannot be understood")
			docs = nil
		}
	}()
	if line, col := tooDeep(data); line > 0 {
		d.report(at(line, col), "", "values are nested more than %d deep", maxNesting)
		return nil
	}
	// Repeated keys are reported by the tree builder, which goes on after the first.
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.reportSyntax(err, at)
		return nil
	}
	docs = []ast.Node{}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if _, directive := doc.Body.(*ast.DirectiveNode); !directive {
			docs = append(docs, doc.Body)
		}
	}
	return docs
}

// reportSyntax words an error of the YAML parser as one of ours. Tabs are the usual cause of the most puzzling ones.
func (d *decoder) reportSyntax(err error, at func(line, col int) Pos) {
	pos, msg := at(1, 1), err.Error()
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		msg = syntax.GetMessage()
		if tk := syntax.GetToken(); tk != nil && tk.Position != nil {
			pos = at(tk.Position.Line, tk.Position.Column)
		}
	}
	if line := d.tabLine(pos); line > 0 {
		pos = at(line, 1+strings.IndexByte(d.src.lines[line-1], '\t'))
		d.report(pos, "use spaces", "a tab cannot indent a line in YAML")
		return
	}
	d.report(pos, "", "this is not valid YAML: %s", msg)
}

// tabLine returns the line at the position, or next to it, that is indented with a tab; 0 when there is none.
func (d *decoder) tabLine(pos Pos) int {
	if pos.File != d.src.name {
		return 0
	}
	for line := max(1, pos.Line-1); line <= min(pos.Line+1, len(d.src.lines)); line++ {
		text := d.src.lines[line-1]
		if strings.Contains(text[:len(text)-len(strings.TrimLeft(text, " \t"))], "\t") && strings.TrimSpace(text) != "" {
			return line
		}
	}
	return 0
}
