// Package mpi is what nkrun needs of MPI beside github.com/sbromberger/gompi: starting with the right thread level,
// messages that are waited for with a limit, and the collective that carries the ports of each step, with its errors
// checked. Ranks, point-to-point messages and abort are gompi's.
//
//	world, err := mpi.Start()          // nil without a launcher
//	if world.Rank() == 0 { world.Send(1, tag, plan) }
//	plan, err := world.Recv(0, tag, time.Minute, "the plan from the broker")
//
// All calls must come from the goroutine that called Start, locked to its thread.
//
// With the build tag nompi there is no MPI in the program, and it runs alone: for machines that have none.
package mpi

import (
	"os"
	"strconv"
)

// launchers are the environment variables by which launchers tell a process how many ranks it is one of, those that tell
// more certainly first: mpirun of Open MPI starts its own daemons by srun.
var launchers = []struct {
	size, name string
	least      int
}{
	{"OMPI_COMM_WORLD_SIZE", "mpirun of Open MPI", 1},
	{"PMI_SIZE", "a launcher with PMI (MPICH, Intel MPI or srun)", 1},
	{"SLURM_STEP_NUM_TASKS", "srun", 2}, // 1 is what a shell in an allocation has, too
}

// Launched returns the number of ranks that a launcher promises in the environment, and the launcher's name; 0 when
// the program was started by itself.
func Launched() (ranks int, launcher string) {
	for _, l := range launchers {
		if n, err := strconv.Atoi(os.Getenv(l.size)); err == nil && n >= l.least {
			return n, l.name
		}
	}
	return 0, ""
}
