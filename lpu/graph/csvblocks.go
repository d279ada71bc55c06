package graph

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// errWider says that a column holds more than it seemed to when rows of it went into the graph.
var errWider = errors.New("a column is of another type than it seemed")

// mostScanners is as many as the graph can take rows of.
const mostScanners = 8

// readTable adds the nodes or edges of a table to a graph. The type of a column is what its first cells tell, and only where later
// ones tell otherwise is the table read again.
func readTable(g *Graph, path string, form *tableForm) error {
	t := &csvTable{form: form, g: g, path: path, attrs: g.attrs.n}
	err := t.blocks(t.take, false)
	if errors.Is(err, errWider) {
		if err = t.blocks(func(r *csvRows) error { return r.err }, true); err != nil {
			return err
		}
		t.clear()
		if err = t.blocks(t.take, false); errors.Is(err, errWider) {
			return fmt.Errorf("%s: the file changed while it was read", path)
		}
	}
	if err != nil {
		return err
	}
	return t.resolved()
}

// blocks reads a table block by block, on all processors, and calls take in the order of the file. To learn is to accept that columns
// get wider.
func (t *csvTable) blocks(take func(*csvRows) error, learn bool) error {
	if err := t.open(); err != nil {
		return err
	}
	defer t.Close()
	workers := min(runtime.GOMAXPROCS(0), mostScanners)
	ahead := 2*workers + 2
	free, work, order := make(chan *csvRows, ahead), make(chan *csvRows, ahead), make(chan *csvRows, ahead)
	for range ahead {
		free <- &csvRows{done: make(chan struct{}, 1)}
	}
	var kinds atomic.Pointer[[]columnKind] // what is known of columns so far
	known := slices.Clone(t.kinds)
	kinds.Store(&known)
	var busy sync.WaitGroup
	defer busy.Wait()
	quit := make(chan struct{})
	defer close(quit)
	busy.Go(func() { t.cut(free, work, order, quit) })
	for range workers {
		busy.Go(func() {
			s := t.rowScanner()
			for r := range work {
				s.scan(r, *kinds.Load())
				r.done <- struct{}{}
			}
		})
	}
	again := t.rowScanner()
	for r := range order {
		<-r.done
		more, wider, misfit := t.widen(r.kinds)
		if wider && !learn {
			return errWider
		}
		if more {
			now := slices.Clone(t.kinds)
			kinds.Store(&now)
		}
		if misfit {
			again.scan(r, t.kinds)
		}
		if err := take(r); err != nil {
			return err
		}
		free <- r
	}
	return t.failed
}

// widen adds what a block says to what is known of columns. It tells whether that is more than before, whether a column holds more
// than it seemed to, and whether the block took one for less than it is.
func (t *csvTable) widen(block []columnKind) (more, wider, misfit bool) {
	for i, b := range block {
		was := t.kinds[i]
		now := was.with(b)
		t.kinds[i] = now
		more = more || now != was
		wider = wider || was.seen && now != was
		misfit = misfit || b.seen && b != now
	}
	return more, wider, misfit
}

// cut hands out the blocks of a table, to be worked out and to be taken.
func (t *csvTable) cut(free <-chan *csvRows, work, order chan<- *csvRows, quit <-chan struct{}) {
	defer close(order)
	defer close(work)
	for {
		select {
		case <-quit:
			return
		case r := <-free:
			if err := t.Block(&r.block); err != nil {
				if !errors.Is(err, io.EOF) {
					t.failed = err
				}
				return
			}
			work <- r
			order <- r
		}
	}
}

func (t *csvTable) rowScanner() *rowScanner {
	return &rowScanner{Scanner: t.Beside(), t: t, states: make([]columnState, len(t.columns))}
}
