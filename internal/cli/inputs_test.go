package cli

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

// TestInputNotFinite checks that a NaN in an input file is blamed on the input.
func TestInputNotFinite(t *testing.T) {
	dir := genericFolder(t, strings.Replace(good, "lpu_0_input.h5", "nan.h5", 1))
	err := hdf5io.WriteInput(filepath.Join(dir, "nan.h5"), []hdf5io.InputData{{Name: "I", UIDs: []string{"sensory_1", "sensory_4"}, Rows: 100, Row: func(k int, dst []float64) {
		if k == 42 {
			dst[1] = math.NaN()
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	r := nkrun(t, dir, 0, "config.yaml")
	if want := `LPU lpu_0, step 42, rank 0: the external input of uid "sensory_4", from /I/data of nan.h5, is NaN; expected a finite number`; r.code != exitFailed || !strings.Contains(r.errOut, want) {
		t.Errorf("code %d: %s\nwant %s", r.code, r.errOut, want)
	}
}
