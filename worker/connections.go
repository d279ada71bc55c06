package worker

import (
	"fmt"
	"maps"
	"slices"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
	"github.com/nkrun/nkrun/lpu/table"
)

// tables opens the tables of weighted connections of an LPU. They are read while the graph is compiled; done closes them.
func (w *Worker) tables(c *config.LPU, g *graph.Graph) (out []compile.Table, done func(), err error) {
	var opened []*table.Table
	done = func() {
		for _, t := range opened {
			t.Close()
		}
	}
	for i := range c.Connections {
		k := &c.Connections[i]
		t, err := table.Open(table.Spec{
			File: k.File.Abs, Pre: k.Pre.Abs, Post: k.Post.Abs, Weight: k.Weights.Abs, Delay: k.Delays.Abs, Group: k.Group, ByIndex: k.IDs == "index",
			Warn: func(msg string) { w.log(c.Name).Warn(msg) },
		}, g)
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("LPU %s: %w", c.Name, err)
		}
		opened = append(opened, t)
		one, err := w.table(c, k, t)
		if err != nil {
			done()
			return nil, nil, err
		}
		out = append(out, one)
	}
	return out, done, nil
}

// table says what the compiler is to do with one table.
func (w *Worker) table(c *config.LPU, k *config.Table, t *table.Table) (compile.Table, error) {
	out := compile.Table{Name: tableName(k), Where: t.Where, To: k.To.Value, Weight: k.Weight, Delay: k.Delay, Scale: k.Scale}
	out.Rows = func(yield func(compile.Rows) error) error {
		return t.Each(func(ch *table.Chunk) error {
			if err := w.tableColumns(k, t); err != nil {
				return err
			}
			r := compile.Rows{First: ch.First, Pre: ch.Pre, Post: ch.Post}
			if t.HasWeight() {
				r.Weight = ch.Weight
			}
			if t.HasDelay() {
				r.Delay = ch.Delay
			}
			return yield(r)
		})
	}
	if q := k.Plasticity; q != nil { // the rule is stdp: config knows no other
		out.Plastic = &compile.Plasticity{Nearest: q.Pairing == "nearest", APlus: q.APlus, AMinus: q.AMinus, TauPlus: q.TauPlus, TauMinus: q.TauMinus,
			WMin: q.WMin, WMax: q.WMax}
	}
	if k.Synapse == nil {
		return out, nil
	}
	m := w.models[k.Synapse.Model.Value]
	if m == nil {
		m = model.LibraryModel(k.Synapse.Model.Value)
	}
	if m == nil {
		return out, w.cfg.Fault(k.Synapse.Model.Pos, "", "LPU %s: unknown model %q%s (`nkrun models` lists the known ones)", c.Name, k.Synapse.Model.Value,
			nearest.Hint(k.Synapse.Model.Value, model.LibraryNames()))
	}
	out.Synapse, out.Params = m, map[string]float64{}
	for _, name := range slices.Sorted(maps.Keys(k.Synapse.Params.Values)) {
		x, ok := number(k.Synapse.Params.Values[name])
		if !ok {
			return out, w.cfg.Fault(k.Synapse.Params.Pos, "", "LPU %s: the parameter %s of the synapse is %v; expected a number", c.Name, name, k.Synapse.Params.Values[name])
		}
		out.Params[name] = x
	}
	return out, nil
}

// tableColumns refuses a number for all rows where the table has a column of its own.
func (w *Worker) tableColumns(k *config.Table, t *table.Table) error {
	for _, x := range []struct {
		key string
		has bool
	}{{"weight", t.HasWeight()}, {"delay", t.HasDelay()}} {
		if x.has && k.Given(x.key) {
			return w.cfg.Fault(k.At(x.key), "", "%s is given for all rows, but %s has a column of it", x.key, tableName(k))
		}
	}
	return nil
}

func tableName(k *config.Table) string {
	if k.Pre.Given() {
		return k.Pre.Written
	}
	return k.File.Written
}

// number takes a number of a free map.
func number(v any) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case int64:
		return float64(x), true
	case uint64:
		return float64(x), true
	case int:
		return float64(x), true
	}
	return 0, false
}
