package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/internal/vectors"
	"github.com/nkrun/nkrun/plsel"
)

// vector is one entry of patterns.json: a build with checks, a build that must fail, or a question of compatibility.
type vector struct {
	ID     string
	Build  *build
	Checks []check
	Error  bool
	Compat *compat
	Expect bool
}

type build struct {
	Kind        string
	Selector    string
	Interfaces  []string
	Ports       []assignment
	PortsAfter  []assignment `json:"ports_after"`
	Connections [][2]string
	From, To    string
	Gpot, Spike string
	Nodes       []struct {
		ID        string
		Interface int
		Type      string
	}
	Edges [][2]string
}

type assignment struct {
	Sel       string
	Interface *int
	IO, Type  string
}

type compat struct {
	A, B         build
	AInterface   int  `json:"a_interface"`
	BInterface   int  `json:"b_interface"`
	AllowSubsets bool `json:"allow_subsets"`
}

type check struct {
	Q              string
	Src, Dest      int
	SrcType        string          `json:"src_type"`
	DestType       string          `json:"dest_type"`
	SrcPorts       json.RawMessage `json:"src_ports"`
	DestPorts      json.RawMessage `json:"dest_ports"`
	SrcValues      []float64       `json:"src_values"`
	DestValues     []float64       `json:"dest_values"`
	Duplicates     bool
	Type, Sel      string
	Interface      *int
	Chain          []string
	Other          *build
	OtherInterface int `json:"other_interface"`
	LPU            map[string]string
	AllowSubsets   bool `json:"allow_subsets"`
	Expect         json.RawMessage
	Error          bool
}

// TestVectors runs the vectors of the reference, one subtest each.
func TestVectors(t *testing.T) {
	for _, file := range vectors.Glob(t, "patterns.json") {
		data, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		var all struct{ Vectors []vector }
		if err := json.Unmarshal(data, &all); err != nil {
			t.Fatal(err)
		}
		for _, v := range all.Vectors {
			t.Run(v.ID, func(t *testing.T) {
				if err := v.run(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func (v *vector) run() error {
	if v.Compat != nil {
		a, err := v.Compat.A.table()
		if err != nil {
			return err
		}
		b, err := v.Compat.B.table()
		if err != nil {
			return err
		}
		got := a.Compatible(v.Compat.AInterface, b, v.Compat.BInterface)
		if v.Compat.AllowSubsets {
			got = a.CompatibleSubsets(v.Compat.AInterface, b, v.Compat.BInterface)
		}
		if got != v.Expect {
			return fmt.Errorf("compatible: %v, want %v", got, v.Expect)
		}
		return nil
	}
	var ports *Interface
	p, err := v.Build.pattern()
	if v.Build.Kind == "interface" {
		ports, err = v.Build.table()
	} else if err == nil {
		ports = p.Ports()
	}
	if v.Error {
		if err == nil {
			return errors.New("built, though it must fail")
		}
		return nil
	}
	if err != nil {
		return err
	}
	for i, c := range v.Checks {
		got, err := c.answer(p, ports)
		if c.Error {
			if err == nil {
				return fmt.Errorf("check %d, %s: %v, expected an error", i, c.Q, got)
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("check %d, %s: %w", i, c.Q, err)
		}
		if a, b := canonical(got), canonical(c.Expect); a != b {
			return fmt.Errorf("check %d, %s:\n got %s\nwant %s", i, c.Q, a, b)
		}
	}
	return nil
}

// canonical writes a value as JSON without regard to how it came.
func canonical(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var any any
	json.Unmarshal(text, &any)
	text, _ = json.Marshal(any)
	return string(text)
}

func (b *build) table() (*Interface, error) {
	i, err := NewInterface(b.Selector)
	if err != nil {
		return nil, err
	}
	return i, assign(i, b.Ports)
}

func assign(i *Interface, list []assignment) error {
	for _, a := range list {
		if a.Interface != nil {
			if err := i.SetInterface(a.Sel, *a.Interface); err != nil {
				return err
			}
		}
		if a.IO != "" {
			d, err := ParseIO(a.IO)
			if err == nil {
				err = i.SetIO(a.Sel, d)
			}
			if err != nil {
				return err
			}
		}
		if a.Type != "" {
			t, err := ParseType(a.Type)
			if err == nil {
				err = i.SetType(a.Sel, t)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *build) pattern() (*Pattern, error) {
	bulk := Bulk{Interfaces: b.Interfaces, From: b.From, To: b.To, Gpot: b.Gpot, Spike: b.Spike}
	switch b.Kind {
	case "concat":
		return FromConcat(bulk)
	case "product":
		return FromProduct(bulk)
	case "graph":
		var g Graph
		for _, n := range b.Nodes {
			id, err := plsel.ParseID(n.ID)
			if err != nil {
				return nil, err
			}
			row := Port{id, Attributes{Interface: n.Interface}}
			if n.Type != "" {
				t, err := ParseType(n.Type)
				if err != nil {
					return nil, err
				}
				row.Type = t.Opt()
			}
			g.Nodes = append(g.Nodes, row)
		}
		for _, e := range b.Edges {
			from, err := plsel.ParseID(e[0])
			if err != nil {
				return nil, err
			}
			to, err := plsel.ParseID(e[1])
			if err != nil {
				return nil, err
			}
			g.Edges = append(g.Edges, Connection{from, to})
		}
		p, _, err := FromGraph(g)
		return p, err
	case "connect":
		p, err := New(b.Interfaces...)
		if err != nil {
			return nil, err
		}
		if err := assign(p.Ports(), b.Ports); err != nil {
			return nil, err
		}
		for _, c := range b.Connections {
			if err := p.Connect(c[0], c[1]); err != nil {
				return nil, err
			}
		}
		return p, assign(p.Ports(), b.PortsAfter)
	}
	return nil, nil
}

// tokens writes an identifier as the vectors do: a list of names and numbers.
func tokens(id plsel.ID) []any {
	out := []any{}
	for _, t := range id.Tokens() {
		if t.IsInt() {
			out = append(out, t.Int())
		} else {
			out = append(out, t.Name())
		}
	}
	return out
}

func tokenLists(ids []plsel.ID) [][]any {
	out := [][]any{}
	for _, id := range ids {
		out = append(out, tokens(id))
	}
	return out
}

func typeOf(s string) (TypeOpt, error) {
	if s == "" {
		return NoType, nil
	}
	t, err := ParseType(s)
	return t.Opt(), err
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (c *check) numbers() []int {
	if c.Interface == nil {
		return nil
	}
	return []int{*c.Interface}
}

// query makes the query of src_idx, dest_idx and routes.
func (c *check) query() (Query, error) {
	q := Query{From: c.Src, To: c.Dest}
	var err error
	if q.FromType, err = typeOf(c.SrcType); err != nil {
		return q, err
	}
	if q.ToType, err = typeOf(c.DestType); err != nil {
		return q, err
	}
	for raw, to := range map[*json.RawMessage]*string{&c.SrcPorts: &q.FromPorts, &c.DestPorts: &q.ToPorts} {
		if len(*raw) > 0 {
			if err := json.Unmarshal(*raw, to); err != nil {
				return q, err
			}
		}
	}
	return q, nil
}

func (c *check) answer(p *Pattern, ports *Interface) (any, error) {
	switch c.Q {
	case "pairs":
		out := [][2][]any{}
		for _, x := range p.Connections() {
			out = append(out, [2][]any{tokens(x.From), tokens(x.To)})
		}
		return out, nil
	case "size":
		if p == nil {
			return ports.Len(), nil
		}
		return p.Len(), nil
	case "src_idx", "dest_idx":
		q, err := c.query()
		if err != nil {
			return nil, err
		}
		var ids []plsel.ID
		if c.Q == "src_idx" {
			ids, err = p.Sources(q, c.Duplicates)
		} else {
			ids, err = p.Destinations(q)
		}
		return tokenLists(ids), err
	case "routes":
		found, err := c.typed(p)
		out := [][2][]any{}
		for _, x := range found {
			out = append(out, [2][]any{tokens(x.From), tokens(x.To)})
		}
		return out, err
	case "transfer":
		return c.transfer(p)
	case "is_connected":
		return p.IsConnected(c.Src, c.Dest)
	case "in_ports", "out_ports", "gpot_ports", "spike_ports", "interface_ports":
		return tokenLists(filter(ports, c.Q, c.numbers()).IDs()), nil
	case "filter":
		for _, f := range c.Chain {
			ports = filter(ports, f, c.numbers())
		}
		return tokenLists(ports.IDs()), nil
	case "connected_ports":
		return tokenLists(p.ConnectedPorts(c.numbers()...)), nil
	case "port_table":
		out := [][4]any{}
		for _, r := range ports.Table() {
			row := [4]any{tokens(r.ID), r.Interface, orNull(r.IO.String()), orNull(r.Type.String())}
			if r.Interface == NoInterface {
				row[1] = nil
			}
			out = append(out, row)
		}
		return out, nil
	case "inverse_io":
		out := [][2]any{}
		for _, r := range ports.InverseIO().Table() {
			out = append(out, [2]any{tokens(r.ID), orNull(r.IO.String())})
		}
		return out, nil
	case "which_int":
		n, err := ports.WhichInterfaces(c.Sel)
		return append([]int{}, n...), err
	case "has_ports":
		return ports.Has(c.Sel)
	case "common_ports":
		other, err := c.Other.table()
		if err != nil {
			return nil, err
		}
		t, err := typeOf(c.Type)
		if err != nil {
			return nil, err
		}
		c.Expect = sortedIDs(c.Expect)
		text, err := json.Marshal(tokenLists(ports.CommonPorts(*c.Interface, other, c.OtherInterface, t)))
		return sortedIDs(text), err
	case "is_compatible":
		sel := Selectors{In: c.LPU["in"], Out: c.LPU["out"], Gpot: c.LPU["gpot"], Spike: c.LPU["spike"]}
		all := slices.DeleteFunc([]string{sel.In, sel.Out, sel.Gpot, sel.Spike}, func(s string) bool { return s == "" })
		sel.Interfaces = []string{strings.Join(all, ",")}
		lpu, err := FromSelectors(sel)
		if err != nil {
			return nil, err
		}
		if c.AllowSubsets {
			return lpu.CompatibleSubsets(0, ports, *c.Interface), nil
		}
		return lpu.Compatible(0, ports, *c.Interface), nil
	}
	return nil, fmt.Errorf("unknown check %q", c.Q)
}

// sortedIDs brings a list of identifiers, which is to be compared as a set, into an order.
func sortedIDs(raw json.RawMessage) json.RawMessage {
	var list []json.RawMessage
	json.Unmarshal(raw, &list)
	sort.Slice(list, func(i, j int) bool { return canonical(list[i]) < canonical(list[j]) })
	out, _ := json.Marshal(list)
	return out
}

func filter(i *Interface, name string, numbers []int) *Interface {
	return map[string]func(...int) *Interface{"in_ports": i.InPorts, "out_ports": i.OutPorts, "gpot_ports": i.GpotPorts, "spike_ports": i.SpikePorts,
		"interface_ports": i.InterfacePorts}[name](numbers...)
}

// typed returns the connections from one interface to another with both ends of the check's type.
func (c *check) typed(p *Pattern) ([]Connection, error) {
	t, err := typeOf(c.Type)
	if err != nil {
		return nil, err
	}
	return p.Find(Query{From: c.Src, To: c.Dest, FromType: t, ToType: t})
}

// transfer moves the values of one exchange, through port maps.
func (c *check) transfer(p *Pattern) (any, error) {
	read := func(raw json.RawMessage) ([]plsel.ID, error) {
		var lists [][]any
		if err := json.Unmarshal(raw, &lists); err != nil {
			return nil, err
		}
		var ids []plsel.ID
		for _, l := range lists {
			var ts []plsel.Token
			for _, x := range l {
				switch x := x.(type) {
				case float64:
					ts = append(ts, plsel.Int(int(x)))
				case string:
					ts = append(ts, plsel.Name(x))
				}
			}
			ids = append(ids, plsel.MakeID(ts...))
		}
		return ids, nil
	}
	from, err := read(c.SrcPorts)
	if err != nil {
		return nil, err
	}
	to, err := read(c.DestPorts)
	if err != nil {
		return nil, err
	}
	src, err := NewPortMap(from, c.SrcValues)
	if err != nil {
		return nil, err
	}
	values := slices.Clone(c.DestValues)
	dst, err := NewPortMap(to, values)
	if err != nil {
		return nil, err
	}
	found, err := c.typed(p)
	if err != nil {
		return nil, err
	}
	for _, x := range found {
		v, err := src.Get(x.From.String())
		if err == nil {
			err = dst.Set(x.To.String(), v...)
		}
		if err != nil {
			return nil, err
		}
	}
	return values, nil
}
