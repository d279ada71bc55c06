package table

import (
	"errors"
	"fmt"
	"math"
)

// mostFaults is how many faults of a table are told: what is wrong with one row is often wrong with a million.
const mostFaults = 20

// faults gathers what is wrong with the rows.
type faults struct {
	told    []error
	more    int64
	unknown map[string]bool // uids told to be unknown
}

// full counts a fault that is not told, when enough are.
func (f *faults) full() bool {
	if len(f.told) < mostFaults {
		return false
	}
	f.more++
	return true
}

// again is full for the fault of an unknown uid, each of which is told but once.
func (f *faults) again(uid string) bool {
	if f.unknown[uid] {
		f.more++
		return true
	}
	if f.full() {
		return true
	}
	if f.unknown == nil {
		f.unknown = map[string]bool{}
	}
	f.unknown[uid] = true
	return false
}

func (f *faults) add(err error) { f.told = append(f.told, err) }

func (f *faults) any() bool { return len(f.told) > 0 }

// err returns everything in one error, or nil.
func (f *faults) err() error {
	if f.more == 0 {
		return errors.Join(f.told...)
	}
	s := "s"
	if f.more == 1 {
		s = ""
	}
	return errors.Join(append(f.told, fmt.Errorf("and %d more fault%s like these", f.more, s))...)
}

// weightOf makes a weight of a number. A problem is what is wrong with it, or "".
func weightOf(x float64) (w float32, problem string) {
	w = float32(x)
	switch {
	case math.Abs(float64(w)) <= math.MaxFloat32: // after rounding: in decimal, the largest one is given a little above it
		return w, ""
	case math.IsNaN(x) || math.IsInf(x, 0):
		return 0, fmt.Sprintf("the weight is %v, expected a finite number", x)
	}
	return 0, fmt.Sprintf("the weight %v is too large: weights are kept in single precision, up to 3.4e38", x)
}

// delayProblem says what is wrong with a delay, or "".
func delayProblem(x float64) string {
	if x >= 0 && x <= math.MaxFloat64 {
		return ""
	}
	return fmt.Sprintf("the delay is %v, expected a number of seconds of 0 or more", x)
}
