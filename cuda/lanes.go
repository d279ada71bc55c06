package cuda

// Rows are the values of a route on a device, a row for each step, in the form that they have in messages: graded values as doubles,
// spikes as bits of words of 64. Those of the last steps are kept.
type Rows interface {
	// Get reads the row of a step, when all steps that have been started are done.
	Get(step int, row []byte) error
	// Put writes the row of a step that is not at work.
	Put(step int, row []byte) error
}

// Message is memory of a device from which MPI sends, or into which it receives, the rows of several routes: for each route the rows of
// an interval of steps, one after the other.
type Message interface {
	// At returns the address of the message of the interval with a step, when all steps before that one are done: a message to
	// send then holds what was emitted up to that step, and into one to receive nobody looks any more.
	At(step int) (uintptr, error)
	// Rows returns the rows of one of its routes.
	Rows(route int) Rows
	// Close frees the memory, which neither MPI nor an engine may use any more.
	Close() error
}
