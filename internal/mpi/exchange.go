package mpi

import (
	"errors"
	"fmt"
	"time"
)

// Peer is a neighbouring rank and how many bytes go to it and come from it in each exchange.
type Peer struct{ Rank, Send, Recv int }

// ErrStopped is returned by Wait when Interrupt was called.
var ErrStopped = errors.New("stopped while waiting")

// TimeoutError is returned by Wait when the limit has passed.
type TimeoutError struct{ Limit time.Duration }

// Error says how long was waited.
func (e *TimeoutError) Error() string { return fmt.Sprintf("no data within %s", e.Limit) }
