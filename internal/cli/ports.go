package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/plsel"
)

type portsFlags struct{ count, compact, explain, json bool }

func portsCommand() *cobra.Command {
	var f portsFlags
	cmd := &cobra.Command{
		Use:   "ports SELECTOR",
		Short: "Expand a selector, one port identifier a line; or count, compact or explain it",
		Example: `  nkrun ports '/lam[0:3],/med/L1'
  nkrun ports --count '/a[0:1000000000]'
  nkrun ports --compact '/a/0,/a/1,/a/2,/b/x,/c/x'
  nkrun ports --explain '/[a,b]+/x[0:2],/c/*'`,
		Args: takes("SELECTOR"),
		RunE: func(cmd *cobra.Command, args []string) error { return usage(ports(cmd.OutOrStdout(), args[0], f)) },
	}
	cmd.Flags().BoolVar(&f.count, "count", false, "print only the number of ports, without expanding")
	cmd.Flags().BoolVar(&f.compact, "compact", false, "print the shortest selector found for the same ports in the same order")
	cmd.Flags().BoolVar(&f.explain, "explain", false, "print how the selector is read, word by word")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the list, or the number with --count, as JSON")
	cmd.MarkFlagsMutuallyExclusive("count", "compact", "explain")
	cmd.MarkFlagsMutuallyExclusive("json", "compact", "explain")
	return cmd
}

func ports(out io.Writer, text string, f portsFlags) error {
	s, err := plsel.Parse(text)
	if err != nil {
		var syntax *plsel.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("%w\n%s", err, indent(syntax.Caret()))
		}
		return err
	}
	switch {
	case f.explain:
		return explain(out, s, text)
	case f.count:
		n, err := s.Count()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, n)
		return err
	case f.compact:
		ids, err := s.Expand()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, plsel.Compact(ids))
		return err
	}
	if s.Ambiguous() {
		return fmt.Errorf("%s has * or a range without an end: it chooses among ports that are given elsewhere and can't be listed by itself (--explain tells how it is read)", text)
	}
	w := bufio.NewWriter(out)
	if f.json {
		return listJSON(w, s)
	}
	for id := range s.All() {
		if _, err := fmt.Fprintln(w, id); err != nil {
			return err
		}
	}
	return w.Flush()
}

// listJSON prints ports as a list, one a line: there may be too many to hold.
func listJSON(w *bufio.Writer, s *plsel.Selector) error {
	before := "[\n"
	for id := range s.All() {
		text, _ := json.Marshal(id.String()) // no text fails
		if _, err := fmt.Fprintf(w, "%s%s", before, text); err != nil {
			return err
		}
		before = ",\n"
	}
	if before == "[\n" {
		w.WriteString("[")
	}
	fmt.Fprintln(w, "\n]")
	return w.Flush()
}

func indent(text string) string { return "    " + strings.ReplaceAll(text, "\n", "\n    ") }

// explain prints the words of a selector and what they stand for.
func explain(out io.Writer, s *plsel.Selector, text string) error {
	words, err := plsel.Tokenize(text)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	for i, l := range words {
		end := len(text)
		if i+1 < len(words) {
			end = words[i+1].Offset
		}
		fmt.Fprintf(w, "%-16s %s\n", text[l.Offset:end], meaning(l))
	}
	switch n, err := s.Count(); {
	case s.Ambiguous():
		fmt.Fprintf(w, "\nchooses among given ports those that begin with one of its terms; up to %d levels are looked at\n", s.MaxLevels())
	case err == nil:
		fmt.Fprintf(w, "\n%d port(s) of up to %d levels\n", n, s.MaxLevels())
	}
	return w.Flush()
}

// meaning says what a word of a selector does.
func meaning(l plsel.Lexeme) string {
	switch l.Kind {
	case plsel.Plus:
		return "joins every port before it with every one behind it"
	case plsel.DotPlus:
		return "joins the ports before it with those behind it, pair by pair; both must be as many"
	case plsel.Comma:
		return "and then"
	case plsel.LParen:
		return "begins a group"
	case plsel.RParen:
		return "ends a group"
	case plsel.Asterisk:
		return "level: anything"
	case plsel.Integer:
		return fmt.Sprintf("level: the number %d", l.Value)
	case plsel.IntegerSet:
		return fmt.Sprintf("level: one of the numbers %v", l.Ints)
	case plsel.Interval:
		if l.Stop < 0 {
			return fmt.Sprintf("level: any number from %d on", l.Value)
		}
		return fmt.Sprintf("level: the numbers from %d up to, not including, %d", l.Value, l.Stop)
	case plsel.String:
		return fmt.Sprintf("level: the name %q", l.Name)
	}
	return fmt.Sprintf("level: one of the names %q", l.Names)
}
