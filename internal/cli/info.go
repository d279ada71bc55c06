package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/hdf5io"
	"github.com/nkrun/nkrun/internal/query"
	"github.com/nkrun/nkrun/lpu/graph"
)

// subject is what info knows of a file: a summary for people and one for machines, and tables.
type subject struct {
	what    string // "a graph"
	text    func(io.Writer) error
	summary any
	tables  []infoTable // the first is the one that conditions are about unless another is asked for
	close   func() error
}

// infoTable is a table that a file has, by the name of its flag, "" for the first.
type infoTable struct {
	flag string
	make func() (query.Source, error)
}

// tableFlags are the flags that ask for a table.
var tableFlags = []struct{ name, usage string }{
	{"nodes", "print the table of nodes of a graph, sorted by uid"},
	{"edges", "print the table of edges of a graph, sorted by uid"},
	{"uids", "print the table of uids of a recording or input, with what each has done"},
	{"patterns", "print the table of patterns of a configuration"},
}

type infoFlags struct {
	tables    []string // of tableFlags, those given
	csv, json bool
	query     query.Options
}

func infoCommand() *cobra.Command {
	var f infoFlags
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Summarise a graph, a recording, an input file or a configuration, or print its tables",
		Long: `Summarises a file, or prints one of its tables: --nodes or --edges of a graph (also nodes.csv,edges.csv), --uids of a
recording or input, --patterns of a configuration. Without one of these, conditions and columns are about the table of the
summary: classes of a graph, variables of a recording, LPUs of a configuration.

A condition compares a column with a value, by ==, !=, <, <=, >, >=, startswith or in, and may be joined from others by and,
or, not and parentheses. A text may stand in quotes.`,
		Example: `  nkrun info generic_lpu_0.gexf.gz
  nkrun info generic_lpu_0.gexf.gz --nodes --where 'class == LeakyIAF' --rows 30:35 --columns name,class,initV
  nkrun info lpu.json --nodes --where 'class in (LeakyIAF, MorrisLecar) and initV > -60' --sort -initV --limit 10
  nkrun info lpu_0_output.h5 --uids --where 'spikes > 100' --csv`,
		Args: takes("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, t := range tableFlags {
				if given, _ := cmd.Flags().GetBool(t.name); given {
					f.tables = append(f.tables, t.name)
				}
			}
			if cmd.Flags().Changed("limit") && f.query.Limit < 1 {
				return usage(fmt.Errorf("--limit must be at least 1, not %d", f.query.Limit))
			}
			return usage(info(cmd.OutOrStdout(), args[0], f))
		},
	}
	var names []string
	for _, t := range tableFlags {
		cmd.Flags().Bool(t.name, false, t.usage)
		names = append(names, t.name)
	}
	cmd.MarkFlagsMutuallyExclusive(names...)
	fl := cmd.Flags()
	fl.StringArrayVar(&f.query.Where, "where", nil, "condition on rows, such as 'class == LeakyIAF and initV > -60'; may be repeated")
	fl.StringSliceVar(&f.query.Columns, "columns", nil, "columns to print besides the uid, by commas")
	fl.StringSliceVar(&f.query.Sort, "sort", nil, "columns to sort by, by commas; -COLUMN sorts from large to small")
	fl.StringVar(&f.query.Rows, "rows", "", "range of rows, such as 30:35")
	fl.IntVar(&f.query.Limit, "limit", 0, "print no more than the first N rows")
	fl.BoolVar(&f.csv, "csv", false, "print as CSV, with every digit")
	fl.BoolVar(&f.json, "json", false, "print as JSON, with every digit")
	cmd.MarkFlagsMutuallyExclusive("csv", "json")
	cmd.MarkFlagsMutuallyExclusive("rows", "limit")
	return cmd
}

func info(out io.Writer, path string, f infoFlags) error {
	s, err := inspect(path)
	if err != nil {
		return err
	}
	if s.close != nil {
		defer s.close()
	}
	table := s.tables[0]
	switch {
	case len(f.tables) > 0:
		i := slices.IndexFunc(s.tables, func(t infoTable) bool { return t.flag == f.tables[0] })
		if i < 0 {
			return fmt.Errorf("%s is %s, which has no table --%s%s", path, s.what, f.tables[0], s.has())
		}
		table = s.tables[i]
	case !f.query.Given() && f.json:
		return printJSON(out, s.summary)
	case !f.query.Given() && !f.csv:
		return s.text(out)
	}
	source, err := table.make()
	if err != nil {
		return err
	}
	t, err := query.Select(source, f.query)
	if err != nil {
		if len(f.tables) == 0 {
			err = fmt.Errorf("%w\n(this is about the table of the summary%s)", err, s.has())
		}
		return err
	}
	switch {
	case f.csv:
		return t.WriteCSV(out)
	case f.json:
		return t.WriteJSON(out)
	}
	return t.WriteText(out)
}

// has tells which flags ask for a table of the subject.
func (s *subject) has() string {
	var flags []string
	for _, t := range s.tables {
		if t.flag != "" {
			flags = append(flags, "--"+t.flag)
		}
	}
	if len(flags) == 0 {
		return ""
	}
	return "; others come with " + strings.Join(flags, ", ")
}

// inspect finds out what a file is.
func inspect(path string) (*subject, error) {
	if _, _, tables := tablePair(path); tables {
		return inspectGraph(path)
	}
	if err := loneTable(path); err != nil {
		return nil, err
	}
	if err := isFile(path); err != nil {
		return nil, err
	}
	head := make([]byte, 8)
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	n, _ := io.ReadFull(file, head)
	file.Close()
	switch ext := strings.ToLower(filepath.Ext(path)); {
	case bytes.HasPrefix(head[:n], []byte("\x89HDF")) && !graph.IsHDF5(path):
		if m, err := hdf5io.ReadManifest(path); err == nil {
			return inspectCheckpoint(path, m), nil
		}
		return inspectRecording(path)
	case ext == ".yaml" || ext == ".yml":
		return inspectConfig(path)
	}
	return inspectGraph(path)
}
