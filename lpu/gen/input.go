package gen

import "fmt"

// The time base of the input, as in the reference's script.
const (
	inputDt    = 1e-4 // s
	inputSteps = 10000
)

// Input is the external current of a generic LPU: the same pulse into every
// sensory neuron.
type Input struct {
	Variable string   // the variable that is driven, "I"
	UIDs     []string // the sensory neurons
	Steps    int      // number of rows
	Dt       float64  // seconds from one row to the next
}

func newInput(sensoryNeurons int) Input {
	in := Input{Variable: "I", Steps: inputSteps, Dt: inputDt}
	for i := range sensoryNeurons {
		in.UIDs = append(in.UIDs, fmt.Sprintf("%s_%d", populationNames[sensory], i))
	}
	return in
}

// Row fills dst, one number for each uid, with the current of step k: 0.6
// strictly between 0.3 and 0.6 seconds, else nothing. Rounding decides on which
// side step 3000 falls, so time is computed as numpy's arange does.
func (in Input) Row(k int, dst []float64) {
	t := float64(k) * in.Dt
	current := 0.0
	if 0.3 < t && t < 0.6 {
		current = 0.6
	}
	for i := range in.UIDs {
		dst[i] = current
	}
}
