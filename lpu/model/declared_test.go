package model

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// trial is what a declaration is tried with: one component, with any parameters and states, and two trains of spikes.
type trial struct {
	dt            float64 // ms
	params        []float64
	states        []float64    // of a component in use
	trains        [][2]float64 // what comes in at the end of each step, in weights
	weight, times float64      // of one spike; a factor on the scale parameter
}

// trials draws trials of a model, such as its declaration of linearity is about.
func trials(m *Model) *rapid.Generator[trial] {
	between := func(t *rapid.T, name string, least, most float64) float64 { // of any magnitude
		return math.Exp(rapid.Float64Range(math.Log(least), math.Log(most)).Draw(t, name))
	}
	draw := rapid.Custom(func(t *rapid.T) trial {
		c := trial{dt: between(t, "dt", 0.001, 0.1), weight: between(t, "weight", 0.01, 100), times: between(t, "times", 0.01, 100)}
		for _, q := range m.Params {
			name, v := q.Name.Name, 0.0
			switch {
			case name == "threshold" || name == "V_spike": // above all potentials: neurons are looked at between their spikes
				v = 1000
			case q.Unit == "mV":
				v = rapid.Float64Range(-80, -40).Draw(t, name)
			case m.Linear != nil && name == m.Linear.Scale:
				v = between(t, name, 0.01, 10) * rapid.SampledFrom([]float64{1, -1}).Draw(t, "sign")
			case q.Unit == "ms": // time constants are alike or differ by more than rounding
				v = math.Round(100*between(t, name, 0.02, 50)) / 100
			default:
				v = between(t, name, 0.02, 50)
			}
			c.params = append(c.params, v)
		}
		for _, s := range m.States {
			v := s.Fallback
			switch {
			case s.Unit == "mV" && m.Received(s.Name.Name) < 0: // no reversal potential, so that a conductance drives a current
				v = rapid.Float64Range(-35, -30).Draw(t, s.Name.Name)
			case m.Refractory != s.Name.Name && (takesSpikes(m) || len(s.Init) > 0):
				v = rapid.Float64Range(0, 1).Draw(t, s.Name.Name)
			}
			c.states = append(c.states, v)
		}
		train := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0.01, 10))
		for range 80 {
			c.trains = append(c.trains, [2]float64{train.Draw(t, "a"), train.Draw(t, "b")})
		}
		return c
	})
	return draw.Filter(func(c trial) bool {
		vars := c.begin(m, c.states)
		return len(m.Failing(vars, 1, c.dt)) == 0 && (m.Linear == nil || m.Linear.When == nil || m.Eval(m.Linear.When, vars, 1, c.dt)[0] != 0)
	})
}

// takesSpikes tells whether a model reads spikes besides receiving them: a synapse.
func takesSpikes(m *Model) bool { return m.Access("spike_state") != nil }

// begin makes the component in the given states, at rest if there are none.
func (c *trial) begin(m *Model, states []float64) Vars {
	vars := Vars{}
	for _, a := range m.Accesses {
		vars[a.As] = []float64{0}
	}
	for k, q := range m.Params {
		vars[q.Name.Name] = []float64{c.params[k]}
	}
	for k, s := range m.States {
		vars[s.Name.Name] = []float64{0}
		if states != nil {
			vars[s.Name.Name][0] = states[k]
		}
	}
	m.EvalConsts(vars, 1, c.dt)
	return vars
}

// step advances the component, lets it receive a weight, and then has it show its output.
func (c *trial) step(m *Model, vars Vars, weight float64) {
	m.EvalStep(vars, 1, 1, c.dt, nil)
	if weight == 0 {
		return
	}
	c.receive(m, vars, 0, weight)
	for _, u := range m.Updates {
		if m.StateIndex(u.Name) < 0 {
			vars[u.Name] = []float64{0}
		}
	}
	ev := evaluator{vars: vars, n: 1, dt: c.dt}
	ev.stmts(m.Output, ev.fill(1))
}

func (c *trial) receive(m *Model, vars Vars, k int, weight float64) {
	r := &m.Receives[k]
	factor := 1.0
	if r.X != nil {
		factor = m.Eval(r.X, vars, 1, c.dt)[0]
	}
	vars[r.Name.Name] = []float64{vars[r.Name.Name][0] + weight*factor}
}

// values are the states and outputs of a component.
func values(m *Model, vars Vars) []float64 {
	var out []float64
	for _, s := range m.States {
		out = append(out, vars[s.Name.Name][0])
	}
	return append(out, outputs(m, vars)...)
}

func outputs(m *Model, vars Vars) []float64 {
	var out []float64
	for _, u := range m.Updates {
		out = append(out, vars[u.Name][0])
	}
	return out
}

// differ compares values; size is the largest magnitude that each has had, below which rounding is small.
func differ(a, b, size []float64) bool {
	for k := range a {
		size[k] = max(size[k], math.Abs(a[k]), math.Abs(b[k]))
		if !(math.Abs(a[k]-b[k]) <= 1e-10*size[k]) {
			return true
		}
	}
	return false
}

// untrue tries what a model declares, and says what is not so.
func untrue(m *Model, c trial) string {
	if len(m.Receives) > 0 {
		untrue := c.reaches
		if takesSpikes(m) {
			untrue = c.replaces
		}
		if why := untrue(m); why != "" {
			return why
		}
	}
	if m.Linear == nil {
		return ""
	}
	for _, try := range []func(*Model) string{c.rests, c.addsUp, c.scales} {
		if why := try(m); why != "" {
			return why
		}
	}
	return ""
}

// replaces: one spike that a synapse reads is as good as one that it receives with weight 1.
func (c *trial) replaces(m *Model) string {
	reads, receives := c.begin(m, c.states), c.begin(m, c.states)
	reads[m.Access("spike_state").As] = []float64{1}
	m.EvalStep(reads, 1, 1, c.dt, nil)
	c.step(m, receives, 1)
	a, b := values(m, reads), values(m, receives)
	if differ(a, b, make([]float64, len(a))) {
		return fmt.Sprintf("a spike that is read leads to %v, one that is received to %v", a, b)
	}
	return ""
}

// reaches: what a neuron receives shows in its membrane potential in the next step.
func (c *trial) reaches(m *Model) string {
	for k, r := range m.Receives {
		with, without := c.begin(m, c.states), c.begin(m, c.states)
		c.receive(m, with, k, c.weight)
		m.EvalStep(with, 1, 1, c.dt, nil)
		m.EvalStep(without, 1, 1, c.dt, nil)
		if with["V"][0] == without["V"][0] || math.IsNaN(with["V"][0]) {
			return fmt.Sprintf("V is %v with and %v without a spike onto %s", with["V"][0], without["V"][0], r.Name.Name)
		}
	}
	return ""
}

// rests: without spikes a component starts from rest and stays there.
func (c *trial) rests(m *Model) string {
	for _, s := range m.States {
		if !s.HasFall || s.Fallback != 0 {
			return fmt.Sprintf("%s starts at %v", s.Name.Name, s.Fallback)
		}
	}
	vars := c.begin(m, nil)
	for n := range c.trains {
		c.step(m, vars, 0)
		for _, v := range values(m, vars) {
			if v != 0 {
				return fmt.Sprintf("without spikes it holds %v after %d steps", values(m, vars), n+1)
			}
		}
	}
	return ""
}

// addsUp: two trains of spikes together lead to the sum of what each leads to.
func (c *trial) addsUp(m *Model) string {
	both, one, other := c.begin(m, nil), c.begin(m, nil), c.begin(m, nil)
	size := make([]float64, len(m.States)+len(m.Updates))
	for n, w := range c.trains {
		c.step(m, both, w[0]+w[1])
		c.step(m, one, w[0])
		c.step(m, other, w[1])
		sum := values(m, one)
		for k, v := range values(m, other) {
			sum[k] += v
		}
		if got := values(m, both); differ(got, sum, size) {
			return fmt.Sprintf("after %d steps two trains together lead to %v, each by itself to a sum of %v", n+1, got, sum)
		}
	}
	return ""
}

// scales: outputs are proportional to the scale parameter, and states do not depend on it.
func (c *trial) scales(m *Model) string {
	if m.Linear.Scale == "" {
		return ""
	}
	plain, scaled := c.begin(m, nil), c.begin(m, nil)
	scaled[m.Linear.Scale] = []float64{c.times * scaled[m.Linear.Scale][0]}
	m.EvalConsts(scaled, 1, c.dt)
	size := make([]float64, len(m.States)+len(m.Updates))
	for n, w := range c.trains {
		c.step(m, plain, w[0])
		c.step(m, scaled, w[0])
		want := values(m, plain)
		for k := range want[len(m.States):] {
			want[len(m.States)+k] *= c.times
		}
		if got := values(m, scaled); differ(got, want, size) {
			return fmt.Sprintf("after %d steps %g times %s leads to %v, expected %v", n+1, c.times, m.Linear.Scale, got, want)
		}
	}
	return ""
}

// TestDeclared: what the library's models declare about the spikes that they receive is true, for any parameters and states.
func TestDeclared(t *testing.T) {
	for _, name := range LibraryNames() {
		m := Library()[name]
		if len(m.Receives) == 0 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			draw := trials(m)
			rapid.Check(t, func(t *rapid.T) {
				if why := untrue(m, draw.Draw(t, "trial")); why != "" {
					t.Fatal(why)
				}
			})
		})
	}
}

// TestUntrueDeclarations: declarations that are not true are found out.
func TestUntrueDeclarations(t *testing.T) {
	synapse := `model Synapse
  doc "A synapse."
  accesses spike_state any 1
  updates  g mS/cm^2
  param    gmax mS/cm^2, st ms
  receives s 1
  linear   gmax
  state    s 1 = 0
  const    b = exp(-dt/st)
  step     s *= b; if (spike_state > 0) s += 1;
  output   g = gmax*s;
`
	neuron := `model Neuron
  doc "A neuron."
  updates  V mV
  param    tau ms
  receives x mV, y mV
  state    V mV = 0, x mV = 0, y mV = 0
  equations dV/dt = (x + y - V)/tau; dx/dt = -x/tau; dy/dt = -y/tau;
`
	for _, c := range []struct{ name, text, old, new, want string }{
		{"true of the synapse", synapse, "", "", ""},
		{"true of the neuron", neuron, "", "", ""},
		{"wrong factor", synapse, "receives s 1", "receives s 1 = 2", "a spike that is read leads to"},
		{"spike before the decay", synapse, "s *= b; if (spike_state > 0) s += 1;", "if (spike_state > 0) s += 1; s *= b;", "a spike that is read leads to"},
		{"spikes saturate", synapse, "s += 1;", "s += 0.63*(1 - s);", "a spike that is read leads to"},
		{"starts elsewhere", synapse, "state    s 1 = 0", "state    s 1 = 1", "s starts at 1"},
		{"output at rest", synapse, "g = gmax*s", "g = gmax*(s + 0.001)", "without spikes it holds"},
		{"state saturates", synapse, "s *= b;", "s = min(s, 1)*b;", "two trains together"},
		{"output saturates", synapse, "g = gmax*s", "g = gmax*s/(1 + s)", "two trains together"},
		{"not proportional", synapse, "g = gmax*s", "g = gmax*gmax*s", "times gmax leads to"},
		{"proportional to something else", synapse, "linear   gmax", "linear   st", "times st leads to"},
		{"true under another condition", Library()["AlphaSynapse"].Text, "when (ar + ad)*dt < 0.5", "when (ar + ad)*dt < 1", "two trains together"},
		{"does not reach V", neuron, "x + y - V", "x - V", "onto y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.text, c.old) {
				t.Fatalf("the text has no %q", c.old)
			}
			m := parse(t, strings.Replace(c.text, c.old, c.new, 1))
			draw, why := trials(m), ""
			for seed := 0; seed < 300 && why == ""; seed++ {
				why = untrue(m, draw.Example(seed))
			}
			if !strings.Contains(why, c.want) || (why == "") != (c.want == "") {
				t.Errorf("got %q, want %q", why, c.want)
			}
		})
	}
}
