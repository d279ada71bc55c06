package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// patience is how long work may take before the user is told that it goes on.
const patience = time.Second

// waiting tells on the terminal that something is being done, once it takes long, and for how long it has. The function that
// it returns ends that and clears the line. Where there is no terminal, in batch logs, nothing is told.
func waiting(what string) (done func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	return telling(func(since time.Duration) string { return fmt.Sprintf("%s, %.0f s", what, since.Seconds()) })
}

// telling is waiting, on a terminal, for work that can say how far it is.
func telling(line func(since time.Duration) string) (done func()) {
	tick := time.NewTicker(patience)
	end := tellWaiting(os.Stderr, line, tick.C)
	return func() {
		tick.Stop()
		end()
	}
}

// tellWaiting writes a line over and over again, at each tick.
func tellWaiting(to io.Writer, line func(since time.Duration) string, tick <-chan time.Time) (done func()) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(stopped)
		shown := false
		for {
			select {
			case now := <-tick:
				shown = true
				fmt.Fprintf(to, "\r%s\x1b[K", line(now.Sub(begun)))
			case <-stop:
				if shown {
					fmt.Fprint(to, "\r\x1b[K")
				}
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}
