//go:build nvrtc

package cuda

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/cuda/nvrtc"
	"github.com/nkrun/nkrun/lpu/model"
)

// TestLibraryCompiles compiles all built-in models by NVIDIA's compiler, to PTX and for the architectures of the A100 and the H200.
func TestLibraryCompiles(t *testing.T) {
	for _, bits := range []int{64, 32} {
		s, err := LibrarySource(bits)
		if err != nil {
			t.Fatal(err)
		}
		for _, arch := range []string{Architecture, "sm_80", "sm_90"} {
			code, err := nvrtc.Compile(s.Name, s.Text, s.Headers, append([]string{"--gpu-architecture=" + arch}, s.Options...)...)
			if err != nil {
				t.Fatalf("%d bits, %s: %v", bits, arch, err)
			}
			if arch == Architecture {
				// A cache for what no kernel writes would not see what the same thread has just gathered. What a component works on is in
				// registers, through all steps of a window.
				for _, bad := range []string{".nc.", ".ftz", ".approx", ".local"} {
					if strings.Contains(string(code), bad) {
						t.Errorf("%d bits: there are instructions with %s", bits, bad)
					}
				}
			}
			for _, name := range model.LibraryNames() {
				for _, kind := range []string{"run", "window"} {
					if kernel := fmt.Sprintf("nk_%s_%s_f%d", kind, name, bits); !strings.Contains(string(code), kernel) {
						t.Errorf("%d bits, %s: there is no %s", bits, arch, kernel)
					}
				}
			}
		}
	}
}

// TestOwnCompiles compiles a user's model.
func TestOwnCompiles(t *testing.T) {
	for _, bits := range []int{64, 32} {
		s, err := ownSource(ownModel(t), bits)
		if err != nil {
			t.Fatal(err)
		}
		ptx, err := compiled(s)
		if err != nil {
			t.Fatal(err)
		}
		if kernel := fmt.Sprintf(".entry nk_own_run_AdaptiveIAF_f%d(", bits); !strings.Contains(ptx, kernel) {
			t.Errorf("there is no %s", kernel)
		}
	}
}

// TestRejected checks that the compiler's complaints point at the lines of the model file.
func TestRejected(t *testing.T) {
	s, err := ownSource(ownModel(t), 64)
	if err != nil {
		t.Fatal(err)
	}
	s.Headers["models.h"] = strings.Replace(s.Headers["models.h"], "x_V > x_V_T", "x_V > x_nothing", 1)
	_, err = compiled(s)
	var rejected *nvrtc.Rejected
	if !errors.As(err, &rejected) || !strings.Contains(err.Error(), "AdaptiveIAF.nk(30)") {
		t.Errorf("%v, expected a complaint about AdaptiveIAF.nk(30)", err)
	}
}
