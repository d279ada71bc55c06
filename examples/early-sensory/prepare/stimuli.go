package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"

	"github.com/nkrun/nkrun/hdf5io"
)

const (
	dt = 1e-4

	acrossColumns, downRows = 32, 24 // columns of the eye
	columns                 = acrossColumns * downRows
	photoreceptors          = 6 // R1 to R6 of a column see the same
	sensoryNeurons          = 1375

	light = 0.016  // current into a photoreceptor that is lit
	odour = 0.5195 // current into an olfactory sensory neuron
)

// stimulus is the input of one LPU: current into the neurons 0, 1, ...
type stimulus struct {
	file    string
	neurons int
	fill    func(step int, row []float64)
}

var stimuli = []stimulus{
	{"lamina_input.h5", columns * photoreceptors, moving},
	{"antennallobe_input.h5", sensoryNeurons, puffs},
}

// sweep is an edge that moves over the eye and starts again, with light and dark exchanged, when it has left it.
type sweep struct {
	start, stop int     // steps
	spacing     float64 // between neighbouring places along the way
	places      int
	place       func(column int) int
}

const speed = 0.1 // of an edge, a step

var sweeps = []sweep{
	{2000, 8000, 1.5, acrossColumns, func(c int) int { return c % acrossColumns }},      // a vertical edge
	{8500, 13500, math.Sqrt(3), downRows, func(c int) int { return c / acrossColumns }}, // a horizontal one
}

// moving is the light that falls on the eye.
func moving(step int, row []float64) {
	for _, s := range sweeps {
		if step < s.start || step >= s.stop {
			continue
		}
		way := speed * float64(step-s.start)
		width := s.spacing * float64(s.places)
		turn := math.Floor(way / width)
		edge := way - turn*width
		bright := math.Mod(turn, 2) == 0 // what the edge has passed
		for c := range columns {
			if passed := s.spacing*float64(s.place(c)) < edge; passed != bright {
				continue
			}
			for r := range photoreceptors {
				row[r*columns+c] = light
			}
		}
	}
}

// puffs is the odour that reaches all olfactory sensory neurons alike.
func puffs(step int, row []float64) {
	for _, p := range [][2]int{{500, 5500}, {10000, 11000}, {12000, 13500}} {
		if p[0] <= step && step < p[1] {
			for i := range row {
				row[i] = odour
			}
		}
	}
}

// write writes the stimulus as a recording, because those can be compressed: of its half a gigabyte nearly all is repeated.
func (s *stimulus) write(dir string, steps int) error {
	uids := make([]string, s.neurons)
	for i := range uids {
		uids[i] = strconv.Itoa(i)
	}
	file, err := hdf5io.CreateRecording(hdf5io.RecordingSpec{
		Path: filepath.Join(dir, s.file), DT: dt, Interval: 1, Compress: "gzip",
		Variables: []hdf5io.RecordedVar{{Name: "I", UIDs: uids}},
	})
	if err != nil {
		return err
	}
	row := make([]float64, s.neurons)
	for n := range steps {
		clear(row)
		s.fill(n, row)
		if err := file.WriteRow(0, n, row); err != nil {
			return fmt.Errorf("%s: %w", s.file, err)
		}
	}
	return file.Close(true)
}
