//go:build cuda

package cuda

/*
#cgo CFLAGS: -I${SRCDIR}/../lpu/engine -I${SRCDIR}/device
#include <cuda.h>
#include <stdlib.h>
#include "nkkernel.h"
#include "jobs.h"
#include "lanejobs.h"
#include "window_jobs.h"

// What gorgonia.org/cu does not have: memory that the device reads and writes directly, and graphs that run.
static int nk_host_alloc(void **p, size_t n) { return cuMemHostAlloc(p, n, CU_MEMHOSTALLOC_PORTABLE); }
static int nk_host_free(void *p) { return cuMemFreeHost(p); }
static int nk_capture(uintptr_t stream) { return cuStreamBeginCapture((CUstream)stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL); }
static int nk_captured(uintptr_t stream, uintptr_t *exec)
{
	CUgraph graph;
	int rc = cuStreamEndCapture((CUstream)stream, &graph);
	if (rc)
		return rc;
	rc = cuGraphInstantiateWithFlags((CUgraphExec *)exec, graph, 0);
	cuGraphDestroy(graph);
	return rc;
}
static int nk_graph_launch(uintptr_t exec, uintptr_t stream) { return cuGraphLaunch((CUgraphExec)exec, (CUstream)stream); }
static int nk_graph_destroy(uintptr_t exec) { return cuGraphExecDestroy((CUgraphExec)exec); }
static const char *nk_error(int rc)
{
	const char *text = 0;
	return cuGetErrorString(rc, &text) || !text ? "unknown error" : text;
}
*/
import "C"

import (
	"errors"
	"unsafe"

	"gorgonia.org/cu"
)

// The jobs of layout.go have the size of those in jobs.h.
const (
	_ = uint(unsafe.Sizeof(popJob{}) - C.sizeof_nk_pop)
	_ = uint(C.sizeof_nk_pop - unsafe.Sizeof(popJob{}))
	_ = uint(unsafe.Sizeof(lpuJob{}) - C.sizeof_nkd_lpu)
	_ = uint(C.sizeof_nkd_lpu - unsafe.Sizeof(lpuJob{}))
	_ = uint(unsafe.Sizeof(runJob{}) - C.sizeof_nkd_run)
	_ = uint(C.sizeof_nkd_run - unsafe.Sizeof(runJob{}))
	_ = uint(unsafe.Sizeof(eventsJob{}) - C.sizeof_nkd_events)
	_ = uint(C.sizeof_nkd_events - unsafe.Sizeof(eventsJob{}))
	_ = uint(unsafe.Sizeof(plasticJob{}) - C.sizeof_nkd_plastic)
	_ = uint(C.sizeof_nkd_plastic - unsafe.Sizeof(plasticJob{}))
	_ = uint(unsafe.Sizeof(gatherJob{}) - C.sizeof_nkd_gather)
	_ = uint(C.sizeof_nkd_gather - unsafe.Sizeof(gatherJob{}))
	_ = uint(unsafe.Sizeof(sumJob{}) - C.sizeof_nkd_sum)
	_ = uint(C.sizeof_nkd_sum - unsafe.Sizeof(sumJob{}))
	_ = uint(unsafe.Sizeof(showJob{}) - C.sizeof_nkd_show)
	_ = uint(C.sizeof_nkd_show - unsafe.Sizeof(showJob{}))
	_ = uint(unsafe.Sizeof(finiteJob{}) - C.sizeof_nkd_finite)
	_ = uint(C.sizeof_nkd_finite - unsafe.Sizeof(finiteJob{}))
	_ = uint(unsafe.Sizeof(rowsJob{}) - C.sizeof_nkd_rows)
	_ = uint(C.sizeof_nkd_rows - unsafe.Sizeof(rowsJob{}))
	_ = uint(unsafe.Sizeof(sentJob{}) - C.sizeof_nkd_sent)
	_ = uint(C.sizeof_nkd_sent - unsafe.Sizeof(sentJob{}))
	_ = uint(unsafe.Sizeof(wordJob{}) - C.sizeof_nkd_word)
	_ = uint(C.sizeof_nkd_word - unsafe.Sizeof(wordJob{}))
	_ = uint(unsafe.Sizeof(takenJob{}) - C.sizeof_nkd_taken)
	_ = uint(C.sizeof_nkd_taken - unsafe.Sizeof(takenJob{}))
	_ = uint(unsafe.Sizeof(sendJob{}) - C.sizeof_nkd_send)
	_ = uint(C.sizeof_nkd_send - unsafe.Sizeof(sendJob{}))
	_ = uint(unsafe.Sizeof(takeJob{}) - C.sizeof_nkd_take)
	_ = uint(C.sizeof_nkd_take - unsafe.Sizeof(takeJob{}))
	_ = uint(unsafe.Sizeof(arrivalJob{}) - C.sizeof_nkd_arrival)
	_ = uint(C.sizeof_nkd_arrival - unsafe.Sizeof(arrivalJob{}))
	_ = uint(unsafe.Sizeof(stagedJob{}) - C.sizeof_nkd_staged)
	_ = uint(C.sizeof_nkd_staged - unsafe.Sizeof(stagedJob{}))
	_ = uint(unsafe.Sizeof(inputJob{}) - C.sizeof_nkd_input)
	_ = uint(C.sizeof_nkd_input - unsafe.Sizeof(inputJob{}))
	_ = uint(unsafe.Sizeof(addedJob{}) - C.sizeof_nkd_added)
	_ = uint(C.sizeof_nkd_added - unsafe.Sizeof(addedJob{}))
	_ = uint(unsafe.Sizeof(windowJob{}) - C.sizeof_nkd_window)
	_ = uint(C.sizeof_nkd_window - unsafe.Sizeof(windowJob{}))
	_ = uint(unsafe.Sizeof(packJob{}) - C.sizeof_nkd_pack)
	_ = uint(C.sizeof_nkd_pack - unsafe.Sizeof(packJob{}))
	_ = uint(mostSteps - C.NKD_MOST)
	_ = uint(C.NKD_MOST - mostSteps)
	_ = uint(mostBits - C.NKD_BITS)
	_ = uint(C.NKD_BITS - mostBits)
)

// check turns a result of the driver into an error.
func check(rc C.int) error {
	if rc == 0 {
		return nil
	}
	return errors.New(C.GoString(C.nk_error(rc)))
}

// pinned is host memory that the device reads and writes while the host goes on.
type pinned struct{ at unsafe.Pointer }

func newPinned(bytes int) (pinned, error) {
	var p pinned
	err := check(C.nk_host_alloc(&p.at, C.size_t(max(bytes, 8))))
	return p, err
}

func (p *pinned) free() error {
	if p.at == nil {
		return nil
	}
	at := p.at
	p.at = nil
	return check(C.nk_host_free(at))
}

// pinnedSlice looks at pinned memory as n elements.
func pinnedSlice[T any](p pinned, n int) []T { return unsafe.Slice((*T)(p.at), n) }

// recorded is a sequence of launches and copies.
type recorded struct{ exec C.uintptr_t }

func handle(s cu.Stream) C.uintptr_t { return C.uintptr_t(uintptr(unsafe.Pointer(s.C()))) }

// record makes a graph of what do puts on the stream.
func record(s cu.Stream, do func() error) (recorded, error) {
	var g recorded
	if err := check(C.nk_capture(handle(s))); err != nil {
		return g, err
	}
	err := do()
	if end := check(C.nk_captured(handle(s), &g.exec)); err == nil {
		err = end
	}
	return g, err
}

func (g *recorded) launch(s cu.Stream) error { return check(C.nk_graph_launch(g.exec, handle(s))) }

func (g *recorded) free() error {
	if g.exec == 0 {
		return nil
	}
	exec := g.exec
	g.exec = 0
	return check(C.nk_graph_destroy(exec))
}
