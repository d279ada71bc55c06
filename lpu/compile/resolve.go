package compile

import (
	"math"
	"sort"

	"github.com/nkrun/nkrun/internal/nearest"
	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
	"github.com/nkrun/nkrun/plsel"
)

// portClass is the class of the nodes that are ports.
const portClass = "Port"

// resolve sorts the nodes into populations and ports, and reads their attributes.
func (c *Circuit) resolve() {
	class, classAlt := c.g.Key("class"), c.g.Key("model")
	popOf := map[string]int{}
	unknown := map[string]bool{}
	for i := range c.g.NumNodes() {
		n := c.g.Node(i)
		name, ok := n.Text(class)
		if !ok {
			name, ok = n.Text(classAlt)
		}
		if !ok {
			c.faults.add("%s: node %q has no attribute class (or model), which says what kind of component it is", n.Where(), n.ID())
			continue
		}
		if name == portClass {
			c.readPort(i)
			continue
		}
		pi, ok := popOf[name]
		if !ok {
			m := c.model(name)
			if m == nil {
				if !unknown[name] {
					unknown[name] = true
					c.faults.add("%s: node %q is of the unknown model class %q%s (`nkrun models` lists the known ones)",
						n.Where(), n.ID(), name, nearest.Hint(name, c.modelNames()))
				}
				continue
			}
			pi = len(c.pops)
			for k, p := range c.pops { // two spellings of one class
				if p.model == m {
					pi = k
				}
			}
			if pi == len(c.pops) {
				c.pops = append(c.pops, newPopulation(m))
			}
			popOf[name] = pi
		}
		p := c.pops[pi]
		c.what[i] = item{pop: int32(pi), i: int32(len(p.nodes))}
		p.nodes = append(p.nodes, int32(i))
	}
	c.checkPorts()
	c.readAttributes()
}

func newPopulation(m *model.Model) *population {
	return &population{model: m, conns: make([][]conn, len(m.Accesses)), external: make([]bool, len(m.Accesses))}
}

func (c *Circuit) model(name string) *model.Model {
	if m := c.opt.Models[name]; m != nil {
		return m
	}
	return model.LibraryModel(name)
}

func (c *Circuit) modelNames() []string {
	names := model.LibraryNames()
	for n := range c.opt.Models {
		names = append(names, n)
	}
	sort.Strings(names)
	return append(names, portClass)
}

// readAttributes fills the parameters, carried attributes and initial states of all populations. Columns are read beside each other,
// and told of in their order.
func (c *Circuit) readAttributes() {
	var jobs []func(c *Circuit)
	var ends []int // by population, where its jobs end
	spare := make([]spareAttributes, len(c.pops))
	for i, p := range c.pops {
		m := p.model
		p.params, p.states = make([][]float64, len(m.Params)), make([][]float64, len(m.States))
		p.carried, p.hasCarry = make([][]float64, len(m.Carried)), make([][]bool, len(m.Carried))
		for k, q := range m.Params {
			jobs = append(jobs, func(c *Circuit) { p.params[k] = c.column(p, q, nil) })
		}
		for k, q := range m.Carried {
			q.Optional = true // what carries it may live without; what needs it says so
			jobs = append(jobs, func(c *Circuit) { p.carried[k] = c.column(p, q, &p.hasCarry[k]) })
		}
		for k, s := range m.States {
			jobs = append(jobs, func(c *Circuit) { p.states[k] = c.initial(p, s) })
		}
		jobs = append(jobs, func(c *Circuit) { spare[i] = c.spareAttributes(p) })
		ends = append(ends, len(jobs))
	}
	told := make([]faults, len(jobs))
	inParallel(len(jobs), func(k int) {
		mine := &Circuit{opt: c.opt, g: c.g}
		jobs[k](mine)
		told[k] = mine.faults
	})
	from := 0
	for i, p := range c.pops {
		for ; from < ends[i]; from++ {
			c.faults.addAll(&told[from])
		}
		c.unknownAttributes(p, &spare[i])
	}
}

// column reads one attribute of all components. has, if given, is filled only where some lack it.
func (c *Circuit) column(p *population, q model.Param, has *[]bool) []float64 {
	key := c.g.Key(q.Name.Name)
	col := make([]float64, len(p.nodes))
	for i, node := range p.nodes {
		n := c.g.Node(int(node))
		x, ok := c.number(n, key, q.Name.Name, p.model)
		switch {
		case ok:
			col[i] = x
		case q.Optional:
			col[i] = q.Default
			if has != nil {
				if *has == nil {
					*has = make([]bool, len(p.nodes))
					for k := range i {
						(*has)[k] = true
					}
				}
			}
		default:
			c.faults.add("%s: node %q of class %s lacks the parameter %q (%s%s)%s", n.Where(), n.ID(), p.model.Name, q.Name.Name,
				q.Unit, docOf(q.Name), c.nearAttribute(n, q.Name.Name, p.model))
		}
		if has != nil && *has != nil {
			(*has)[i] = ok
		}
	}
	return col
}

func docOf(n model.Name) string {
	if n.Doc == "" {
		return ""
	}
	return ": " + n.Doc
}

// number reads one attribute and reports one that is no finite number.
func (c *Circuit) number(n graph.Node, key graph.Key, name string, m *model.Model) (float64, bool) {
	x, ok, err := n.Number(key)
	switch {
	case err != nil:
		text, _ := n.Text(key)
		c.faults.add("%s: node %q of class %s: %s is %q, expected a number", n.Where(), n.ID(), m.Name, name, text)
		return 0, true
	case ok && (math.IsNaN(x) || math.IsInf(x, 0)):
		c.faults.add("%s: node %q of class %s: %s is %v, expected a finite number", n.Where(), n.ID(), m.Name, name, x)
	}
	return x, ok
}

// initial reads where a state starts.
func (c *Circuit) initial(p *population, s model.State) []float64 {
	keys := make([]graph.Key, len(s.Init))
	for k, name := range s.Init {
		keys[k] = c.g.Key(name)
	}
	col := make([]float64, len(p.nodes))
next:
	for i, node := range p.nodes {
		n := c.g.Node(int(node))
		for k, key := range keys {
			if x, ok := c.number(n, key, s.Init[k], p.model); ok {
				col[i] = x
				continue next
			}
		}
		if !s.HasFall {
			last := s.Init[len(s.Init)-1]
			if hasParam(p.model, last) {
				continue // its absence has been reported
			}
			c.faults.add("%s: node %q of class %s lacks %q, from which %s starts%s", n.Where(), n.ID(), p.model.Name, last,
				s.Name.Name, c.nearAttribute(n, last, p.model))
		}
		col[i] = s.Fallback
	}
	return col
}

func hasParam(m *model.Model, name string) bool {
	for _, q := range m.Params {
		if q.Name.Name == name {
			return true
		}
	}
	return false
}

// nearAttribute suggests which attribute of a node may be a misspelt parameter.
func (c *Circuit) nearAttribute(n graph.Node, want string, m *model.Model) string {
	known := map[string]bool{}
	for _, a := range m.Attributes() {
		known[a] = true
	}
	var spare []string
	for k := range n.All() {
		if name := c.g.KeyName(k); !known[name] {
			spare = append(spare, name)
		}
	}
	if near := nearest.Name(want, spare); near != "" {
		return `; is its attribute "` + near + `" meant?`
	}
	return ""
}

// spareAttributes are attributes of components that are numbers and that their model does not know.
type spareAttributes struct {
	keys  []graph.Key // by first appearance
	first []graph.Node
	count []int
}

// spareAttributes looks for what unknownAttributes tells.
func (c *Circuit) spareAttributes(p *population) (a spareAttributes) {
	const skipped = -1
	at := make([]int, c.g.NumKeys()) // by key, one more than its place in a
	known := append([]string{"class", "model", "name", "label", "circuit", "weight", "id"}, p.model.Attributes()...)
	if p.model.Access("spike_state") != nil {
		known = append(known, "threshold") // of a graded neuron in front: wiring.crossing
	}
	for _, name := range known {
		if k := c.g.Key(name); k != graph.NoKey {
			at[k] = skipped
		}
	}
	for _, node := range p.nodes {
		n := c.g.Node(int(node))
		for j := range n.Len() {
			k, v := n.At(j)
			if at[k] == skipped || v.Kind() == graph.String {
				continue
			}
			if at[k] == 0 {
				a.keys, a.first, a.count = append(a.keys, k), append(a.first, n), append(a.count, 0)
				at[k] = len(a.keys)
			}
			a.count[at[k]-1]++
		}
	}
	return a
}

// unknownAttributes warns of numbers that the model has no use for, and refuses those that look like a misspelt
// attribute of the model which the node lacks: they would change the result without a word.
func (c *Circuit) unknownAttributes(p *population, a *spareAttributes) {
	names := p.model.Attributes()
	for i, k := range a.keys {
		n, name := a.first[i], c.g.KeyName(k)
		if near := nearest.Name(name, names); near != "" {
			if _, has, _ := n.Number(c.g.Key(near)); !has {
				c.faults.add("%s: node %q of class %s has the unknown attribute %q; did you mean %q?", n.Where(), n.ID(), p.model.Name, name, near)
				continue
			}
		}
		c.warnf("%s: attribute %q of %d %s node(s), first %q, means nothing to the model and is left out", n.Where(), name, a.count[i], p.model.Name, n.ID())
	}
}

// readPort reads a node of class Port.
func (c *Circuit) readPort(i int) {
	n := c.g.Node(i)
	p := port{node: int32(i), edge: -1}
	text, ok := n.TextName("selector")
	if !ok {
		c.faults.add("%s: port node %q has no attribute selector, such as /a/out[0]", n.Where(), n.ID())
		return
	}
	id, err := plsel.ParseID(text)
	if err != nil {
		c.faults.add("%s: port node %q: selector must name one port: %w", n.Where(), n.ID(), err)
		return
	}
	p.id = id
	in, ok := c.either(n, "port_io", "in", "out")
	gpot, known := c.either(n, "port_type", "gpot", "spike")
	if !ok || !known {
		return
	}
	p.in, p.spike = in, !gpot
	c.what[i] = item{port: true, i: int32(len(c.ports))}
	c.ports = append(c.ports, p)
}

// either reads an attribute of a port node that is one word or the other, and says whether it is the one.
func (c *Circuit) either(n graph.Node, name, one, other string) (isOne, ok bool) {
	text, has := n.TextName(name)
	switch {
	case !has:
		c.faults.add("%s: port node %q has no attribute %s; expected %s or %s", n.Where(), n.ID(), name, one, other)
	case text == one || text == other:
		return text == one, true
	default:
		c.faults.add("%s: port node %q: %s must be %s or %s, found %q%s", n.Where(), n.ID(), name, one, other, text, nearest.Hint(text, []string{one, other}))
	}
	return false, false
}

// checkPorts makes sure that no two port nodes bear one selector.
func (c *Circuit) checkPorts() {
	seen := make(map[plsel.ID]int32, len(c.ports))
	for i := range c.ports {
		p := &c.ports[i]
		if was, twice := seen[p.id]; twice {
			n := c.g.Node(int(p.node))
			c.faults.add("%s: port node %q has the selector %s, which node %q has too (%s)", n.Where(), n.ID(), p.id,
				c.g.Node(int(was)).ID(), c.g.Node(int(was)).Where())
			continue
		}
		seen[p.id] = p.node
	}
}
