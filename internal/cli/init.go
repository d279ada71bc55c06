package cli

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// starter is what `nkrun init` writes.
//
//go:embed starter
var starter embed.FS

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented configuration to start from, with two small graphs: it runs at once",
		Args:  takesOneOf("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			names, err := writeStarter(dir)
			if err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			out := cmd.OutOrStdout()
			for _, name := range names {
				fmt.Fprintln(out, "wrote", name)
			}
			config := filepath.Join(dir, "config.yaml")
			fmt.Fprintf(out, "\nRun it with\n\n  nkrun %s\n\nand look at %s. The comments in %s tell what is what.\n",
				config, filepath.Join(dir, "picture.png"), config)
			return nil
		},
	}
}

// writeStarter writes the files into a folder, which it makes if need be, and returns their names. What is there already is
// never touched: then nothing is written.
func writeStarter(dir string) ([]string, error) {
	entries, err := starter.ReadDir("starter")
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		return nil, fmt.Errorf("%s is a file, expected the name of a folder", dir)
	}
	var names []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("%s is there already, and nothing has been written: name another folder, as in nkrun init DIR", name)
		}
		names = append(names, name)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("the folder %s cannot be made: %w", dir, err)
	}
	for i, e := range entries {
		text, err := starter.ReadFile("starter/" + e.Name())
		if err != nil {
			return nil, err
		}
		if err := writeNew(names[i], text); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// writeNew writes a file that must not be there yet.
func writeNew(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
