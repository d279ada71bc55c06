package lpu

// Windowed is implemented by an Engine that can take several steps in one call, where nothing that happens in one of them is felt in
// the others: spikes need some steps to arrive, nobody reads states, and ports have no part in it. The results have the bits of as many
// calls of Step.
//
//	n := min(e.Window(), wanted)
//	e.SetInputAt(k, input, values) // for some k < n
//	err := e.Steps(n)
//	fired = e.SpikesAt(k, probe, fired[:0]) // for each k < n
type Windowed interface {
	Engine
	// Window returns how many steps the next call of Steps may take, at least 1. It may change from call to call.
	Window() int
	// Steps computes the next n steps, at most as many as Window says.
	Steps(n int) error
	// SetInputAt is what SetInput would be before step k of the next n. For each input k rises from call to call until Steps is
	// called.
	SetInputAt(k, input int, values []float64)
	// SpikesAt is what Spikes would have returned after step k of those that the last Steps took.
	SpikesAt(k, probe int, dst []int32) []int32
}
