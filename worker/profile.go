package worker

import "github.com/nkrun/nkrun/lpu/engine"

// Part is a part of the time in which an LPU was computed.
type Part struct {
	LPU     string  `json:"lpu"`
	Part    string  `json:"part"`
	Model   string  `json:"model,omitempty"`
	Seconds float64 `json:"seconds"`
}

// parts splits the time of all LPUs made from graphs.
func (w *Worker) parts() []Part {
	var out []Part
	for _, u := range w.units {
		c, ok := u.proc.(*circuit)
		if !ok {
			continue
		}
		if e, ok := c.engine.(interface{ Profile() []engine.Timing }); ok {
			for _, t := range e.Profile() {
				out = append(out, Part{u.name, t.Part, t.Model, t.Seconds})
			}
		}
	}
	return out
}
