// Package workloads_test checks the generator of the benchmark networks and the plain C loops that run them.
package workloads_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// generate runs generate.py with the system's Python, which has numpy.
func generate(args ...string) (string, error) {
	out, err := exec.Command("/usr/bin/python3", append([]string{"-B", "generate.py"}, args...)...).CombinedOutput()
	return string(out), err
}

// TestSmallestNetwork: the network has the connections that its definition says, to the bit, and raw files hold the same numbers.
func TestSmallestNetwork(t *testing.T) {
	dir := t.TempDir()
	if out, err := generate(dir, "w1_4k"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := generate("--check", dir, "w1_4k"); err != nil {
		t.Errorf("checksums: %v\n%s", err, out)
	}

	pre, post := read[int32](t, dir, "w1_4k/pre.npy"), read[int32](t, dir, "w1_4k/post.npy")
	if len(pre) != 319177 || len(post) != len(pre) {
		t.Fatalf("%d sources and %d targets, expected 319177 connections", len(pre), len(post))
	}
	for k := 1; k < len(pre); k++ {
		if pre[k] < pre[k-1] || pre[k] == pre[k-1] && post[k] <= post[k-1] {
			t.Fatalf("connection %d, %d to %d, is not after that from %d to %d", k, pre[k], post[k], pre[k-1], post[k-1])
		}
	}

	first, raw := read[int64](t, dir, "w1_4k/off.i64"), read[int32](t, dir, "w1_4k/post.i32")
	if len(first) != 4001 || first[4000] != 319177 || len(raw) != len(post) {
		t.Fatalf("raw files: %d neurons and %d targets, expected 4000 and 319177", len(first)-1, len(raw))
	}
	for i := range int32(4000) {
		for k := first[i]; k < first[i+1]; k++ {
			if pre[k] != i || raw[k] != post[k] {
				t.Fatalf("raw connection %d is from %d to %d, expected from %d to %d", k, i, raw[k], pre[k], post[k])
			}
		}
	}
}

// TestInitialPotentials: they are drawn after the connections, uniformly from -60 to -50 mV.
func TestInitialPotentials(t *testing.T) {
	dir := t.TempDir()
	if out, err := generate(dir, "w1_4k"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	v0, single := read[float64](t, dir, "w1_4k/v0.npy"), read[float32](t, dir, "w1_4k/v0.f32")
	if len(v0) != 4000 || len(single) != 4000 {
		t.Fatalf("%d and %d potentials, expected 4000", len(v0), len(single))
	}
	var sum float64
	for i, v := range v0 {
		if v < -60 || v >= -50 {
			t.Fatalf("neuron %d starts at %g mV", i, v)
		}
		if single[i] != float32(v) {
			t.Fatalf("neuron %d starts at %g mV in single precision, expected %g", i, single[i], v)
		}
		sum += v
	}
	// The mean of 4,000 draws has a standard deviation of 10/sqrt(12*4000) mV.
	if mean := sum / 4000; math.Abs(mean+55) > 4*10/math.Sqrt(12*4000) {
		t.Errorf("the mean is %g mV, expected -55", mean)
	}
}

func TestCheckTells(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "w1_4k"), 0o777); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "w1_4k", "post.npy")
	for _, c := range []struct {
		name, text string
		args       []string
		want       string
	}{
		{"missing file", "", []string{"--check", dir, "w1_4k"}, file + ": No such file or directory"},
		{"other contents", "x", []string{"--check", dir, "w1_4k"}, file + ": SHA-256 begins with 2d711642b726b044, expected 3482a633dfecb3d1"},
		{"unknown network", "", []string{dir, "w5"}, "there is no network w5"},
		{"graphs without w4", "", []string{"--graphs", dir, "w1_4k"}, "--graphs is about w4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.text != "" {
				if err := os.WriteFile(file, []byte(c.text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if out, err := generate(c.args...); err == nil || !strings.Contains(out, c.want) {
				t.Errorf("got %v\n%s\nexpected %q", err, out, c.want)
			}
		})
	}
}

// read reads the numbers of a file, whose header, if it is one of numpy's, says how long it is.
func read[T int32 | int64 | float32 | float64](t *testing.T, dir, name string) []T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".npy") {
		data = data[10+binary.LittleEndian.Uint16(data[8:]):]
	}
	var one T
	numbers := make([]T, len(data)/binary.Size(one))
	if err := binary.Read(bytes.NewReader(data), binary.LittleEndian, numbers); err != nil {
		t.Fatal(err)
	}
	return numbers
}
