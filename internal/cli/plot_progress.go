package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/nkrun/nkrun/internal/plot"
)

// drawing tells on the terminal how far a picture or video is, once it takes long. The function that it returns ends that. quiet
// is for users who want none of it.
func drawing(fig *plot.Figure, file string, quiet bool) (done func()) {
	if quiet || !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	var p drawn
	fig.Progress = p.set
	end := telling(func(since time.Duration) string { return p.line(file, since) })
	return func() {
		end()
		fig.Progress = nil
	}
}

// drawn is how many frames of a video are done, and how many there are; both are 0 until the first is.
type drawn struct{ done, frames atomic.Int64 }

func (p *drawn) set(done, frames int) {
	p.frames.Store(int64(frames))
	p.done.Store(int64(done))
}

// line says how far it is, and what is left as the frames so far let expect.
func (p *drawn) line(file string, since time.Duration) string {
	text := "drawing " + filepath.Base(file)
	done, frames := p.done.Load(), p.frames.Load()
	if done == 0 {
		return fmt.Sprintf("%s, %.0f s", text, since.Seconds())
	}
	left := time.Duration(float64(since) / float64(done) * float64(frames-done))
	return fmt.Sprintf("%s: %d %%, frame %d of %d, %s left", text, 100*done/frames, done, frames, left.Round(time.Second))
}
