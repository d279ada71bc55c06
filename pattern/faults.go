package pattern

import (
	"errors"
	"fmt"
)

// maxShown is the number of mistakes that are described one by one; one wrong line can cause a million.
const maxShown = 20

// faults collects mistakes.
type faults struct {
	list []error
	more int
}

// full tells whether another mistake would only be counted; it saves describing it.
func (f *faults) full() bool { return len(f.list) == maxShown }

func (f *faults) add(err error) {
	if f.full() {
		f.more++
		return
	}
	f.list = append(f.list, err)
}

// err returns everything collected as one error, nil if there is nothing.
func (f *faults) err() error {
	if f.more > 0 {
		return errors.Join(append(f.list, fmt.Errorf("and %d more mistakes", f.more))...)
	}
	return errors.Join(f.list...)
}
