package mpi

/*
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
	MPI_Comm comm;
	MPI_Request req;
	int n;
	int *send_count, *recv_count;
	MPI_Aint *send_at, *recv_at;
	MPI_Datatype *types;
	char *send, *recv;
} nk_neighbours;

// A graph communicator in which this rank sends to and receives from the same n ranks.
static int nk_neighbours_make(nk_neighbours *x, int n, const int *ranks)
{
	MPI_Comm own;
	int rc = MPI_Comm_dup(MPI_COMM_WORLD, &own);
	if (rc != MPI_SUCCESS)
		return rc;
	MPI_Comm_set_errhandler(own, MPI_ERRORS_RETURN);
	rc = MPI_Dist_graph_create_adjacent(own, n, ranks, n ? MPI_UNWEIGHTED : MPI_WEIGHTS_EMPTY, n, ranks,
		n ? MPI_UNWEIGHTED : MPI_WEIGHTS_EMPTY, MPI_INFO_NULL, 0, &x->comm);
	MPI_Comm_free(&own);
	if (rc != MPI_SUCCESS)
		return rc;
	MPI_Comm_set_errhandler(x->comm, MPI_ERRORS_RETURN);
	x->n = n;
	x->req = MPI_REQUEST_NULL;
	x->send_count = calloc(n + 1, sizeof(int));
	x->recv_count = calloc(n + 1, sizeof(int));
	x->send_at = calloc(n + 1, sizeof(MPI_Aint));
	x->recv_at = calloc(n + 1, sizeof(MPI_Aint));
	x->types = calloc(n + 1, sizeof(MPI_Datatype));
	for (int i = 0; i < n; i++)
		x->types[i] = MPI_BYTE;
	return MPI_SUCCESS;
}

static void nk_neighbours_size(nk_neighbours *x, int i, int send, long send_at, int recv, long recv_at)
{
	x->send_count[i] = send;
	x->send_at[i] = send_at;
	x->recv_count[i] = recv;
	x->recv_at[i] = recv_at;
}

static int nk_neighbours_post(nk_neighbours *x)
{
	return MPI_Ineighbor_alltoallw(x->send, x->send_count, x->send_at, x->types, x->recv, x->recv_count, x->recv_at, x->types,
		x->comm, &x->req);
}

static double nk_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

// Waits until the exchange is complete (0), limit seconds have passed (-1) or *stop is set (-2); else an MPI error.
// It spins for as long as a step may take elsewhere, then gives its core away between looks.
static int nk_neighbours_wait(nk_neighbours *x, double limit, const volatile int *stop)
{
	int done = 0, rc;
	double start = 0;
	for (long look = 0;; look++) {
		rc = MPI_Test(&x->req, &done, MPI_STATUS_IGNORE);
		if (rc != MPI_SUCCESS)
			return rc;
		if (done)
			return 0;
		if (look < 2000)
			continue;
		if (start == 0)
			start = nk_now();
		if (*stop)
			return -2;
		if (nk_now() - start > limit)
			return -1;
		if (look < 20000) {
			sched_yield();
		} else {
			struct timespec nap = {0, 50000};
			nanosleep(&nap, NULL);
		}
	}
}

static void nk_neighbours_free(nk_neighbours *x)
{
	free(x->send_count);
	free(x->recv_count);
	free(x->send_at);
	free(x->recv_at);
	free(x->types);
	free(x->send);
	free(x->recv);
	free(x);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"
)

// Peer is a neighbouring rank and how many bytes go to it and come from it in each exchange.
type Peer struct{ Rank, Send, Recv int }

// Neighbours is the collective of a step: every rank sends to and receives from its peers. Two ranks must name each other with
// fitting sizes.
type Neighbours struct {
	c          *C.nk_neighbours
	peers      []Peer
	send, recv [][]byte
	stop       *int32 // watched while waiting, in C memory
}

// ErrStopped is returned by Wait when Interrupt was called.
var ErrStopped = errors.New("stopped while waiting")

// TimeoutError is returned by Wait when the limit has passed.
type TimeoutError struct{ Limit time.Duration }

// Error says how long was waited.
func (e *TimeoutError) Error() string { return fmt.Sprintf("no data within %s", e.Limit) }

// Neighbours makes the exchange of this rank with its peers. All ranks of the world must call it, those without peers too.
func (w *World) Neighbours(peers []Peer) (*Neighbours, error) {
	x := &Neighbours{peers: peers, c: (*C.nk_neighbours)(C.calloc(1, C.sizeof_nk_neighbours))}
	ranks := make([]C.int, len(peers)+1)
	sendAll, recvAll := 0, 0
	for i, p := range peers {
		ranks[i] = C.int(p.Rank)
		sendAll += padded(p.Send)
		recvAll += padded(p.Recv)
	}
	if err := check(C.nk_neighbours_make(x.c, C.int(len(peers)), &ranks[0])); err != nil {
		return nil, fmt.Errorf("setting up the exchange: %w", err)
	}
	x.c.send = (*C.char)(C.calloc(C.size_t(sendAll+8), 1))
	x.c.recv = (*C.char)(C.calloc(C.size_t(recvAll+8), 1))
	x.stop = (*int32)(C.calloc(1, 8))
	send := unsafe.Slice((*byte)(unsafe.Pointer(x.c.send)), sendAll)
	recv := unsafe.Slice((*byte)(unsafe.Pointer(x.c.recv)), recvAll)
	s, r := 0, 0
	for i, p := range peers {
		C.nk_neighbours_size(x.c, C.int(i), C.int(p.Send), C.long(s), C.int(p.Recv), C.long(r))
		x.send = append(x.send, send[s:s+p.Send])
		x.recv = append(x.recv, recv[r:r+p.Recv])
		s += padded(p.Send)
		r += padded(p.Recv)
	}
	return x, nil
}

// padded keeps every peer's part of a buffer aligned for float64.
func padded(n int) int { return (n + 63) / 64 * 64 }

// SendBuffer returns the memory whose content goes to peer i with the next Post.
func (x *Neighbours) SendBuffer(i int) []byte { return x.send[i] }

// RecvBuffer returns the memory that holds what came from peer i after Wait.
func (x *Neighbours) RecvBuffer(i int) []byte { return x.recv[i] }

// Post starts an exchange. The buffers must be left alone until Wait.
func (x *Neighbours) Post() error { return check(C.nk_neighbours_post(x.c)) }

// Wait completes the exchange that Post started, or gives up after limit with a TimeoutError.
func (x *Neighbours) Wait(limit time.Duration) error {
	switch rc := C.nk_neighbours_wait(x.c, C.double(limit.Seconds()), (*C.int)(x.stop)); rc {
	case 0:
		return nil
	case -1:
		return &TimeoutError{limit}
	case -2:
		return ErrStopped
	default:
		return check(rc)
	}
}

// Interrupt makes a Wait that does not complete at once return ErrStopped. It may be called from any goroutine.
func (x *Neighbours) Interrupt() { atomic.StoreInt32(x.stop, 1) }

// Close releases the buffers. No exchange may be under way.
func (x *Neighbours) Close() { C.nk_neighbours_free(x.c); x.c = nil }

// check turns an MPI return code into an error with MPI's text.
func check(rc C.int) error {
	if rc == C.MPI_SUCCESS {
		return nil
	}
	var text [C.MPI_MAX_ERROR_STRING]C.char
	var n C.int
	C.MPI_Error_string(rc, &text[0], &n)
	return fmt.Errorf("MPI: %s", C.GoString(&text[0]))
}
