//go:build nompi

package mpi

import (
	"fmt"
	"time"
)

// Built tells whether this program has MPI.
const Built = false

// World is all ranks of the job, of which there is none in a program without MPI.
type World struct{}

// Neighbours is the exchange of a step among all ranks.
type Neighbours struct{}

// Start returns nil, or an error under a launcher.
func Start() (*World, error) {
	n, launcher := Launched()
	if n == 0 {
		return nil, nil
	}
	return nil, fmt.Errorf("%s started %d processes, but this nkrun is built without MPI (build tag nompi): start it by itself, or take one that is built with MPI", launcher, n)
}

// Rank returns 0.
func (w *World) Rank() int { return 0 }

// Size returns 1.
func (w *World) Size() int { return 1 }

// SameHost returns this rank.
func (w *World) SameHost() []int { return []int{0} }

// LocalRank returns 0.
func (w *World) LocalRank() int { return 0 }

// CUDAAware returns false.
func (w *World) CUDAAware() bool { return false }

// Stop has nothing to stop.
func (w *World) Stop() {}

// Abort leaves the process to its caller.
func (w *World) Abort(int) {}

// Send drops the message: there is nobody to get it.
func (w *World) Send(int, int, []byte) {}

// Poll finds no message.
func (w *World) Poll(int) (from int, msg []byte, ok bool) { return 0, nil, false }

// Recv returns an error.
func (w *World) Recv(from, _ int, _ time.Duration, what string) ([]byte, error) {
	return nil, fmt.Errorf("there is no rank %d to send %s: this nkrun is built without MPI", from, what)
}

// Neighbours returns an exchange with nobody.
func (w *World) Neighbours([]Peer) (*Neighbours, error) { return &Neighbours{}, nil }

// SendBuffer returns nothing.
func (x *Neighbours) SendBuffer(int) []byte { return nil }

// RecvBuffer returns nothing.
func (x *Neighbours) RecvBuffer(int) []byte { return nil }

// SendFrom sends nothing.
func (x *Neighbours) SendFrom(int, uintptr) {}

// RecvInto receives nothing.
func (x *Neighbours) RecvInto(int, uintptr) {}

// Post starts nothing.
func (x *Neighbours) Post() error { return nil }

// Wait has nothing to wait for.
func (x *Neighbours) Wait(time.Duration) error { return nil }

// Waited returns 0.
func (x *Neighbours) Waited() float64 { return 0 }

// Interrupt has nothing to interrupt.
func (x *Neighbours) Interrupt() {}

// Close releases nothing.
func (x *Neighbours) Close() {}
