package cli

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestOptimizedEqualsPlain runs the vectors' networks with and without the compiler's passes. Those that there are so far
// promise equal bits.
func TestOptimizedEqualsPlain(t *testing.T) {
	dir := genericFolder(t, good)
	mustRun(t, dir, 0, "config.yaml", "--duration", "0.2", "--out", "optimized")
	mustRun(t, dir, 0, "config.yaml", "--duration", "0.2", "--out", "plain", "--no-optimize")
	mustRun(t, dir, 0, "config.yaml", "--duration", "0.2", "--out", "without", "--without", "share")
	for _, other := range []string{"plain", "without"} {
		for _, file := range []string{"lpu_0.h5", "lpu_1.h5"} {
			mustRun(t, dir, 0, "diff", "--exact", filepath.Join("optimized", file), filepath.Join(other, file))
		}
	}
	if r := nkrun(t, dir, 0, "config.yaml", "--without", "shar"); r.code != exitUsage || !strings.Contains(r.errOut, `unknown pass "shar"; did you mean "share"?`) {
		t.Errorf("code %d: %s", r.code, r.errOut)
	}
	if r := mustRun(t, dir, 0, "check", "--explain", "config.yaml"); !strings.Contains(r.out, "lpu_0, pass share: ") {
		t.Errorf("check --explain prints\n%s", r.out)
	}
}
