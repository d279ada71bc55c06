package broker

import (
	"fmt"
	"time"

	"github.com/nkrun/nkrun/internal/config"
)

// progress shows how far a run is: on a terminal as one line that is written over, otherwise in the log now and then.
type progress struct {
	job     Job
	steps   int
	dt      float64
	last    time.Time
	logged  time.Time
	written bool
}

const (
	redrawEvery = 200 * time.Millisecond
	logEvery    = 10 * time.Second
)

func newProgress(job Job, cfg *config.Config) *progress {
	return &progress{job: job, steps: cfg.Steps, dt: cfg.DT, logged: time.Now()}
}

func (p *progress) update(done int, elapsed time.Duration) {
	now := time.Now()
	switch {
	case p.job.Progress != nil && now.Sub(p.last) >= redrawEvery:
		p.last, p.written = now, true
		fmt.Fprintf(p.job.Progress, "\r%s\x1b[K", p.line(done, elapsed))
	case p.job.Progress == nil && now.Sub(p.logged) >= logEvery:
		p.logged = now
		p.job.Log.Info(p.line(done, elapsed))
	}
}

// end leaves the terminal with a clean line and logs the result.
func (p *progress) end(done int, elapsed time.Duration) {
	if p.written {
		fmt.Fprint(p.job.Progress, "\r\x1b[K")
	}
	p.job.Log.Info(p.line(done, elapsed))
}

// line says percent, speed, and time left.
func (p *progress) line(done int, elapsed time.Duration) string {
	s := elapsed.Seconds()
	text := fmt.Sprintf("step %d of %d", done, p.steps)
	if p.steps > 0 {
		text = fmt.Sprintf("%3d %%, ", 100*done/p.steps) + text
	}
	if done == 0 || s <= 0 {
		return text
	}
	rate := float64(done) / s
	text += fmt.Sprintf(", %.0f steps/s, %.3g s simulated in %.3g s (%.3g times real time)", rate, float64(done)*p.dt, s, float64(done)*p.dt/s)
	if left := float64(p.steps-done) / rate; done < p.steps {
		text += fmt.Sprintf(", %s left", (time.Duration(left * float64(time.Second))).Round(time.Second))
	}
	return text
}
