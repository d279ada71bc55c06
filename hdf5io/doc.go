// Package hdf5io reads and writes the HDF5 files of a run, in the layout of Neurodriver: inputs and recordings.
//
// A top-level group is a variable. It holds `uids`, the names of the components, and `data`: a matrix of one row a
// sample and one column a uid or, for spikes, a group of two lists, `time` in seconds and `index` into uids. A
// recording also has a scalar dataset `metadata` whose attributes tell the time step and the sampling.
//
//	rec, err := hdf5io.CreateRecording(hdf5io.RecordingSpec{Path: "out.h5", DT: 1e-4, Interval: 1,
//		Variables: []hdf5io.RecordedVar{{Name: "V", UIDs: uids}, {Name: "spike_state", UIDs: uids}}})
//	err = rec.WriteRow(0, step, v)             // in each sampled step
//	err = rec.WriteSpikes(step, firing)        // in each step with spikes
//	err = rec.Close(true)
//
// All times in a file are relative to the start time that its metadata gives. Values of a type may be used from one
// goroutine at a time, different ones from any number; a Recording may be shared.
package hdf5io
