package config

import "strconv"

// Text is a word of the configuration with its position: a selector, a variable, the name of a kind.
type Text struct {
	Value string
	Pos   Pos
}

// Path is a file named in the configuration.
type Path struct {
	Written string // as in the file
	Abs     string // relative paths start at the folder of the configuration file
	Pos     Pos
}

// Given reports whether a file is named at all.
func (p Path) Given() bool { return p.Written != "" }

// Graph names the description of an LPU: one file, or a table of nodes and a table of edges.
type Graph struct {
	File         Path // empty when tables are given
	Nodes, Edges Path
	Pos          Pos
}

// Given reports whether the LPU is described by a graph.
func (g Graph) Given() bool { return g.File.Given() || g.Nodes.Given() || g.Edges.Given() }

// DeviceKind is the kind of processor an LPU runs on.
type DeviceKind int

// The kinds of device. DeviceAuto leaves the choice to the broker.
const (
	DeviceAuto DeviceKind = iota
	DeviceCPU
	DeviceGPU
)

// AnyGPU is the index of a device written as "gpu" without a number.
const AnyGPU = -1

// Device says where an LPU runs.
type Device struct {
	Kind  DeviceKind
	Index int // of the GPU; AnyGPU when none is named
	Pos   Pos
}

// String returns the device as it is written in the configuration.
func (d Device) String() string {
	switch {
	case d.Kind == DeviceCPU:
		return "cpu"
	case d.Kind == DeviceGPU && d.Index != AnyGPU:
		return "gpu:" + strconv.Itoa(d.Index)
	case d.Kind == DeviceGPU:
		return "gpu"
	}
	return "auto"
}

// UIDs selects components of a graph: all that have the variable in question, or those listed.
type UIDs struct {
	All  bool
	List []string
	At   []Pos // of each in List
	Pos  Pos
}

// Values is one number for all uids, or one for each.
type Values struct {
	List []float64
	Pos  Pos
}

// For returns the number for the i-th uid.
func (v Values) For(i int) float64 {
	if len(v.List) == 1 {
		return v.List[0]
	}
	return v.List[i]
}

// Limits is the range of an axis; Auto fits it to the data.
type Limits struct {
	Auto   bool
	Lo, Hi float64
}

// Params is a free map for a Processor kind that only the kind itself can check. Values are bool, int64, float64,
// string, nil, []any and map[string]any.
type Params struct {
	Place
	Values map[string]any
}
