// Package cuda runs a Program on an NVIDIA GPU, with the kernels that package engine runs on processors.
//
//	devices, err := cuda.Devices()
//	e, err := cuda.New(program, engine.Single, cuda.Options{Device: 0})
//	defer e.Close()
//	for range steps {
//		if err := e.Step(); err != nil { ... }
//		e.Read(probe, values) // waits until the step is done
//	}
//
// It needs the build tag cuda (make cuda); without it every call answers ErrAbsent, and nothing of CUDA is linked.
//
// Each thread has one component, and its kernel is the text that package emit writes, compiled for one lane. What a component sums
// up it sums up in the order of its connections; what spikes add is added in whole multiples of a quantum, so that the bits of a
// result do not depend on the order in which threads come to it. A step is one CUDA graph. So are all steps of a call of Steps
// (lpu.Engine), where the LPU has no ports; and where nothing but spikes goes from component to component, by weights that stay, and
// takes several steps to arrive, a thread takes as many of them in one launch. Only the values of ports, and what somebody reads,
// leave the device. Engines whose ports feed each other may be joined, and then nothing of these passes the host:
//
//	_, err := cuda.Join(a, b, route)
//	err = errors.Join(cuda.Ready(a, false, false), cuda.Ready(b, false, false))
//	for range steps {
//		err := errors.Join(a.Step(), b.Step())
//	}
package cuda

//go:generate go run ./ptxgen
