package broker

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// TestMissedCheckpoints: where every checkpoint fails, the log is not filled with it, and one that succeeds begins anew.
func TestMissedCheckpoints(t *testing.T) {
	var log bytes.Buffer
	k := &keeper{job: Job{Log: slog.New(slog.NewTextHandler(&log, nil))}, saving: -1, whole: -1}
	told := func() int {
		defer log.Reset()
		return strings.Count(log.String(), "is not written (there is none before it): no space left")
	}
	for step := range 1000 {
		k.failed(step, errors.New("no space left"))
	}
	if n := told(); n != 10 {
		t.Errorf("1000 checkpoints in a row that fail are told %d times, want 10", n)
	}
	k.missed = 0
	if k.failed(1000, errors.New("no space left")); told() != 1 {
		t.Error("the first one that fails after that is not told")
	}
}
