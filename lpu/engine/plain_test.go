package engine

import (
	"math"

	"github.com/nkrun/nkrun/lpu/compile"
)

// The plain stepper of the tests of weighted connections: each neuron is stepped in each step by the solution of its equations, and
// what spikes add is kept in a dense array for each step to come. Nothing is shared with the model texts, the compiler or the engine.

// plain is a network of neurons that weighted connections drive.
type plain struct {
	dt      float64 // ms
	cells   []plainCell
	targets [][]plainTarget // by node
	due     [][]float64     // by step, modulo the longest delay; two for each node
}

// plainCell is a node: a neuron, or a source whose spikes are given.
type plainCell struct {
	given                  bool
	v                      float64
	g                      [2]float64
	left, period           int // refractory steps
	rest, threshold, reset float64
	decay                  float64    // of V in a step
	fall, share            [2]float64 // of g in a step, and what of it V takes on
	conductance            bool
	reversal               [2]float64
	part                   float64 // dt/tau_m
}

type plainTarget struct {
	post, receive, delay int
	weight               float64
}

// longestDelay is in steps.
const longestDelay = 60

func newPlain(dt float64) *plain {
	return &plain{dt: dt * 1e3, due: make([][]float64, longestDelay+1)}
}

// source adds a node whose spikes are given.
func (p *plain) source() {
	p.cells, p.targets = append(p.cells, plainCell{given: true}), append(p.targets, nil)
}

// neuron adds one that starts from initV, initg, initg_e and initg_i.
func (p *plain) neuron(class string, par map[string]float64) {
	c := plainCell{v: par["resting_potential"], g: [2]float64{par["initg"] + par["initg_e"], par["initg_i"]}}
	if v, ok := par["initV"]; ok {
		c.v = v
	}
	c.rest, c.threshold, c.reset = par["resting_potential"]+par["bias"], par["threshold"], par["reset_potential"]
	c.period = int(math.Round(par["refractory_period"] / p.dt))
	c.part, c.decay = p.dt/par["tau_m"], math.Exp(-p.dt/par["tau_m"])
	c.conductance, c.reversal = class == "LeakyIAFCond", [2]float64{par["E_e"], par["E_i"]}
	for k, tau := range [2]float64{par["tau_s"] + par["tau_e"], par["tau_i"]} {
		if tau > 0 {
			c.fall[k] = math.Exp(-p.dt / tau)
			c.share[k] = tau / (tau - par["tau_m"]) * (c.fall[k] - c.decay)
		}
	}
	p.cells, p.targets = append(p.cells, c), append(p.targets, nil)
}

func (p *plain) connect(pre, post, receive, delay int, weight float64) {
	p.targets[pre] = append(p.targets[pre], plainTarget{post, receive, delay, weight})
}

// add notes what spikes of a node in a step will add.
func (p *plain) add(pre, step int) {
	for _, t := range p.targets[pre] {
		at := (step + t.delay) % len(p.due)
		if p.due[at] == nil {
			p.due[at] = make([]float64, 2*len(p.cells))
		}
		p.due[at][2*t.post+t.receive] += t.weight
	}
}

// step computes a step and returns the neurons that spike. Of the nodes that are given, spiking are those that spike in it, early those
// that did in the step before (input ports: what they show has been computed elsewhere).
func (p *plain) step(step int, spiking, early []int) (fired []int) {
	for i := range p.cells {
		if !p.cells[i].given && p.cells[i].advance() {
			fired = append(fired, i)
			p.add(i, step)
		}
	}
	for _, i := range spiking {
		p.add(i, step)
	}
	for _, i := range early {
		p.add(i, step-1)
	}
	due := p.due[step%len(p.due)]
	for i := range due {
		p.cells[i/2].g[i%2] += due[i]
	}
	clear(due)
	return fired
}

// advance steps a neuron and tells whether it spikes.
func (c *plainCell) advance() bool {
	v := c.rest + (c.v-c.rest)*c.decay + c.g[0]*c.share[0] + c.g[1]*c.share[1]
	if c.conductance {
		v = c.v + c.part*(c.g[0]*(c.reversal[0]-c.v)+c.g[1]*(c.reversal[1]-c.v)+c.rest-c.v)
	}
	c.g[0] *= c.fall[0]
	c.g[1] *= c.fall[1]
	if c.left > 0 {
		c.left--
		return false
	}
	if c.v = v; v <= c.threshold {
		return false
	}
	c.v, c.left = c.reset, c.period
	return true
}

// delaySteps is the delay in steps that a delay in seconds means.
func delaySteps(seconds, dt float64) int { return max(int(math.RoundToEven(seconds/dt)), 1) }

// rows connects what the rows of a table say. receive is 0 or 1, sameDelay in seconds of rows without one.
func (p *plain) rows(r compile.Rows, receive int, scale, sameWeight, sameDelay float64) {
	for k := range r.Pre {
		w, d := sameWeight, sameDelay
		if r.Weight != nil {
			w = float64(r.Weight[k])
		}
		if r.Delay != nil {
			d = r.Delay[k]
		}
		p.connect(int(r.Pre[k]), int(r.Post[k]), receive, delaySteps(d, p.dt/1e3), w*scale)
	}
}
