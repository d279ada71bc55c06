package cli

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/nearest"
)

// topicTexts are the topics that are written by hand.
//
//go:embed topics
var topicTexts embed.FS

// topic is a page of `nkrun help`.
type topic struct {
	name, short string
	print       func(io.Writer) error
}

// topics returns all topics, in the order of the list.
func topics() []topic {
	return []topic{
		{"config", "the keys of a configuration", printKeys},
		{"connections", "tables of weighted connections", printTopic("connections")},
		{"environment", "variables of the environment that nkrun looks at", printTopic("environment")},
		{"exit-codes", "what nkrun's exit codes mean", printTopic("exit-codes")},
		{"files", "what nkrun reads and writes", printTopic("files")},
		{"graphs", "what an LPU's graph consists of", printTopic("graphs")},
		{"selectors", "how ports are named", printTopic("selectors")},
	}
}

func printTopic(name string) func(io.Writer) error {
	return func(out io.Writer) error {
		text, err := topicTexts.ReadFile("topics/" + name + ".txt")
		if err == nil {
			_, err = out.Write(text)
		}
		return err
	}
}

// printKeys prints the table of keys, made from the tables that configurations are read by.
func printKeys(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "WHERE\tKEY\tTYPE\tDEFAULT\tMEANING")
	for _, k := range config.Keys() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Where, k.Name, k.Type, k.Default, k.Doc)
	}
	return w.Flush()
}

// helpCommand is `nkrun help [COMMAND | TOPIC]`.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND | TOPIC]",
		Short: "Help about a command or a topic",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return helpNames(root), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return root.Help()
			}
			for _, t := range topics() {
				if len(args) == 1 && t.name == args[0] {
					return t.print(root.OutOrStdout())
				}
			}
			c, rest, err := root.Find(args)
			if err != nil || c == root || len(rest) > 0 {
				name := strings.Join(args, " ")
				return fmt.Errorf("no help on %q%s (`nkrun help` lists commands and topics)", name, nearest.Hint(name, helpNames(root)))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// helpNames are the names of all commands and topics.
func helpNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	for _, t := range topics() {
		names = append(names, t.name)
	}
	slices.Sort(names)
	return names
}

// topicList is the part of nkrun's help that lists the topics.
func topicList() string {
	var b strings.Builder
	b.WriteString("Topics of `nkrun help`:\n")
	for _, t := range topics() {
		fmt.Fprintf(&b, "  %-12s %s\n", t.name, t.short)
	}
	return strings.TrimRight(b.String(), "\n")
}
