package logline

import (
	"bytes"
	"log/slog"
	"regexp"
	"sync/atomic"
	"testing"
)

func TestHandler(t *testing.T) {
	var out bytes.Buffer
	var step atomic.Int64
	step.Store(7)
	h := New(&out, slog.LevelInfo)
	slog.New(h).Warn("plain", "n", 3)
	slog.New(h.WithStep(&step)).With("lpu", "m1", "rank", 2, "x", "y").Info("tagged")
	slog.New(h).Debug("not shown")
	var file bytes.Buffer
	also := slog.New(h.Also(&file, slog.LevelDebug))
	also.With("lpu", "m2").Debug("in the file only")
	also.Info("in both")
	if want := `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d DEBUG \[m2\] in the file only\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO  in both\n$`; !regexp.MustCompile(want).MatchString(file.String()) {
		t.Errorf("the file has %q, want %s", file.String(), want)
	}
	want := `^\d\d:\d\d:\d\d WARN  plain n=3\n\d\d:\d\d:\d\d INFO  \[m1 rank 2 step 7\] tagged x=y\n\d\d:\d\d:\d\d INFO  in both\n$`
	if !regexp.MustCompile(want).MatchString(out.String()) {
		t.Errorf("got %q, want %s", out.String(), want)
	}
}
