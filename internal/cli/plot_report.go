package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/plot"
	"github.com/nkrun/nkrun/internal/report"
)

// isReport says whether a plot of this name is an HTML report.
func isReport(file string) bool { return strings.EqualFold(filepath.Ext(file), ".html") }

// saveReport writes the panels of a figure as an HTML report, with what run.json says of the run if there is one.
func saveReport(fig *plot.Figure, run *report.Run, file string) error {
	r := report.Report{Figure: *fig, Run: run}
	return r.Save(file)
}

// runFolder returns the run whose folder is the only thing to be drawn, or nil if panels are named.
func runFolder(args []string) (*report.Run, error) {
	if len(args) != 1 {
		return nil, nil
	}
	path := args[0]
	if filepath.Base(path) != report.RunFile {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			return nil, nil
		}
		path = filepath.Join(path, report.RunFile)
	}
	return report.ReadRun(path)
}

// runOf returns the run that made a recording: the one told of by the run.json beside it, if the recording is among its outputs.
func runOf(source string) *report.Run {
	run, err := report.ReadRun(filepath.Join(filepath.Dir(source), report.RunFile))
	if err != nil {
		return nil
	}
	outputs, err := run.Outputs()
	if err != nil || !slices.Contains(outputs, filepath.Clean(source)) {
		return nil
	}
	return run
}
