package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// The colours of messages, as terminals take them.
const (
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	plain  = "\x1b[0m"
)

// paint colours a text for a terminal. Elsewhere, and for users who set NO_COLOR (https://no-color.org), it stays as it is.
func paint(to *os.File, colour, text string) string {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(to.Fd())) {
		return text
	}
	return colour + text + plain
}

// tell tells an error.
func tell(err error) {
	fmt.Fprintln(os.Stderr, paint(os.Stderr, red, "nkrun:"), nearNames(err.Error()))
}

// nearNames writes files below the working directory as a user there would: without it.
func nearNames(text string) string {
	here, err := os.Getwd()
	if err != nil || here == "/" {
		return text
	}
	here += "/"
	var out strings.Builder
	for {
		at := strings.Index(text, here)
		if at < 0 {
			return out.String() + text
		}
		out.WriteString(text[:at])
		// In the middle of a longer name it is something else.
		if at > 0 && !strings.ContainsRune(" \n\"(:,", rune(text[at-1])) {
			out.WriteString(here)
		}
		text = text[at+len(here):]
	}
}

// warn tells what a user should know though nothing has failed.
func warn(format string, args ...any) {
	fmt.Fprintln(os.Stderr, paint(os.Stderr, yellow, "nkrun: note:"), fmt.Sprintf(format, args...))
}

// printJSON prints a value for machines.
func printJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
