// Package logline writes log records as lines for people: time, level, the LPU, rank and step they come from, message.
//
//	log := slog.New(logline.New(os.Stderr, slog.LevelInfo))
//	log.With("lpu", "lpu_0", "rank", 1).Info("rates read as 1/s")
//	// 15:04:05 INFO  [lpu_0 rank 1] rates read as 1/s
package logline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
)

// Handler is a slog.Handler. Each record is one write, so that lines of several ranks don't mix.
type Handler struct {
	mu    *sync.Mutex
	w     io.Writer
	level slog.Leveler
	file  io.Writer     // takes records too, with their date, or nil
	least slog.Leveler  // of file
	step  *atomic.Int64 // a step to tag records with, or nil
	lpu   string
	rank  string
	attrs string
}

// New returns a handler that writes records of at least a level.
func New(w io.Writer, level slog.Leveler) *Handler {
	return &Handler{mu: &sync.Mutex{}, w: w, level: level}
}

// Also returns a handler that writes records of at least a level to a file, too, with their date. All of the handlers made from
// it share the file.
func (h *Handler) Also(file io.Writer, level slog.Leveler) *Handler {
	c := *h
	c.file, c.least = file, level
	return &c
}

// WithStep returns a handler that tags records with the number that step holds when they are made.
func (h *Handler) WithStep(step *atomic.Int64) *Handler {
	c := *h
	c.step = step
	return &c
}

// Enabled implements slog.Handler.
func (h *Handler) Enabled(_ context.Context, l slog.Level) bool {
	return l >= h.level.Level() || h.file != nil && l >= h.least.Level()
}

// Handle implements slog.Handler.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%-5s ", r.Level)
	var tag []string
	if h.lpu != "" {
		tag = append(tag, h.lpu)
	}
	if h.rank != "" {
		tag = append(tag, "rank "+h.rank)
	}
	if h.step != nil {
		tag = append(tag, fmt.Sprintf("step %d", h.step.Load()))
	}
	if len(tag) > 0 {
		fmt.Fprintf(&b, "[%s] ", strings.Join(tag, " "))
	}
	b.WriteString(r.Message)
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %s=%v", a.Key, a.Value)
		return true
	})
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	if r.Level >= h.level.Level() {
		_, err := io.WriteString(h.w, r.Time.Format("15:04:05 ")+b.String())
		errs = append(errs, err)
	}
	if h.file != nil && r.Level >= h.least.Level() {
		_, err := io.WriteString(h.file, r.Time.Format("2006-01-02 15:04:05 ")+b.String())
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// WithAttrs implements slog.Handler. The attributes lpu and rank become the tag in front of the message.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	for _, a := range attrs {
		switch a.Key {
		case "lpu":
			c.lpu = a.Value.String()
		case "rank":
			c.rank = a.Value.String()
		default:
			c.attrs += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		}
	}
	return &c
}

// WithGroup implements slog.Handler; groups are not shown.
func (h *Handler) WithGroup(string) slog.Handler { return h }
