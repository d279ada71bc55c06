package cuda

import "fmt"

// Device is a GPU of this machine.
type Device struct {
	Index int
	Name  string
	Bytes int64 // of memory
}

// String returns the device in words.
func (d Device) String() string {
	return fmt.Sprintf("gpu:%d (%s, %.1f GB)", d.Index, d.Name, float64(d.Bytes)/1e9)
}

// Options say how New is to make an engine.
type Options struct {
	Device int          // the number of the GPU
	Seed   uint64       // the run's seed, on which random numbers of models depend
	Note   func(string) // takes what is worth telling; nil drops it
}
