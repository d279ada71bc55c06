package graph

import (
	"fmt"
)

// take adds the rows of a block to the graph, and returns what is wrong behind them.
func (t *csvTable) take(r *csvRows) error {
	t.numbers = t.numbers[:0]
	for _, x := range r.texts {
		t.numbers = append(t.numbers, t.g.texts.hashed(x.hash, r.bytes[x.from:x.to]))
	}
	where := uint8(onNode)
	if t.form.edge {
		where = onEdge
	}
	for _, k := range r.keys {
		t.g.appears(k, where)
	}
	for i := range r.attrs {
		if a := &r.attrs[i]; Kind(a.key&3) == String {
			a.lo = t.numbers[a.lo]
		}
	}
	if t.form.edge {
		t.takeEdges(r)
	} else if err := t.takeNodes(r); err != nil {
		return err
	}
	t.g.attrs.addAll(r.attrs)
	return r.err
}

// spanOf says where the attributes of a row will be that begin at first, and moves on.
func (r *csvRow) spanOf(first *uint32, edge bool) (s span) {
	if r.attrs > 0 {
		s.first, s.count = *first, r.attrs
		*first += r.attrs
	}
	s.place(int(r.line), 1, edge)
	return s
}

func (t *csvTable) takeNodes(r *csvRows) error {
	first := uint32(t.g.attrs.n)
	for i := range r.rows {
		row := &r.rows[i]
		n, added := t.g.addNode(t.numbers[row.ends[0]])
		if !added {
			return fmt.Errorf("%s:%d:1: node id %q stands twice: it is at %s too", t.g.name, row.line, t.g.id(n), t.g.Node(n).Where())
		}
		t.g.nodes.at(n).span = row.spanOf(&first, false)
	}
	return nil
}

func (t *csvTable) takeEdges(r *csvRows) {
	base, first := t.g.edges.n, uint32(t.g.attrs.n)
	for i := range r.rows {
		row := &r.rows[i]
		t.g.edges.add(edgeRecord{row.ends[0], row.ends[1], row.spanOf(&first, true)})
	}
	for _, n := range r.names {
		t.g.nameEdge(base+n.row, n.key)
	}
	if r.lost != nil && t.lost == nil {
		t.lost = r.lost
		t.lost.row += base
	}
}

// nodeOf returns the node of an id, or -1. The nodes are all there when edges are read.
func (t *csvTable) nodeOf(id []byte) int32 {
	if n, ok := t.ids.find(id); ok {
		return t.g.nodeOfText(n)
	}
	return -1
}

// resolved ends the reading of a table.
func (t *csvTable) resolved() error {
	if !t.form.edge {
		return nil
	}
	if e := t.lost; e != nil {
		return t.g.noNode(e.row, e.source, e.target)
	}
	t.g.dropUsualNames()
	return nil
}

// clear takes all that has been read of the table out of the graph, save texts.
func (t *csvTable) clear() {
	t.lost = nil
	if !t.form.edge {
		*t.g = *emptyTables(t.g.name, t.g.edgeFile)
		return
	}
	g := t.g
	g.edges, g.edgeKeys, g.named = column[edgeRecord]{}, nil, nil
	g.attrs.cut(t.attrs)
	for k := range g.seen {
		g.seen[k] &^= onEdge
	}
}
