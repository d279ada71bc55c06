package lpu

// Checkpointer is implemented by a Processor of a registered kind that can be saved and go on later, in another process:
//
//	func (m *module) Checkpoint() ([]byte, error)   { return m.rng.MarshalBinary() }
//	func (m *module) Restore(state []byte) error    { return m.rng.UnmarshalBinary(state) }
//
// The values of the ports are saved by the worker. A run with checkpoints refuses kinds without these methods before it
// starts: what they hold would be lost without a word.
type Checkpointer interface {
	// Checkpoint returns all that Step goes on from. It is called between two steps.
	Checkpoint() ([]byte, error)
	// Restore takes what Checkpoint has returned, before the first call of Step, which then is for a later step than 0.
	Restore(state []byte) error
}

// Array is a named piece of an engine's state.
type Array struct {
	Name string
	Data any // []float64, []float32, []int64, []int32 or []uint8
}

// Saver is implemented by an Engine whose state can be saved and restored.
type Saver interface {
	// Save returns everything that changes from step to step, between two steps. The arrays may be the engine's own memory:
	// they hold until the next step.
	Save() []Array
	// Restore puts a new engine of the same program where the saved one was. The error of arrays that do not fit the program
	// names the first of them; the engine is of no use then.
	Restore(arrays []Array) error
}
