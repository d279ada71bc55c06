package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// blocks returns the code blocks of a page, in order, as pairs of language and text.
func blocks(t *testing.T, page string) [][2]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for _, m := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		out = append(out, [2]string{m[1], m[2]})
	}
	return out
}

// python runs a script with the system's Python, which has networkx and h5py.
func python(t *testing.T, dir, script string) string {
	t.Helper()
	c := exec.Command("/usr/bin/python3", "-c", script)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("python: %v\n%s\n%s", err, script, out)
	}
	return string(out)
}

// TestGraphsPage does what the page on writing graphs says: writes the graph with networkx, runs it, and reads the recording
// with h5py.
func TestGraphsPage(t *testing.T) {
	dir := t.TempDir()
	code := blocks(t, "graphs.md")
	if len(code) < 4 {
		t.Fatalf("%d code blocks", len(code))
	}
	python(t, dir, code[0][1])
	write(t, dir, "config.yaml", code[1][1])
	if r := mustRun(t, dir, 0, "config.yaml"); strings.Contains(r.errOut, "WARN") {
		t.Errorf("the example warns:\n%s", r.errOut)
	}
	out := python(t, dir, code[3][1])
	if !regexp.MustCompile(`^\d+ spikes; n1 goes from -52\.1 mV up to -?\d+\.\d mV\n$`).MatchString(out) || strings.HasPrefix(out, "0 ") {
		t.Errorf("h5py prints %q", out)
	}
}

// readme prepares a folder in which the configuration that README explains runs, and returns that configuration.
func readme(t *testing.T) (dir, text string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	if m == nil {
		t.Fatal("README has no configuration")
	}
	dir = example(t, "generic")
	for _, i := range []string{"0", "1"} {
		mustRun(t, dir, 0, "gen", "generic", "--seed", i, "--lpu", "lpu_"+i, "generic_lpu_"+i+".gexf.gz", "generic_lpu_"+i+"_input.h5")
	}
	return dir, string(m[1])
}

// TestReadmeConfiguration runs the configuration that README explains.
func TestReadmeConfiguration(t *testing.T) {
	dir, text := readme(t)
	write(t, dir, "readme.yaml", text)
	mustRun(t, dir, 0, "readme.yaml")
	if n := len(spikesOf(t, filepath.Join(dir, "lpu_0_output.h5"))); n == 0 {
		t.Error("the neurons that README records never spike")
	}
}
