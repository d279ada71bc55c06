package engine

import "math"

// The reference stepper of the network tests: components are Go structs, every value of every step is kept in a map, and a
// step is done as the description of the reference has it: row k+1 from rows k-d. Nothing is shared with the compiler or the
// engine, not even the models.

// feed is what a connection reads: a variable of a component, or an input port.
type feed struct {
	uid      string
	variable string
	delay    int // steps beyond the one that every connection takes
	reverse  float64
}

// part is one component.
type part struct {
	class string
	par   map[string]float64
	state map[string]float64
	in    map[string][]feed // by accessed variable
}

// network is all components of an LPU, and every value that they ever had.
type network struct {
	uids  []string // in the order of the graph
	units map[string]*part
	rows  map[string][]float64 // by "uid variable": row k is what readers see in step k
	first map[string]float64   // what they saw before step 0
	ext   func(step int, uid, variable string) float64
	ports func(step int, port string) float64
}

// read returns a value as it was d steps before step k.
func (n *network) read(k int, s feed) float64 {
	k -= s.delay
	if s.variable == "port" {
		if k < 0 {
			return 0
		}
		return n.ports(k, s.uid)
	}
	key := s.uid + " " + s.variable
	if k < 0 {
		return n.first[key]
	}
	return n.rows[key][k]
}

// sum adds up what comes in by a variable.
func (n *network) sum(k int, uid, variable string) float64 {
	x := n.ext(k, uid, variable)
	for _, s := range n.units[uid].in[variable] {
		x += n.read(k, s)
	}
	return x
}

// spiked tells whether a spike comes in.
func (n *network) spiked(k int, uid string) bool { return n.sum(k, uid, "spike_state") > 0 }

// show records what a component shows in row k.
func (n *network) show(k int, uid, variable string, x float64) {
	key := uid + " " + variable
	if k == 0 {
		n.first[key] = x
	}
	n.rows[key] = append(n.rows[key], x)
	if len(n.rows[key]) != k+1 {
		panic("rows out of step")
	}
}

// begin shows the initial values.
func (n *network) begin() {
	for _, uid := range n.uids {
		u := n.units[uid]
		switch u.class {
		case "LeakyIAF":
			n.show(0, uid, "spike_state", 0)
			n.show(0, uid, "V", u.state["V"])
		case "MorrisLecar":
			n.show(0, uid, "V", u.state["V"])
		case "Aggregator":
			n.show(0, uid, "I", 0)
		case "BufferVoltage":
			n.show(0, uid, "V", 0)
		default:
			n.show(0, uid, "g", 0)
		}
	}
}

// step computes row k+1 from rows k and before, with dt = 0.1 ms.
func (n *network) step(k int) {
	for _, uid := range n.uids {
		u := n.units[uid]
		p, s := u.par, u.state
		switch u.class {
		case "LeakyIAF":
			bh := math.Exp(-0.1 / (p["capacitance"] * p["resistance"]))
			s["V"] = s["V"]*bh + (p["resistance"]*n.sum(k, uid, "I")+p["resting_potential"])*(1-bh)
			spike := 0.0
			if s["V"] >= p["threshold"] {
				s["V"], spike = p["reset_potential"], 1
			}
			n.show(k+1, uid, "spike_state", spike)
			n.show(k+1, uid, "V", s["V"])
		case "MorrisLecar":
			current := n.sum(k, uid, "I")
			for range 10 {
				v, w := s["V"], s["n"]
				nInf := 0.5 * (1 + math.Tanh((v-p["V3"])/p["V4"]))
				mInf := 0.5 * (1 + math.Tanh((v-p["V1"])/p["V2"]))
				dn := p["phi"] * math.Cosh((v-p["V3"])/(2*p["V4"])) * (nInf - w)
				dv := current - p["g_L"]*(v-p["V_L"]) - p["g_K"]*w*(v-p["V_K"]) - p["g_Ca"]*mInf*(v-p["V_Ca"]) + p["offset"]
				s["V"], s["n"] = v+0.01*dv, w+0.01*dn
			}
			n.show(k+1, uid, "V", s["V"])
		case "AlphaSynapse":
			z, v, a := s["z"], s["v"], s["a"]
			s["z"] = math.Max(0, z+0.1*v)
			s["v"] = v + 0.1*a
			if n.spiked(k, uid) {
				s["v"] += p["ar"] * p["ad"]
			}
			s["a"] = -(p["ar"]+p["ad"])*v - p["ar"]*p["ad"]*z
			n.show(k+1, uid, "g", p["gmax"]*s["z"])
		case "SynapseAMPA":
			s["s"] *= math.Exp(-0.1 / p["st"])
			if n.spiked(k, uid) {
				s["s"]++
			}
			n.show(k+1, uid, "g", p["gmax"]*s["s"])
		case "SynapseNMDA":
			if n.spiked(k, uid) {
				s["s"] = math.Min(s["s"]+0.63*(1-s["s"]), 1)
			}
			s["s"] *= math.Exp(-0.1 / p["st"])
			n.show(k+1, uid, "g", p["gmax"]*s["s"]/(1+p["Mg"]*math.Exp(-0.062*n.sum(k, uid, "V"))/3.57))
		case "PowerGPotGPot":
			v := math.Max(0, n.sum(k, uid, "V")-p["threshold"])
			n.show(k+1, uid, "g", math.Min(p["saturation"], p["slope"]*math.Pow(v, p["power"])))
		case "BufferVoltage":
			n.show(k+1, uid, "V", n.sum(k, uid, "V"))
		case "Aggregator":
			v, sum := n.sum(k, uid, "V"), 0.0
			for _, g := range u.in["g"] {
				sum -= n.read(k, g) * (v - g.reverse)
			}
			n.show(k+1, uid, "I", sum)
		default:
			panic("no equations for " + u.class)
		}
	}
}
