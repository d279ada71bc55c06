package cli

import (
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/mpi"
)

// check says what is wrong with flags by themselves. Most stand for keys of the configuration, some for one of every LPU: told
// here, a mistake bears the name of the flag, and is told once.
func (f *runFlags) check(cmd *cobra.Command) error {
	changed := cmd.Flags().Changed
	if changed("steps") && f.steps < 1 {
		return fmt.Errorf("--steps must be at least 1, not %d", f.steps)
	}
	if changed("threads") && f.threads < 1 {
		return fmt.Errorf("--threads must be at least 1, not %d", f.threads)
	}
	if changed("walltime") && f.walltime <= 0 {
		return fmt.Errorf("--walltime must be above 0, as in 3h50m, not %s", f.walltime)
	}
	if changed("duration") {
		if d, err := strconv.ParseFloat(f.duration, 64); err != nil || !(d > 0) {
			return fmt.Errorf("--duration takes a number of seconds above 0, not %q", f.duration)
		}
	}
	if changed("device") {
		if err := config.CheckDevice(f.device); err != nil {
			return fmt.Errorf("--device: %w", err)
		}
	}
	// Under mpirun the broker tells, so that not every rank does.
	if ranks, _ := mpi.Launched(); f.out != "" && ranks == 0 {
		if st, err := os.Stat(f.out); err == nil && !st.IsDir() {
			return fmt.Errorf("--out: %s is a file, expected the name of a folder", f.out)
		}
	}
	return nil
}
