package engine

import (
	"fmt"
	"testing"

	"github.com/nkrun/nkrun/lpu/compile"
	"github.com/nkrun/nkrun/lpu/graph"
)

// typical are parameters with which the models of the generic LPU do what they usually do.
var typical = map[string]map[string]float64{
	"LeakyIAF":      {"resting_potential": 0, "threshold": -25.1, "reset_potential": -67.5, "capacitance": 0.067, "resistance": 1002.4, "initV": -40},
	"MorrisLecar":   {"V1": 30, "V2": 15, "V3": 0, "V4": 30, "phi": 0.025, "offset": 0, "V_L": -50, "V_Ca": 100, "V_K": -70, "g_L": 0.5, "g_Ca": 1.1, "g_K": 2, "initV": -52.14, "initn": 0.02},
	"AlphaSynapse":  {"gmax": 3e-3, "ar": 0.11, "ad": 1.9},
	"PowerGPotGPot": {"threshold": -50, "slope": 8e-7, "power": 1, "saturation": 3e-5},
	"LeakyIAFExp":   {"resting_potential": -52, "threshold": -45, "reset_potential": -52, "tau_m": 20, "tau_s": 5, "refractory_period": 2.2},
	"LeakyIAFCond":  {"resting_potential": -60, "threshold": -50, "reset_potential": -60, "tau_m": 20, "tau_e": 5, "tau_i": 10, "refractory_period": 5, "bias": 9},
	"TraubMiles":    {},
	"HodgkinHuxley": {"n": 0.3, "m": 0.05, "h": 0.6, "initV": -65},
}

// BenchmarkKernel times one step of 10,000 unconnected components of a model, in nanoseconds for one component.
func BenchmarkKernel(b *testing.B) {
	const n = 10000
	for _, class := range []string{"LeakyIAF", "AlphaSynapse", "PowerGPotGPot", "MorrisLecar", "HodgkinHuxley", "LeakyIAFExp", "LeakyIAFCond", "TraubMiles"} {
		for _, prec := range []Precision{Double, Single} {
			name := class + "/double"
			if prec == Single {
				name = class + "/single"
			}
			b.Run(name, func(b *testing.B) {
				g := graph.New(class)
				for i := range n {
					k := g.AddNode(fmt.Sprint(i))
					g.SetNode(k, "class", graph.StringValue(class))
					for p, v := range typical[class] {
						g.SetNode(k, p, graph.FloatValue(v))
					}
				}
				c, err := compile.Graph(g, compile.Options{LPU: class, DT: 1e-4, Rates: "ms", Without: compile.PassNames()})
				if err != nil {
					b.Fatal(err)
				}
				e, err := New(c.Program(), prec)
				if err != nil {
					b.Fatal(err)
				}
				defer e.Close()
				for b.Loop() {
					if err := e.Step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/component")
			})
		}
	}
}
