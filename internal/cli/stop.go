package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/broker"
)

// stopWithin is how long nkrun stop waits for the job to end.
const stopWithin = time.Minute

func stopCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stop JOBFILE",
		Short: "End a running job in order, all ranks in the same step",
		Long: `End a running job in order: all ranks end in the same step, with everything recorded, and the job's exit code is 130.
JOBFILE is the job.json that a run keeps beside its outputs while it lasts. The job may run on other machines that share the
file system. The command returns when the job has ended.`,
		Args: takes("JOBFILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := args[0]
			job, err := broker.ReadJobFile(path)
			if os.IsNotExist(err) {
				return usage(fmt.Errorf("no job file %s: the run has ended, or has its outputs elsewhere", path))
			}
			if st, bad := os.Stat(path); bad == nil && st.IsDir() {
				return usage(fmt.Errorf("%s is a folder; name the job file in it, %s", path, filepath.Join(path, "job.json")))
			}
			if err != nil {
				return usage(err)
			}
			if alive, known := job.Alive(); known && !alive {
				os.Remove(path)
				return &exitError{code: exitFailed, err: fmt.Errorf("the job of %s does not run any more: its process %d is gone; %s was left behind and is removed", job.Config, job.PID, path)}
			}
			host, err := os.Hostname()
			if err != nil {
				host = "an unknown host"
			}
			job.Stop = "nkrun stop on " + host
			if err := job.Write(path); err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			for deadline := time.Now().Add(stopWithin); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
				if _, err := os.Stat(path); os.IsNotExist(err) {
					fmt.Fprintf(cmd.OutOrStdout(), "the job of %s has ended\n", job.Config)
					return nil
				}
			}
			return &exitError{code: exitFailed, err: fmt.Errorf("the job of %s on %s has been asked to stop, but has not ended within %s: is a step of it that long? The request stays", job.Config, job.Host, stopWithin)}
		},
	}
}
