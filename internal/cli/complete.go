package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/model"
)

// completion is what a shell asks for behind a command or a flag.
type completion = func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective)

// files completes names of files that end in one of the given ways, and folders. It is for the first n arguments.
func files(n int, extensions ...string) completion {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
}

// words completes words of a list, of which a flag may take several between commas.
func words(list ...string) completion {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndexByte(begun, ',')+1]
		out := make([]string, len(list))
		for i, w := range list {
			out[i] = before + w
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// modelNames completes the names of the model library and files of models.
func modelNames(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, name := range model.LibraryNames() {
		if strings.HasPrefix(name, begun) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"nk"}, cobra.ShellCompDirectiveFilterFileExt
}

// graphEndings are the endings of files of graphs, as far as a shell can filter by them.
var graphEndings = []string{"gexf", "gz", "json", "h5", "csv"}

// addCompletion tells the shell what may follow each command and flag. Commands that a build lacks are passed over.
func addCompletion(root *cobra.Command) {
	arguments := map[string]completion{
		"":        files(1, "yaml", "yml"),
		"run":     files(1, "yaml", "yml"),
		"check":   files(1, "yaml", "yml"),
		"verify":  files(1, "yaml", "yml"),
		"info":    files(1, append([]string{"yaml", "yml"}, graphEndings...)...),
		"convert": files(2, graphEndings...),
		"diff":    files(2, "h5"),
		"models":  modelNames,
	}
	flags := map[string]completion{
		"device":    words("auto", "cpu", "gpu"),
		"log-level": words("debug", "info", "warn", "error"),
		"without":   words(compile.PassNames()...),
	}
	complete := func(c *cobra.Command, name string) {
		if f := arguments[name]; f != nil && c.ValidArgsFunction == nil {
			c.ValidArgsFunction = f
		}
		for flag, f := range flags {
			if c.Flags().Lookup(flag) != nil {
				_ = c.RegisterFlagCompletionFunc(flag, f) // fails only where the command has seen to it itself
			}
		}
	}
	complete(root, "")
	for _, c := range root.Commands() {
		complete(c, c.Name())
	}
}
