//go:build cuda

package cuda

const (
	mostSteps = 64 // of a call: NKD_MOST of device/window_jobs.h
	mostBits  = 32 // steps of a window: NKD_BITS
)

// The jobs of device/window_jobs.h, field by field.

type arrivalJob struct {
	events eventsJob
	shift  int64
	n      int64
	bits   addr
	opens  int64
}

type stagedJob struct {
	from, to int64
	row      [mostSteps]int32
}

type inputJob struct{ bits, gather, values, staged addr }

type addedJob struct {
	sum, bits addr
	quantum   float64
}

type windowJob struct {
	run       runJob
	in, added addr
	closes    int64
}

type packJob struct {
	lpu    addr
	most   int64
	spikes addr
}
