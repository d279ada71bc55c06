package cli

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nkrun/nkrun/internal/nearest"
)

// takes makes a command take exactly the named arguments.
func takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		return expected(cmd, args, names...)
	}
}

// takesOneOf makes a command take the named argument or none.
func takesOneOf(name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= 1 {
			return nil
		}
		return expected(cmd, args, "["+name+"]")
	}
}

// expected is the error for other arguments than a command takes.
func expected(cmd *cobra.Command, args []string, names ...string) error {
	found := "nothing"
	if len(args) > 0 {
		found = strings.Join(args, " ")
	}
	return fmt.Errorf("expected %s, found %s (`%s --help` tells more)", strings.Join(append([]string{cmd.CommandPath()}, names...), " "), found, cmd.CommandPath())
}

// group makes a command that only holds others refuse what is none of them.
func group(cmd *cobra.Command) {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, c := range cmd.Commands() {
			names = append(names, c.Name())
		}
		return fmt.Errorf("%s has no command %q%s (`%s --help` lists them)", cmd.CommandPath(), args[0], nearest.Hint(args[0], names), cmd.CommandPath())
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.DisableFlagsInUseLine = true
}

// What cobra says of flags and arguments, in words meant for programmers.
var (
	badValue   = regexp.MustCompile(`^invalid argument "(.*)" for "(?:-\w, )?--([\w-]+)" flag: `)
	badShort   = regexp.MustCompile(`^unknown shorthand flag: '.' in -(\S+)$`)
	exclusive  = regexp.MustCompile(`^if any flags in the group \[.*\] are set none of the others can be; \[(.*)\] were all set$`)
	wrongCount = regexp.MustCompile(`^(requires at least|accepts) .*arg\(s\), (only )?received \d+$`)
)

// flagTypes say what the values of flags are to be, by pflag's names.
var flagTypes = map[string]string{
	"int": "a whole number", "uint32": "a whole number from 0 on", "uint64": "a whole number from 0 on", "float64": "a number",
	"duration": "a time such as 3h50m or 90s", "bool": "true or false",
}

// flagError says what is wrong with a flag, with the nearest one that there is.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	more := fmt.Sprintf(" (`%s --help` tells more)", cmd.CommandPath())
	if m := badValue.FindStringSubmatch(text); m != nil {
		if f := cmd.Flags().Lookup(m[2]); f != nil && flagTypes[f.Value.Type()] != "" {
			return fmt.Errorf("--%s takes %s, not %q%s", m[2], flagTypes[f.Value.Type()], m[1], more)
		}
	}
	name, unknown := strings.CutPrefix(text, "unknown flag: --")
	if m := badShort.FindStringSubmatch(text); m != nil {
		name, unknown = m[1], true
	}
	if !unknown {
		return fmt.Errorf("%w%s", err, more)
	}
	name, _, _ = strings.Cut(name, "=")
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := nearest.Name(name, names); near != "" && len(name) > 1 {
		return fmt.Errorf("%w; did you mean --%s?%s", err, near, more)
	}
	return fmt.Errorf("%w%s", err, more)
}

// plainError puts what cobra says of flags and arguments in plain words.
func plainError(cmd *cobra.Command, err error) error {
	text := err.Error()
	if m := exclusive.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("--%s exclude each other: leave all but one out", strings.Join(strings.Fields(m[1]), " and --"))
	}
	if wrongCount.MatchString(text) {
		use, _, _ := strings.Cut(cmd.Use, "\n") // the commonest way to use it
		_, names, _ := strings.Cut(use, " ")
		return expected(cmd, cmd.Flags().Args(), names)
	}
	return err
}
