package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/h5"
)

// readHDF5 reads a graph from tables in HDF5, as WriteHDF5 describes them. Ids may be texts or integers.
func readHDF5(path string) (*Graph, error) {
	f, err := h5.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := &h5Reader{File: f, g: New(path)}
	if !holdsGraph(f) {
		return nil, p.errorf("this HDF5 file has no nodes/id, expected a graph as nkrun convert writes it (recordings and inputs are no graphs)")
	}
	if title, ok, err := f.Attr("/", h5Name); err == nil && ok && len(title.Strings) == 1 {
		p.g.title = title.Strings[0]
	}
	if err := p.table(forNodes, "/nodes", "/id"); err != nil {
		return nil, err
	}
	if f.Has("/", "edges") {
		if err := p.table(forEdges, "/edges", "/source", "/target"); err != nil {
			return nil, err
		}
	}
	return p.g, p.g.resolve()
}

// IsHDF5 tells whether a file is HDF5 and holds a graph: not a recording, and not an input.
func IsHDF5(path string) bool {
	f, err := h5.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return holdsGraph(f)
}

func holdsGraph(f *h5.File) bool { return f.Has("/", "nodes") && f.Has("/nodes", "id") }

// h5Reader reads one graph.
type h5Reader struct {
	*h5.File
	g *Graph
}

func (p *h5Reader) errorf(format string, args ...any) error {
	return errors.New(p.Path() + ": " + fmt.Sprintf(format, args...))
}

// table adds the nodes or the edges to the graph, a block of rows at a time, so that the attributes of each lie together.
func (p *h5Reader) table(class int, table string, ends ...string) error {
	ids := make([]*h5Column, len(ends))
	n := 0
	for k, end := range ends {
		c, err := p.open(table+end, h5Column{ids: true})
		if err != nil {
			return err
		}
		if k > 0 && c.Rows() != n {
			return p.errorf("%s has %d values, but %s has %d", c.Name(), c.Rows(), ids[0].Name(), n)
		}
		ids[k], n = c, c.Rows()
	}
	columns, err := p.columns(class, table, n)
	if err != nil {
		return err
	}
	all := append(slices.Clone(ids), columns...)
	for from := 0; from < n; from += h5Block {
		rows := min(h5Block, n-from)
		for _, c := range all {
			if err := c.load(from, rows); err != nil {
				return err
			}
		}
		for i := range rows {
			if err := p.row(class, ids, columns, i, from+i); err != nil {
				return err
			}
		}
	}
	return nil
}

// row adds one node or edge: row i of the block, row number of the table.
func (p *h5Reader) row(class int, ids, columns []*h5Column, i, number int) error {
	var at *span
	where := uint8(onNode)
	if class == forEdges {
		where = onEdge
		p.g.edges.add(edgeRecord{from: int32(p.g.text(ids[0].id(i))), to: int32(p.g.text(ids[1].id(i)))})
		at = &p.g.edges.at(p.g.edges.n - 1).span
	} else {
		n, added := p.g.addNode(p.g.text(ids[0].id(i)))
		if !added {
			return p.errorf("row %d of %s: node id %q stands twice, it is in row %d too", number, ids[0].Name(), p.g.id(n), n)
		}
		at = &p.g.nodes.at(n).span
	}
	for _, c := range columns {
		if !c.has(i) {
			continue
		}
		if c.kind == String && c.key != NoKey {
			p.g.setText(at, c.key, p.g.text(c.text(i)), where)
			continue
		}
		if c.key == NoKey {
			p.g.nameEdge(p.g.edges.n-1, c.value(i))
			continue
		}
		p.g.set(at, c.key, c.value(i), where)
	}
	return nil
}

// columns opens the attributes of a table of n rows, in their order.
func (p *h5Reader) columns(class int, table string, n int) ([]*h5Column, error) {
	group := table + h5Attributes
	if !p.Has(table, h5Attributes[1:]) {
		return nil, nil
	}
	links, err := p.Names(group)
	if err != nil {
		return nil, err
	}
	var columns []*h5Column
	for _, link := range links {
		c, err := p.open(group+"/"+link, h5Column{order: int64(len(links))})
		if err != nil {
			return nil, err
		}
		if c.Rows() != n {
			return nil, p.errorf("%s has %d values, but there are %d %s", c.Name(), c.Rows(), n, table[1:])
		}
		if p.Has(table, h5Present[1:]) && p.Has(table+h5Present, link) {
			if c.present, err = p.open(table+h5Present+"/"+link, h5Column{}); err != nil {
				return nil, err
			}
			if c.present.Rows() != n || c.present.Class != h5.ClassInteger {
				return nil, p.errorf("%s holds %d values of %s, expected a 1 or 0 for each of %d %s", c.present.Name(), c.present.Rows(), c.present.Type, n, table[1:])
			}
			c.present.kind = Bool
		}
		name := link
		if a, ok, err := p.Attr(c.Name(), h5Name); err != nil {
			return nil, err
		} else if ok && len(a.Strings) == 1 {
			name = a.Strings[0]
		}
		if a, ok, err := p.Attr(c.Name(), h5Order); err != nil {
			return nil, err
		} else if ok && len(a.Ints) == 1 {
			c.order = a.Ints[0]
		}
		columns = append(columns, c)
		c.name = name
	}
	slices.SortStableFunc(columns, func(a, b *h5Column) int { return int(a.order - b.order) })
	for _, c := range columns {
		c.key = NoKey
		if class != forEdges || c.name != networkxKey {
			c.key = p.g.intern(c.name)
		}
	}
	return columns, nil
}

// open opens one column, whose type the dataset tells, or else its attribute type.
func (p *h5Reader) open(name string, c h5Column) (*h5Column, error) {
	if k, err := p.Kind(name); err != nil {
		return nil, err
	} else if k != h5.KindDataset {
		return nil, p.errorf("%s is a group, expected a dataset of one value a row", name)
	}
	d, err := p.Dataset(name)
	if err != nil {
		return nil, err
	}
	c.Dataset = d
	stated := ""
	if a, ok, err := p.Attr(name, h5Type); err != nil {
		return nil, err
	} else if ok && len(a.Strings) == 1 {
		stated = a.Strings[0]
	}
	switch {
	case len(d.Dims) != 1 || d.Class == h5.ClassOther || c.ids && d.Class == h5.ClassFloat:
		what := "numbers or texts"
		if c.ids {
			what = "texts or integers"
		}
		return nil, p.errorf("%s holds %s of shape %s, expected a list of %s", name, d.Type, d.Shape(), what)
	case d.Class == h5.ClassString:
		c.kind = String
	case d.Class == h5.ClassFloat:
		c.kind = Float
	case stated == Bool.String() || strings.HasPrefix(d.Type, "enumeration"): // by which h5py writes truth values
		c.kind = Bool
	default:
		c.kind = Int
	}
	if d.Type == "uint64" {
		return nil, p.errorf("%s holds uint64, expected int64 or a smaller type", name)
	}
	if d.Vlen {
		c.texts, err = d.ReadStrings()
	}
	return &c, err
}
