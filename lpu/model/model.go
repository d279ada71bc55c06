// Package model is the model library and the language that its models are written in.
//
// A model is one text file: what a component of an LPU reads and writes, its parameters with their units, its
// state, and its update rule in C syntax. From this one text the kernels for CPU and GPU are generated (package
// kernel), the graph compiler learns which edges fit (package compile), and `nkrun models` prints its pages.
//
//	model LeakyIAF
//	  doc      "Leaky integrate-and-fire neuron, exact exponential update."
//	  source   "Lapicque 1907"
//	  accesses I sum             uA/cm^2   "input current"
//	  updates  spike_state       1         "1 in a step with a spike"
//	  updates  V                 mV        "membrane potential"
//	  param    threshold         mV        "a spike is emitted at V >= threshold"
//	  param    reset_potential   mV
//	  param    capacitance       uF/cm^2
//	  param    resistance        kOhm*cm^2
//	  state    V mV = initV | -65
//	  max_dt   1e-4
//	  const    b = exp(-dt / (capacitance*resistance))
//	  step     V = V*b + resistance*I*(1 - b);
//	           if (V >= threshold) { V = reset_potential; spike_state = 1; }
//
// # Layout
//
// A file holds one model. A section is a keyword and what follows it, up to the next line that is indented no
// deeper than the keyword. `#` starts a comment. Sections that declare names may be repeated, or list several
// names separated by commas.
//
//	doc "..."                       what the model is (required)
//	source "..."                    paper or program it comes from
//	accesses NAME MODE UNIT         a variable that is read; MODE says how several connections combine:
//	                                sum (added), any (1 if any is above 0), one (a single connection),
//	                                each (kept apart, for sum(...) in the rule)
//	         ... with ATTR UNIT     attributes that each connection of an `each` variable carries
//	         ... as NAME            the name used in the rule, if it must differ
//	updates NAME UNIT               a variable that is written
//	param NAME UNIT [= DEFAULT]     a parameter, one value a component; required without a default
//	carries NAME UNIT [= DEFAULT]   an attribute that other components use (a synapse's reversal potential)
//	ignores NAME UNIT               an attribute that graphs may hold but that means nothing
//	receives STATE UNIT [= EXPR]    a state that weighted connections (a table, or an edge with a weight) add to: a spike adds
//	                                weight*EXPR at the end of the step that it arrives in; EXPR is 1 if left out
//	linear [PARAM] [when CONDITION] the states are linear in the spikes that are received, start from rest and stay there without
//	                                spikes, and the outputs are proportional to them, and to PARAM: components alike then add up
//	state NAME UNIT = A | B | ...   a state and where it starts: the first of the attributes that a node has,
//	                                or a number
//	max_dt SECONDS                  largest step; a longer step of the run is split into equal sub-steps
//	const NAME = EXPR               a value worked out once per component, from parameters and dt
//	equations dNAME/dt = EXPR; ...  differential equations of states, with time in milliseconds
//	method NAME                     how they are advanced: euler, exponential_euler, rk4 or exact; `euler for STATES`: these by the
//	                                forward Euler method, the others as the parser chooses
//	threshold CONDITION             looked at after the equations: where it holds, spike_state becomes 1 (if the model
//	                                updates it) and reset is done
//	reset STATEMENTS
//	refractory TIME holds STATES    for that many ms after the threshold the states stand still and nothing is reset
//	unstable CONDITION "WHY"        parameters and dt of which the user is to be warned before a run
//	step STATEMENTS                 done once a sub-step, after the equations
//	output STATEMENTS               done once a step, after the last sub-step
//
// # The rule
//
// Statements are C: `real x = ...;` declares a local, `=`, `+=`, `-=`, `*=`, `/=` assign, `if`/`else` choose,
// and expressions have C's operators and precedence. Every number is real (1/2 is 0.5). `dt` is the sub-step in
// milliseconds; `first` is 1 in the first sub-step of a step. Functions: exp, expm1, log, sqrt, pow, tanh, cosh, abs,
// min, max, floor. sum(EXPR) adds EXPR over the connections of an `each` variable. random() is a number in [0, 1),
// uniform and independent in every sub-step, for every component and at every place where it is written; it depends on
// the run's seed, the LPU's name and the component's uid, and on nothing else.
//
// Accessed variables keep their value over the sub-steps. An updated variable that is also a state shows the
// state after the step; one that is not starts each step at 0.
//
// # Equations
//
//	equations  dV/dt = (E - V + R*I)/tau;
//	           dw/dt = (a*(V - E) - w)/tau_w;
//	threshold  V > V_t
//	reset      V = V_r; w += b;
//	refractory 2 holds V
//
// Each equation is of a state; locals (`real x = ...;`) may stand before. All states advance from their old values. By
// default the method is exact where each equation is linear in its own state, with a factor that no state enters, and
// depends at most linearly on states that depend on no others; else exponential_euler where each is linear in its own
// state; else rk4. The parser rewrites equations into statements of the rule, which is all that the rest of nkrun sees.
//
// # Weighted connections
//
//	receives g mV
//
// lets rows of a table, and edges with a weight, add to the state g of a neuron, without a synapse between. In a synapse
// model, one spike through its accessed spike_state is as good as one that it receives with weight 1.
//
// Words are kept free for what later versions may add: a model may not declare the names linear, decays, bound and
// model.
package model

import (
	"fmt"
	"strings"
)

// Pos is a place in a model file, both counted from 1.
type Pos struct{ Line, Col int }

// Mode says how the values of several connections to one accessed variable combine.
type Mode uint8

// The modes of an access.
const (
	Sum  Mode = iota // values are added
	Any              // 1 if any value is above 0, else 0: spikes
	One              // at most one connection
	Each             // every connection is kept, with its attributes, for sum(...) in the rule
)

var modeNames = [...]string{Sum: "sum", Any: "any", One: "one", Each: "each"}

// String returns the mode's keyword.
func (m Mode) String() string { return modeNames[m] }

// Name is what all declared names have in common.
type Name struct {
	Name string
	Unit string // normalised text, "1" for a pure number
	Doc  string
	Pos  Pos
}

// Access is a variable that the model reads.
type Access struct {
	Name
	Mode Mode
	As   string // the name in the rule, usually Name
	With []Name // attributes of each connection, mode Each only
}

// Param is an attribute of a component.
type Param struct {
	Name
	Default  float64
	Optional bool // Default holds where a node lacks the attribute
}

// State is a value that a component keeps from step to step.
type State struct {
	Name
	Init     []string // attributes in the order of preference
	Fallback float64  // where a node has none of them, if HasFallback; otherwise one is required
	HasFall  bool
}

// Const is a value worked out once per component.
type Const struct {
	Name
	X Expr
}

// Receive is a state that weighted connections add to.
type Receive struct {
	Name
	X Expr // what a spike of weight 1 adds, from parameters, dt and constants; nil: 1
}

// Linear declares that the model is linear in the spikes that it receives: see the package comment.
type Linear struct {
	Pos
	Scale string // the parameter that the outputs are proportional to, or ""
	When  Expr   // nil: always
}

// Check is a condition on parameters and dt under which a model goes wrong.
type Check struct {
	Pos
	X   Expr
	Why string
}

// Model is one model file, parsed and checked.
type Model struct {
	Name     string
	File     string // where it was read from, for messages
	Doc      string
	Source   string
	Text     string // the file, for printing
	Accesses []Access
	Updates  []Name
	Params   []Param
	Carried  []Param
	Ignored  []Name
	States   []State
	Receives []Receive
	Linear   *Linear // nil: not declared
	Consts   []Const
	Unstable []Check
	MaxDT    float64 // seconds; 0 = no limit
	Step     []Stmt  // what equations become, then what the section step says
	Output   []Stmt

	Equations []Equation
	Method    string // how equations are advanced: euler, exponential_euler, rk4 or exact

	// Refractory is the state that counts the sub-steps of the refractory time that are left, "" without one.
	Refractory string

	Closed *Closed // nil: there is none

	dyn   *dynamics
	draws int // calls of random()
}

// Access returns the access to the variable called name, or nil.
func (m *Model) Access(name string) *Access {
	for i := range m.Accesses {
		if m.Accesses[i].Name.Name == name {
			return &m.Accesses[i]
		}
	}
	return nil
}

// Updated returns the number of the updated variable called name, or -1.
func (m *Model) Updated(name string) int {
	for i := range m.Updates {
		if m.Updates[i].Name == name {
			return i
		}
	}
	return -1
}

// Received returns the number of what the model receives under this name, or -1.
func (m *Model) Received(name string) int {
	for i := range m.Receives {
		if m.Receives[i].Name.Name == name {
			return i
		}
	}
	return -1
}

// StateIndex returns the number of the state called name, or -1.
func (m *Model) StateIndex(name string) int {
	for i := range m.States {
		if m.States[i].Name.Name == name {
			return i
		}
	}
	return -1
}

// Random tells whether the model draws random numbers: two components of equal parameters then differ.
func (m *Model) Random() bool { return m.draws > 0 }

// Attributes lists every attribute of a node that means something to the model (or is ignored by declaration), in
// the order of the file: parameters, carried ones, initial values, ignored ones.
func (m *Model) Attributes() []string {
	var out []string
	seen := map[string]bool{}
	add := func(n string) {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	for _, p := range m.Params {
		add(p.Name.Name)
	}
	for _, p := range m.Carried {
		add(p.Name.Name)
	}
	for _, s := range m.States {
		for _, i := range s.Init {
			add(i)
		}
	}
	for _, p := range m.Ignored {
		add(p.Name)
	}
	return out
}

// SubSteps returns how many equal sub-steps a step of dt seconds is split into, and the length of one in
// milliseconds: dt/MaxDT rounded when it is whole to 1e-5, else rounded up (spec of the reference, models.md 0).
func (m *Model) SubSteps(dt float64) (n int, ms float64) {
	n = 1
	if m.MaxDT > 0 && dt > m.MaxDT {
		r := dt / m.MaxDT
		n = int(r + 0.5)
		if d := r - float64(n); d < -1e-5 || d > 1e-5 {
			n = int(r) + 1
		}
	}
	return n, dt / float64(n) * 1000
}

// Error is a mistake in a model file.
type Error struct {
	File string
	Pos
	Msg string
}

// Error returns "file:line:column: message".
func (e *Error) Error() string { return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg) }

// Errors are all mistakes found in a model file, in the order of the text.
type Errors []*Error

// Error returns one line a mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}
