package pattern

import "github.com/nkrun/nkrun/plsel"

// Wiring is the set of connections between two LPUs that stand together in a configuration. Links may go either way.
type Wiring struct {
	A, B  string
	Links []Link
	Delay int // whole steps on top of the one step that each exchange takes
	Where Pos // of the entry itself, for mistakes that belong to no single link
}

// Route is what one LPU sends to another for one type and delay. In each exchange the sender collects the values of
// the ports in Gather, and the receiver stores, for each k, value Source[k] of what it got into port Scatter[k]. A
// port that feeds several others is sent once.
type Route struct {
	From, To string
	Type     Type
	Delay    int
	Gather   []int32 // numbers of the sender's out ports of that type, each once, in the order of first use
	Scatter  []int32 // numbers of the receiver's in ports of that type
	Source   []int32 // for each entry of Scatter a position in Gather
}

// Bytes returns the size of the route's values of one step in a message: 8 bytes for a graded value, a bit for a spike, in
// whole words.
func (r *Route) Bytes() int {
	if r.Type == Spike {
		return (len(r.Gather) + 63) / 64 * 8
	}
	return 8 * len(r.Gather)
}

// Compile checks all connections of a run together and returns their routes. All mistakes are reported, up to a
// limit: LPUs and ports that do not exist, connections within an LPU or against the direction of a port, types that
// differ, and input ports that would be driven twice, by whatever wirings.
//
// Routes are ordered by the first wiring they occur in, then A to B before B to A, gpot before spike, and delay;
// within a route, links keep their order.
func Compile(ports []Ports, wirings []Wiring) ([]Route, error) {
	c := newCompiler(ports, wirings)
	for i := range wirings {
		c.wiring(i)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	routes := make([]Route, len(c.routes))
	for i, b := range c.routes {
		routes[i] = b.Route
	}
	return routes, nil
}

// Unconnected returns, in the form of Ports, the ports that no route uses.
func Unconnected(ports []Ports, routes []Route) []Ports {
	free := make([]Ports, len(ports))
	for i := range ports {
		p := &ports[i]
		free[i].LPU = p.LPU
		for _, t := range Types {
			in, out := make([]bool, len(p.In[t])), make([]bool, len(p.Out[t]))
			for _, r := range routes {
				if r.Type == t && r.From == p.LPU {
					mark(out, r.Gather)
				}
				if r.Type == t && r.To == p.LPU {
					mark(in, r.Scatter)
				}
			}
			free[i].In[t] = unmarked(p.In[t], in)
			free[i].Out[t] = unmarked(p.Out[t], out)
		}
	}
	return free
}

func mark(used []bool, numbers []int32) {
	for _, n := range numbers {
		used[n] = true
	}
}

func unmarked(ids []plsel.ID, used []bool) (free []plsel.ID) {
	for i, id := range ids {
		if !used[i] {
			free = append(free, id)
		}
	}
	return free
}
