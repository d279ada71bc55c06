package hdf5io

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is the system's own interpreter: the packages come from the distribution.
const python = "/usr/bin/python3"

// names returns n uids.
func names(n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("n_%d", i)
	}
	return s
}

// runPython runs a script with h5py and numpy imported and returns what it prints.
func runPython(t testing.TB, script string, args ...string) string {
	t.Helper()
	cmd := exec.Command(python, append([]string{"-c", "import sys, h5py, numpy as np\n" + script}, args...)...)
	cmd.Env = append(os.Environ(), "HDF5_USE_FILE_LOCKING=TRUE")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("python: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// tempFile returns the name of a file that is not there yet.
func tempFile(t testing.TB) string { return filepath.Join(t.TempDir(), "file.h5") }

// mentions fails unless err's text holds every one of the words.
func mentions(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, expected one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q lacks %q", err, w)
		}
	}
}
