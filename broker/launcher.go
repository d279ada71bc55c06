package broker

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/nkrun/nkrun/internal/mpi"
)

// launchers are the programs of Open MPI that start ranks.
var launchers = []string{"mpirun", "mpiexec", "orterun", "orted", "prterun", "prte", "prted"}

// abortAll ends all ranks, and with them what has started them.
func abortAll(world *mpi.World) {
	releaseLauncher(world)
	world.Abort(1)
}

// releaseLauncher has what started this rank ended, if it is still there some seconds after the ranks: with a host cut off, Open MPI's
// mpirun waits for the daemon there, for many minutes, though all ranks that it can reach have ended. On one host mpirun ends by itself.
func releaseLauncher(world *mpi.World) {
	if len(world.SameHost()) == world.Size() {
		return
	}
	pid := os.Getppid()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	name := strings.TrimSpace(string(text))
	if err != nil || !slices.Contains(launchers, name) {
		return
	}
	// A process of its own, since this one ends now; in a session of its own, since the launcher kills those of its children.
	kill := exec.Command("/bin/sh", "-c", `sleep 2; [ "$(cat /proc/$0/comm 2>/dev/null)" = "$1" ] && kill -9 "$0"`, strconv.Itoa(pid), name)
	kill.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	_ = kill.Start() // what could be told of a failure is of no use to anybody: the run has failed, and that is told
}
