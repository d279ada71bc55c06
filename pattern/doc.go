// Package pattern connects LPUs: it says which output port of one feeds which input port of another.
//
// There are two ways to it. A run is wired with [Link]s, from selectors or from a file, which [Compile] checks as a
// whole and turns into [Route]s: plain vectors of port numbers that a worker gathers from and scatters to.
//
//	links, err := pattern.ElementWise("/lam/out[0:100]", "/med/in[0:100]", pattern.Pos{File: "run.yaml", Line: 12, Col: 7})
//	routes, err := pattern.Compile(ports, []pattern.Wiring{{A: "lam", B: "med", Links: links}})
//
// [Interface] and [Pattern] are the tables behind it for those who build or study connections in a program: ports with
// attributes, connections between them, and questions about both.
//
// A direction is always somebody's: a port on which an LPU emits is the LPU's out port, and an in port of the pattern,
// because that is where data enters the pattern.
package pattern
