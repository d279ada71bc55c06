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
	from    int // the first step
	dt      float64
	lpus    []string // of each rank, for people
	begun   time.Time
	last    time.Time
	logged  time.Time
	written bool
}

const (
	redrawEvery = 200 * time.Millisecond
	logEvery    = 10 * time.Second
)

// newProgress makes the progress of a run that begins with step `from`.
func newProgress(job Job, cfg *config.Config, plan Plan, from int) *progress {
	p := &progress{job: job, steps: cfg.Steps, from: from, dt: cfg.DT, lpus: make([]string, plan.Ranks), begun: time.Now(), logged: time.Now()}
	more := make([]int, plan.Ranks)
	for i := range cfg.LPUs {
		name := cfg.LPUs[i].Name
		if r := plan.RankOf[name]; p.lpus[r] == "" {
			p.lpus[r] = "LPU " + name
		} else {
			more[r]++
		}
	}
	for r, n := range more {
		if n > 0 {
			p.lpus[r] += fmt.Sprintf(" and %d more", n)
		}
	}
	return p
}

// update shows how far the ranks are; least is what all of them have done.
func (p *progress) update(ranks []advance, least int) {
	if p == nil {
		return
	}
	now := time.Now()
	switch {
	case p.job.Progress != nil && now.Sub(p.last) >= redrawEvery:
		p.last, p.written = now, true
		fmt.Fprintf(p.job.Progress, "\r%s\x1b[K", p.line(ranks, least, now.Sub(p.begun)))
	case p.job.Progress == nil && now.Sub(p.logged) >= logEvery:
		p.logged = now
		p.job.Log.Info(p.line(ranks, least, now.Sub(p.begun)))
	}
}

// end leaves the terminal with a clean line and logs the result.
func (p *progress) end(ranks []advance, least int, elapsed time.Duration) {
	if p.written {
		fmt.Fprint(p.job.Progress, "\r\x1b[K")
	}
	p.job.Log.Info(p.line(ranks, least, elapsed))
}

// line says percent, speed, time left, and which rank the others wait for.
func (p *progress) line(ranks []advance, done int, elapsed time.Duration) string {
	s := elapsed.Seconds()
	text := fmt.Sprintf("step %d of %d", done, p.steps)
	if p.steps > 0 {
		text = fmt.Sprintf("%3d %%, ", 100*done/p.steps) + text
	}
	if done == p.from || s <= 0 {
		return text
	}
	rate, simulated := float64(done-p.from)/s, float64(done-p.from)*p.dt
	text += fmt.Sprintf(", %.0f steps/s, %.3g s simulated in %.3g s (%.3g times real time)", rate, simulated, s, simulated/s)
	if left := float64(p.steps-done) / rate; done < p.steps {
		text += fmt.Sprintf(", %s left", (time.Duration(left * float64(time.Second))).Round(time.Second))
	}
	return text + p.slowest(ranks, s)
}

// slowest names the rank whose own LPUs take the most time.
func (p *progress) slowest(ranks []advance, elapsed float64) string {
	slow, working := 0, 0
	for r, a := range ranks {
		if a.Compute > 0 {
			working++
		}
		if a.Compute > ranks[slow].Compute {
			slow = r
		}
	}
	if working < 2 {
		return ""
	}
	return fmt.Sprintf(", slowest rank %d (%s, computes %.0f %% of the time)", slow, p.lpus[slow], min(100*ranks[slow].Compute/elapsed, 100))
}
