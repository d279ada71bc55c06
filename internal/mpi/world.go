//go:build !nompi

package mpi

/*
#cgo pkg-config: ompi-c
#cgo CFLAGS: -Wno-stringop-overread
#include <mpi.h>

// The launcher is asked for no more than one thread that calls MPI.
static int nk_init(void)
{
	int given;
	return MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given);
}

static int nk_iprobe(int from, int tag, int *source, int *bytes)
{
	int flag = 0;
	MPI_Status st;
	if (from < 0)
		from = MPI_ANY_SOURCE;
	if (MPI_Iprobe(from, tag, MPI_COMM_WORLD, &flag, &st) != MPI_SUCCESS || !flag)
		return 0;
	*source = st.MPI_SOURCE;
	MPI_Get_count(&st, MPI_BYTE, bytes);
	return 1;
}

// The ranks on this machine, of which it returns how many there are; all ranks call it together.
static int nk_same_host(int *ranks, int own)
{
	MPI_Comm node;
	int n = 1;
	ranks[0] = own;
	if (MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node) == MPI_SUCCESS) {
		MPI_Comm_size(node, &n);
		MPI_Allgather(&own, 1, MPI_INT, ranks, 1, MPI_INT, node);
		MPI_Comm_free(&node);
	}
	return n;
}
*/
import "C"

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	gompi "github.com/sbromberger/gompi"
)

// Built tells whether this program has MPI.
const Built = true

// World is all ranks of the job.
type World struct {
	comm       *gompi.Communicator
	rank, size int
	same       []int // ranks on this machine
}

// Start joins the job that a launcher has started. Without a launcher it returns nil and MPI is left alone. A launcher of
// another MPI, under which every process would believe itself to be alone, is an error.
func Start() (*World, error) {
	promised, launcher := Launched()
	if promised == 0 {
		return nil, nil
	}
	runtime.LockOSThread()
	if rc := C.nk_init(); rc != C.MPI_SUCCESS {
		return nil, fmt.Errorf("MPI does not start (error %d)", int(rc))
	}
	w := &World{comm: gompi.NewCommunicator(nil), rank: gompi.WorldRank(), size: gompi.WorldSize()}
	if w.size != promised {
		gompi.Stop()
		return nil, fmt.Errorf("%s started %d processes, but Open MPI, which nkrun is built with, sees %d: the launcher belongs to another MPI. Start nkrun with Open MPI's own mpirun, or by srun --mpi=pmix", launcher, promised, w.size)
	}
	ranks := make([]C.int, w.size)
	for _, r := range ranks[:C.nk_same_host(&ranks[0], C.int(w.rank))] {
		w.same = append(w.same, int(r))
	}
	return w, nil
}

// Rank returns the number of this process among Size.
func (w *World) Rank() int { return w.rank }

// Size returns the number of ranks.
func (w *World) Size() int { return w.size }

// SameHost returns the ranks on this process's machine, itself among them, ascending.
func (w *World) SameHost() []int { return w.same }

// LocalRank returns the number of this process among those on the same machine.
func (w *World) LocalRank() int { return slices.Index(w.same, w.rank) }

// Stop ends the use of MPI in order. All ranks must call it.
func (w *World) Stop() { gompi.Stop() }

// Abort ends all ranks of the job at once with an exit code.
func (w *World) Abort(code int) { w.comm.Abort(code) }

// Send sends a message to a rank. An empty message is allowed (gompi alone would panic).
func (w *World) Send(to, tag int, msg []byte) {
	if len(msg) == 0 {
		msg = []byte{0} // Recv's callers know their empty messages by their tag
	}
	w.comm.SendBytes(msg, to, tag)
}

// Poll receives a message with a tag from any rank, if one is there.
func (w *World) Poll(tag int) (from int, msg []byte, ok bool) { return w.poll(-1, tag) }

func (w *World) poll(from, tag int) (int, []byte, bool) {
	var source, n C.int
	if C.nk_iprobe(C.int(from), C.int(tag), &source, &n) == 0 {
		return 0, nil, false
	}
	msg := make([]byte, int(n))
	w.comm.RecvPreallocBytes(msg, int(source), tag)
	return int(source), msg, true
}

// Recv waits for a message with a tag from a rank, asleep most of the time. After limit it gives up with an error that says what
// was waited for. A limit of 0 is none.
func (w *World) Recv(from, tag int, limit time.Duration, what string) ([]byte, error) {
	start := time.Now()
	for pause := 20 * time.Microsecond; ; {
		if _, msg, ok := w.poll(from, tag); ok {
			return msg, nil
		}
		waited := time.Since(start)
		if limit > 0 && waited > limit {
			return nil, fmt.Errorf("rank %d waited %s for %s from rank %d", w.rank, waited.Round(time.Second), what, from)
		}
		time.Sleep(pause)
		if pause < 5*time.Millisecond {
			pause += pause / 2
		}
	}
}
