//go:build nompi

package mpi

import (
	"strings"
	"testing"
)

// TestWithoutMPI checks that a program without MPI runs alone, and refuses a launcher.
func TestWithoutMPI(t *testing.T) {
	for _, l := range launchers {
		t.Setenv(l.size, "")
	}
	if w, err := Start(); w != nil || err != nil {
		t.Errorf("world %v, error %v", w, err)
	}
	t.Setenv("OMPI_COMM_WORLD_SIZE", "3")
	if _, err := Start(); err == nil || !strings.Contains(err.Error(), "mpirun of Open MPI started 3 processes, but this nkrun is built without MPI") {
		t.Error(err)
	}
}
