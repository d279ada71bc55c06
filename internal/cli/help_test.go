package cli

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestHelp prints every topic and the help of every command.
func TestHelp(t *testing.T) {
	dir := t.TempDir()
	list := mustRun(t, dir, 0, "help").out
	for _, topic := range topics() {
		if !strings.Contains(list, "  "+topic.name+" ") {
			t.Errorf("the list lacks %s:\n%s", topic.name, list)
		}
		if out := mustRun(t, dir, 0, "help", topic.name).out; len(out) < 200 {
			t.Errorf("topic %s: %s", topic.name, out)
		}
	}
	for _, c := range newRoot().Commands() {
		if out := mustRun(t, dir, 0, "help", c.Name()).out; !strings.Contains(out, "Usage:\n  nkrun "+c.Name()) {
			t.Errorf("help of %s:\n%s", c.Name(), out)
		}
	}
	if out := mustRun(t, dir, 0, "help", "gen", "generic").out; !strings.Contains(out, "--lpu") {
		t.Errorf("help of gen generic:\n%s", out)
	}
}

// TestTopicsSayWhatIsSo holds texts that are written by hand against what they are about.
func TestTopicsSayWhatIsSo(t *testing.T) {
	dir := t.TempDir()
	codes := mustRun(t, dir, 0, "help", "exit-codes").out
	for _, code := range []int{0, exitFailed, exitUsage, exitStopped} {
		if !strings.Contains(codes, fmt.Sprintf("\n  %-3d  ", code)) {
			t.Errorf("no code %d in\n%s", code, codes)
		}
	}
	for _, line := range strings.Split(mustRun(t, dir, 0, "help", "selectors").out, "\n") {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "/") && !strings.HasPrefix(line, "(") {
			continue
		}
		selector, meaning, _ := strings.Cut(line, "  ")
		if strings.Contains(selector, "*") {
			continue
		}
		ports := strings.TrimSpace(mustRun(t, dir, 0, "ports", selector).out)
		if both := strings.ReplaceAll(ports, "\n", " and "); strings.Contains(meaning, ": /") && !strings.Contains(meaning, both) {
			t.Errorf("%s names %s, not what the topic says: %s", selector, both, meaning)
		}
	}
}

// TestCompletion asks as a shell does.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"models", "Leaky"}, "LeakyIAF\n"},
		{[]string{"help", ""}, "selectors\n"},
		{[]string{"con"}, "convert\t"},
		{[]string{"run", "--without", "share,me"}, "share,merge\n"},
		{[]string{"run", "--log-level", ""}, "warn\n"},
		{[]string{"run", ""}, "yaml\nyml\n:8\n"},
		{[]string{""}, "yaml\nyml\n:8\n"},
		{[]string{"check", ""}, "yaml\nyml\n:8\n"},
		{[]string{"diff", "a.h5", ""}, "h5\n:8\n"},
		{[]string{"diff", "a.h5", "b.h5", ""}, ":4\n"},
		{[]string{"info", ""}, "gexf\n"},
	} {
		if out := mustRun(t, dir, 0, append([]string{"__complete"}, c.args...)...).out; !strings.Contains(out, c.want) {
			t.Errorf("%q completes to\n%s\nwant %q", c.args, out, c.want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if out := mustRun(t, dir, 0, "completion", shell).out; !strings.Contains(out, "nkrun") {
			t.Errorf("no script for %s", shell)
		}
	}
}

// TestColours: errors have colours on a terminal, but not in files, and not for those who don't want them.
func TestColours(t *testing.T) {
	dir := t.TempDir()
	if r := nkrun(t, dir, 0, "chek"); strings.Contains(r.errOut, "\x1b") {
		t.Errorf("colours in a file: %q", r.errOut)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]bool{"NO_COLOR=": true, "NO_COLOR=1": false} {
		c := exec.Command("script", "-qec", self+" chek", "/dev/null") // which makes a terminal
		c.Dir = dir
		c.Env = append(os.Environ(), asCommand+"=1", "TERM=xterm", setting)
		out, _ := c.CombinedOutput() // fails as nkrun does
		if got := bytes.Contains(out, []byte(red+"nkrun:"+plain)); got != want || !bytes.Contains(out, []byte(`did you mean "check"?`)) {
			t.Errorf("%s: it says %q", setting, out)
		}
	}
}

// TestWaiting tells once it takes long, and clears the line at the end.
func TestWaiting(t *testing.T) {
	var out bytes.Buffer
	tick := make(chan time.Time)
	done := tellWaiting(&out, func(since time.Duration) string { return fmt.Sprintf("reading big.gexf, %.0f s", since.Seconds()) }, tick)
	tick <- time.Now().Add(time.Second)
	tick <- time.Now().Add(2 * time.Second)
	done()
	if got, want := out.String(), "\rreading big.gexf, 1 s\x1b[K\rreading big.gexf, 2 s\x1b[K\r\x1b[K"; got != want {
		t.Errorf("it writes %q, want %q", got, want)
	}
	out.Reset()
	tellWaiting(&out, func(time.Duration) string { return "x" }, tick)()
	if out.Len() > 0 {
		t.Errorf("it writes %q though there was nothing to wait for", &out)
	}
}

// TestNearNames: messages name files below the working directory without it, and others as they are.
func TestNearNames(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for text, want := range map[string]string{
		"LPU a: " + dir + "/sub/x.gexf:3:1: bad": "LPU a: sub/x.gexf:3:1: bad",
		dir + "/a.h5 and \"" + dir + "/b.h5\"":   "a.h5 and \"b.h5\"",
		"/mnt" + dir + "/a.h5":                   "/mnt" + dir + "/a.h5",
		dir + "2/a.h5, " + dir:                   dir + "2/a.h5, " + dir,
		"nothing":                                "nothing",
	} {
		if got := nearNames(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
