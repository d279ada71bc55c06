package graph

import (
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/nkrun/nkrun/internal/h5"
)

// The names in an HDF5 file of a graph. Attributes of the datasets tell what HDF5 itself does not.
const (
	h5Attributes = "/attributes" // group: a dataset for each attribute, with a value for each row
	h5Present    = "/present"    // group: 1 for rows that have the attribute, where the values don't tell
	h5Name       = "name"        // attribute's name, where a dataset cannot bear it
	h5Type       = "type"        // bool, where truth values are 0 and 1
	h5Order      = "order"       // which column it is
)

// h5Block is how many rows are written or read at once.
const h5Block = 1 << 14

// maxH5Text bounds the size of a column of texts, all of which are as long as the longest.
const maxH5Text = 1 << 32

// WriteHDF5 writes the graph as tables in HDF5, which h5py reads: /nodes with id, /edges with source and target, and in the
// groups attributes of both, a dataset for each attribute with a value for each node or edge. Nodes without an attribute
// have NaN or an empty text there; where that would not be plain, a dataset of the same name in the group present has 1 for
// those that have the attribute and 0 for the others. The file appears under its name only once it is complete.
func (g *Graph) WriteHDF5(path string) (err error) {
	a, err := newAside(path)
	if err != nil {
		return err
	}
	defer a.drop()
	if err := a.Close(); err != nil { // the library opens it by its name
		return cannotWrite(path, err)
	}
	f, err := h5.Create(a.Name())
	if err != nil {
		return cannotWrite(path, err)
	}
	defer f.Close()
	w := &h5Writer{File: f, g: g}
	if err := w.graph(); err != nil {
		return cannotWrite(path, err)
	}
	if err := f.Close(); err != nil {
		return cannotWrite(path, err)
	}
	if a.File, err = os.OpenFile(a.Name(), os.O_RDWR, 0); err != nil {
		return cannotWrite(path, err)
	}
	if err := a.finish(); err != nil {
		return err
	}
	return a.appear()
}

// h5Writer writes one graph.
type h5Writer struct {
	*h5.File
	g *Graph
}

func (w *h5Writer) graph() error {
	if err := w.PutAttrString("/", h5Name, w.g.title); err != nil {
		return err
	}
	for class := range 2 {
		n, table := w.g.rows(class)
		table = "/" + table
		for _, group := range []string{table, table + h5Attributes, table + h5Present} {
			if err := w.CreateGroup(group); err != nil {
				return err
			}
		}
		for _, end := range w.ends(class) {
			texts := make([]string, n)
			for i := range texts {
				texts[i] = w.g.id(end.node(i))
			}
			if err := w.texts(table+end.name, texts); err != nil {
				return err
			}
		}
		links := map[string]bool{}
		for k, c := range w.g.typedColumns(class) {
			if err := w.column(class, table, linkName(c, links), k, c); err != nil {
				return fmt.Errorf("attribute %q of %s: %w", c.name, table[1:], err)
			}
		}
	}
	return nil
}

// h5End is a dataset of ids.
type h5End struct {
	name string
	node func(row int) int
}

func (w *h5Writer) ends(class int) []h5End {
	if class == forNodes {
		return []h5End{{"/id", func(i int) int { return i }}}
	}
	return []h5End{
		{"/source", func(i int) int { return int(w.g.edges.at(i).from) }},
		{"/target", func(i int) int { return int(w.g.edges.at(i).to) }},
	}
}

// linkName returns a name for the dataset of a column, its own as far as HDF5 lets, which separates groups by slashes.
func linkName(c typedColumn, taken map[string]bool) string {
	name := strings.ReplaceAll(c.name, "/", "_")
	if name == "" || name == "." {
		name = "_"
	}
	if taken[name] {
		name += ":" + c.kind.String()
	}
	for taken[name] {
		name += "_"
	}
	taken[name] = true
	return name
}

// column writes one column.
func (w *h5Writer) column(class int, table, link string, order int, c typedColumn) error {
	dataset := table + h5Attributes + "/" + link
	values, plain := w.values(class, c)
	var err error
	switch c.kind {
	case String:
		err = w.texts(dataset, textsOf(values))
	case Float:
		err = numbers(w, dataset, h5.Float64, values, floatOf, (*h5.Dataset).AppendFloat64)
	case Int:
		err = numbers(w, dataset, h5.Int64, values, intOf, (*h5.Dataset).AppendInt64)
	case Bool:
		if err = numbers(w, dataset, h5.Int32, values, truthOf, (*h5.Dataset).AppendInt32); err == nil {
			err = w.PutAttrString(dataset, h5Type, c.kind.String())
		}
	}
	if err == nil && link != c.name {
		if err = expressible(c.name); err == nil {
			err = w.PutAttrString(dataset, h5Name, c.name)
		}
	}
	if err == nil {
		err = w.PutAttrInt64(dataset, h5Order, int64(order))
	}
	if err != nil || plain {
		return err
	}
	for i, v := range values {
		values[i] = BoolValue(!v.IsZero())
	}
	return numbers(w, table+h5Present+"/"+link, h5.Int32, values, truthOf, (*h5.Dataset).AppendInt32)
}

// values returns a column as values, and whether a reader can tell from them what is missing.
func (w *h5Writer) values(class int, c typedColumn) (values []Value, plain bool) {
	n, _ := w.g.rows(class)
	values = make([]Value, n)
	get := func(i int) Value { return w.g.row(class, i).Get(c.key) }
	if c.key == NoKey {
		get = w.g.keysOfEdges().of
	}
	missing, odd := false, false
	for i := range values {
		v := get(i)
		if v.IsZero() || v.Kind() != c.kind {
			missing = true
			continue
		}
		values[i] = v
		odd = odd || looksMissing(v)
	}
	return values, !odd && (!missing || c.kind == Float || c.kind == String)
}

// looksMissing tells whether a value that is there would be taken for one that is missing.
func looksMissing(v Value) bool {
	x, number := v.Number()
	return v.Kind() == String && v.Text() == "" || v.Kind() == Float && number && math.IsNaN(x)
}

// textsOf returns values as texts, an empty one for those that are missing.
func textsOf(values []Value) []string {
	texts := make([]string, len(values))
	for i, v := range values {
		if !v.IsZero() {
			texts[i] = v.Text()
		}
	}
	return texts
}

// texts writes a dataset of texts.
func (w *h5Writer) texts(dataset string, texts []string) error {
	longest := 0
	for _, t := range texts {
		if err := expressible(t); err != nil {
			return err
		}
		longest = max(longest, len(t))
	}
	if longest*len(texts) > maxH5Text {
		return fmt.Errorf("the longest text has %d bytes, which %d rows cannot all be given: shorten it", longest, len(texts))
	}
	return w.WriteStrings(dataset, texts)
}

// numbers writes a dataset of numbers: of each value what of makes of it, which stands for missing ones, too.
func numbers[T any](w *h5Writer, dataset string, typ h5.Type, values []Value, of func(Value) T, add func(*h5.Dataset, []T, int) error) error {
	d, err := w.Create(dataset, typ, h5.Layout{Rank: 1, Growing: true, ChunkRows: h5Block, Gzip: true})
	if err != nil {
		return err
	}
	block := make([]T, 0, min(h5Block, len(values)))
	for from := 0; from < len(values); from += h5Block {
		block = block[:0]
		for _, v := range values[from:min(from+h5Block, len(values))] {
			block = append(block, of(v))
		}
		if err := add(d, block, len(block)); err != nil {
			return err
		}
	}
	return d.Close()
}

func floatOf(v Value) float64 {
	if x, ok := v.Number(); ok {
		return x
	}
	return math.NaN()
}

func intOf(v Value) int64 {
	n, _ := v.Int()
	return n
}

func truthOf(v Value) int32 {
	x, _ := v.Number()
	return int32(x)
}
