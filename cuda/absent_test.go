//go:build !cuda

package cuda

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/engine"
)

// TestAbsent checks that a program without the tag links nothing of CUDA, and says how to get one that does.
func TestAbsent(t *testing.T) {
	out, err := exec.Command("ldd", os.Args[0]).CombinedOutput()
	if err != nil || strings.Contains(string(out), "cuda") || strings.Contains(string(out), "nvrtc") {
		t.Errorf("%v:\n%s", err, out)
	}
	_, err = New(nil, engine.Double, Options{})
	if _, other := Devices(); !errors.Is(err, ErrAbsent) || !errors.Is(other, ErrAbsent) || !strings.Contains(err.Error(), "make cuda") {
		t.Errorf("%v, %v", err, other)
	}
}
