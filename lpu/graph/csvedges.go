package graph

import (
	"errors"
	"sync/atomic"
)

// edgesAhead reads a table of edges beside the table of nodes, where it holds nothing but the ends of edges: large circuits are
// mostly that. It goes into a graph of its own, whose texts are numbered apart.
type edgesAhead struct {
	g    *Graph
	done chan error
	stop atomic.Bool // nobody waits for it any more
}

var (
	errMore    = errors.New("edges have attributes")
	errStopped = errors.New("stopped")
)

// readEdgesAhead begins to read.
func readEdgesAhead(nodes, edges string) *edgesAhead {
	a := &edgesAhead{g: New(nodes), done: make(chan error, 1)}
	a.g.edgeFile = edges
	go func() {
		a.done <- withTable(a.g, edges, &edgeTable, func(p *csvReader) error {
			for _, c := range p.columns {
				if c.end < 0 {
					return errMore
				}
			}
			p.stop = &a.stop
			return p.load()
		})
	}()
	return a
}

// into moves the edges to the graph that has the nodes. It tells whether it could: where edges have attributes, nothing is done.
func (a *edgesAhead) into(g *Graph) (bool, error) {
	switch err := <-a.done; {
	case errors.Is(err, errMore):
		return false, nil
	case err != nil:
		return true, err
	}
	number := make([]int32, a.g.texts.strs.n)
	for i := range number {
		number[i] = int32(g.texts.numberOf(*a.g.texts.strs.at(i)))
	}
	g.edges = a.g.edges
	for i := range g.edges.n {
		e := g.edges.at(i)
		e.from, e.to = number[e.from], number[e.to]
	}
	return true, nil
}
