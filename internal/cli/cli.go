// Package cli is nkrun's command line, one file a verb. It holds no logic of its own: each verb reads its flags, calls the
// package that does the work, and prints.
package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Exit codes of nkrun.
const (
	exitFailed  = 1   // the run failed
	exitUsage   = 2   // the command line or the configuration is wrong
	exitStopped = 130 // the user stopped the run
)

// exitError carries the code that the process is to end with.
type exitError struct {
	code  int
	err   error
	quiet bool // the error has been told already
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitUsage, err: err}
}

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	root := newRoot()
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	if err == nil {
		return 0
	}
	var e *exitError
	if !errors.As(err, &e) { // cobra's own errors are about flags and arguments
		e = &exitError{code: exitUsage, err: plainError(cmd, err)}
	}
	if !e.quiet {
		tell(e.err)
	}
	return e.code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "nkrun CONFIG",
		Short: "Run emulations of the fruit fly brain",
		Long: `nkrun runs emulations of the fruit fly brain: local processing units (LPUs), graphs of neurons, synapses and ports
that talk to each other along patterns.

  nkrun CONFIG                     run a configuration in this process
  mpirun -n 3 nkrun CONFIG         the same on MPI ranks: a broker and two workers
  nkrun check CONFIG               validate everything, run nothing`,
		Version:       Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	addRun(root)
	root.AddCommand(runCommand(), checkCommand(), infoCommand(), portsCommand(), modelsCommand(), genCommand(), plotCommand(), diffCommand(), benchCommand(),
		convertCommand(), initCommand(), versionCommand(), stopCommand(), verifyCommand())
	root.SetHelpCommand(helpCommand(root))
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "\n\nUse \"", "{{if not .HasParent}}\n\n"+topicList()+"{{end}}\n\nUse \"", 1))
	root.SetFlagErrorFunc(flagError)
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.HasSubCommands() && !c.Runnable() {
			group(c)
		}
	}
	addCompletion(root)
	root.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		if _, err := os.Stat(args[0]); err != nil && !strings.ContainsAny(args[0], "./") {
			var verbs []string
			for _, c := range cmd.Commands() {
				verbs = append(verbs, c.Name())
			}
			return fmt.Errorf("%q is neither a command nor a configuration file%s (`nkrun help` lists the commands)", args[0], nearest.Hint(args[0], verbs))
		}
		return takes("CONFIG")(cmd, args)
	}
	return root
}
