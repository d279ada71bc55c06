package docs

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// block is a piece of a page that is tried: what stands between two fences, or a script in a comment.
type block struct {
	page   string
	line   int    // of its first line
	lang   string // first word of the info string
	norun  bool   // second word: it cannot run here
	reason string // why, from the comment before it
	text   string
}

// at says where a block is.
func (b block) at() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

// The comments of pages that mean something here.
var (
	hidden = regexp.MustCompile(`(?s)^<!-- run\n(.*)\n-->$`)
	reason = regexp.MustCompile(`(?s)^<!-- norun: (.*) -->$`)
)

// readPage returns the blocks of a page in order. A comment `<!-- run ... -->` is a script that readers do not see, and
// `<!-- norun: REASON -->` says why the block that follows cannot run here.
func readPage(page string) ([]block, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	var out []block
	lines := strings.Split(string(text), "\n")
	why := ""
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "<!--"):
			from := i
			for !strings.Contains(lines[i], "-->") {
				if i++; i == len(lines) {
					return nil, fmt.Errorf("%s:%d: a comment without end", page, from+1)
				}
			}
			comment := strings.Join(lines[from:i+1], "\n")
			if m := hidden.FindStringSubmatch(comment); m != nil {
				out = append(out, block{page: page, line: from + 2, lang: "sh", text: m[1]})
			} else if m := reason.FindStringSubmatch(comment); m != nil {
				why = m[1]
			}
		case strings.HasPrefix(line, "```"):
			from := i
			for i++; i < len(lines) && lines[i] != "```"; i++ {
			}
			if i == len(lines) {
				return nil, fmt.Errorf("%s:%d: a block without end", page, from+1)
			}
			words := append(strings.Fields(strings.TrimPrefix(line, "```")), "", "")
			out = append(out, block{page: page, line: from + 2, lang: words[0], norun: words[1] == "norun", reason: why,
				text: strings.Join(lines[from+1:i], "\n")})
			why = ""
		case line != "":
			why = ""
		}
	}
	return out, nil
}

// session is one command of a console block with what it prints.
type session struct{ command, want string }

// dialogue splits a console block: a line that begins with "$ " is a command, and what follows up to the next one is its output.
func dialogue(text string) []session {
	var out []session
	for _, line := range strings.Split(text, "\n") {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			out = append(out, session{command: command})
		} else if len(out) > 0 {
			out[len(out)-1].want += line + "\n"
		}
	}
	return out
}

// fits tells whether an output is what a page shows. In the page, ... stands for anything within a line, and alone on a line for
// any lines. Blanks at the ends of lines and empty lines at the end do not count.
func fits(want, got string) bool {
	trim := func(s string) string {
		lines := strings.Split(s, "\n")
		for i := range lines {
			lines[i] = strings.TrimRight(lines[i], " ")
		}
		return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n"
	}
	var pattern strings.Builder
	pattern.WriteString("^")
	for _, line := range strings.SplitAfter(strings.TrimSuffix(trim(want), "\n"), "\n") {
		text := strings.TrimSuffix(line, "\n")
		if strings.TrimSpace(text) == "..." {
			pattern.WriteString("(?:.*\n)*")
			continue
		}
		parts := strings.Split(text, "...")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern.WriteString(strings.Join(parts, ".*") + "\n")
	}
	pattern.WriteString("$")
	return regexp.MustCompile(pattern.String()).MatchString(trim(got))
}
