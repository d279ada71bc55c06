package config

// Input is what drives an LPU from outside: a *FileInput, *StepInput, *RampInput, *ConstantInput, *SinusoidInput,
// *PulseTrainInput, *BernoulliInput, *PoissonInput, *SpikesInput or *PresynapticInput.
type Input interface {
	// Kind returns the key that names the input in the configuration, "step" for example.
	Kind() string
	// At returns the position of the value of a key, or that of the input when the key was not given.
	At(key string) Pos
}

// Target is the variable of the components that an input acts on.
type Target struct {
	Place
	Variable Text
	UIDs     UIDs
}

// FileInput reads one row a step from an HDF5 file, for every variable in it.
type FileInput struct {
	Place
	File Path
	Mode string // after the last row: "zero" or "hold"
}

// StepInput is a constant while Start <= t < Stop and 0 otherwise.
type StepInput struct {
	Target
	Value       Values
	Start, Stop float64 // s; Stop may be +Inf
}

// RampInput goes from From at Start to To in the given duration, and keeps those values before and after.
type RampInput struct {
	Target
	Start, Duration float64 // s
	From, To        float64
}

// ConstantInput is there all the time.
type ConstantInput struct {
	Target
	Value Values
}

// SinusoidInput is Offset + Amplitude*sin(2*pi*Frequency*t + Phase).
type SinusoidInput struct {
	Target
	Amplitude, Frequency, Phase, Offset float64 // Frequency in Hz, Phase in rad
}

// PulseTrainInput is a pulse of some width at the beginning of every period between Start and Stop.
type PulseTrainInput struct {
	Target
	Value                      Values
	Period, Width, Start, Stop float64 // s; Stop may be +Inf
}

// BernoulliInput is 1 with probability P in each step, and 0 otherwise, independently for each uid.
type BernoulliInput struct {
	Target
	P           float64
	Start, Stop float64 // s; Stop may be +Inf
	Seed        uint64
}

// PoissonInput is a Poisson process of spikes for each uid.
type PoissonInput struct {
	Target
	Rate        float64 // Hz
	Start, Stop float64 // s; Stop may be +Inf
	Seed        uint64
}

// SpikesInput gives spikes at listed times.
type SpikesInput struct {
	Place
	UIDs  UIDs
	Times [][]float64 // s, one list for each uid
}

// PresynapticInput puts a new synapse in front of each of the uids and drives it by a file, by spike times or by rows of
// data, whichever is given.
type PresynapticInput struct {
	Place
	Model    Text
	Params   []Param
	UIDs     UIDs // All, with a file: those in the file
	Variable Text // what the synapse receives
	File     Path
	Times    [][]float64 // s, one list for each uid
	Data     [][]float64 // one row for each step, one number for each uid
	Mode     string      // after the last row: "zero" or "hold"
}

// Kind returns "file".
func (*FileInput) Kind() string { return "file" }

// Kind returns "step".
func (*StepInput) Kind() string { return "step" }

// Kind returns "ramp".
func (*RampInput) Kind() string { return "ramp" }

// Kind returns "constant".
func (*ConstantInput) Kind() string { return "constant" }

// Kind returns "sinusoid".
func (*SinusoidInput) Kind() string { return "sinusoid" }

// Kind returns "pulse_train".
func (*PulseTrainInput) Kind() string { return "pulse_train" }

// Kind returns "bernoulli".
func (*BernoulliInput) Kind() string { return "bernoulli" }

// Kind returns "poisson".
func (*PoissonInput) Kind() string { return "poisson" }

// Kind returns "spikes".
func (*SpikesInput) Kind() string { return "spikes" }

// Kind returns "presynaptic".
func (*PresynapticInput) Kind() string { return "presynaptic" }
