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

// DriverError is what the driver has reported, after which a GPU is of no use.
type DriverError struct {
	Device Device
	Err    error
}

// Error names the device.
func (e *DriverError) Error() string {
	return fmt.Sprintf("%s: the driver reports %v", e.Device, e.Err)
}

// Unwrap returns the driver's error.
func (e *DriverError) Unwrap() error { return e.Err }

// Options say how New is to make an engine.
type Options struct {
	Device int          // the number of the GPU
	Seed   uint64       // the run's seed, on which random numbers of models depend
	Note   func(string) // takes what is worth telling; nil drops it
}
