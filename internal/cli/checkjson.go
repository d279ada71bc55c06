package cli

import (
	"github.com/nkrun/nkrun/broker"
	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/plsel"
)

// checkReport is what `check --json` prints of a configuration in which nothing is wrong.
type checkReport struct {
	OK          bool              `json:"ok"`
	Config      string            `json:"config"`
	DT          float64           `json:"dt"`
	Steps       int               `json:"steps"`
	Precision   string            `json:"precision"`
	LPUs        []checkedLPU      `json:"lpus"`
	Routes      []checkedRoute    `json:"routes"`
	Unconnected []unconnectedPort `json:"unconnected"`
	Notes       []string          `json:"notes"`
}

type checkedLPU struct {
	Name        string        `json:"lpu"`
	MadeFrom    string        `json:"made_from"`
	Rank        int           `json:"rank"`
	Components  int           `json:"components"`
	Connections int           `json:"connections"`
	Bytes       int64         `json:"bytes"`
	Rates       string        `json:"rates,omitempty"`
	PortsIn     portNumbers   `json:"ports_in"`
	PortsOut    portNumbers   `json:"ports_out"`
	Passes      []checkedPass `json:"passes,omitempty"` // with --explain
}

type portNumbers struct {
	Gpot  int `json:"gpot"`
	Spike int `json:"spike"`
}

type checkedPass struct {
	Pass string `json:"pass"`
	Text string `json:"text"`
}

type checkedRoute struct {
	From        string      `json:"from"`
	To          string      `json:"to"`
	Type        string      `json:"type"`
	Connections int         `json:"connections"`
	PortsSent   int         `json:"ports_sent"`
	DelaySteps  int         `json:"delay_steps"`
	Bytes       int         `json:"bytes_a_step"`
	Ports       [][2]string `json:"ports,omitempty"` // with --ports: from and to
}

type unconnectedPort struct {
	LPU  string `json:"lpu"`
	IO   string `json:"io"`
	Type string `json:"type"`
	Port string `json:"port"`
}

// newCheckReport turns the plan of a run into its report.
func newCheckReport(path string, sum *broker.Summary, ports, explain bool) *checkReport {
	r := &checkReport{
		OK: true, Config: path, DT: sum.Config.DT, Steps: sum.Config.Steps, Precision: sum.Config.Precision,
		LPUs: []checkedLPU{}, Routes: []checkedRoute{}, Unconnected: []unconnectedPort{}, Notes: []string{},
	}
	var all []pattern.Ports
	for i := range sum.Config.LPUs {
		c := &sum.Config.LPUs[i]
		l := sum.LPUs[c.Name]
		all = append(all, l.Ports)
		lpu := checkedLPU{
			Name: c.Name, MadeFrom: madeFrom(c), Rank: sum.Plan.RankOf[c.Name], Components: l.Components, Connections: l.Connections, Bytes: l.Bytes, Rates: l.Rates,
			PortsIn:  portNumbers{len(l.Ports.In[pattern.Gpot]), len(l.Ports.In[pattern.Spike])},
			PortsOut: portNumbers{len(l.Ports.Out[pattern.Gpot]), len(l.Ports.Out[pattern.Spike])},
		}
		for _, n := range l.Notes {
			if explain {
				lpu.Passes = append(lpu.Passes, checkedPass{n.Pass, n.Text})
			}
		}
		r.LPUs = append(r.LPUs, lpu)
	}
	for _, route := range sum.Routes {
		r.Routes = append(r.Routes, newCheckedRoute(sum, route, ports))
	}
	for _, p := range pattern.Unconnected(all, sum.Routes) {
		for _, t := range pattern.Types {
			r.unconnected(p.LPU, "in", t.String(), p.In[t])
			r.unconnected(p.LPU, "out", t.String(), p.Out[t])
		}
	}
	r.Notes = append(r.Notes, sum.Plan.Notes(len(sum.Config.LPUs))...)
	return r
}

func newCheckedRoute(sum *broker.Summary, r pattern.Route, ports bool) checkedRoute {
	out := checkedRoute{r.From, r.To, r.Type.String(), len(r.Scatter), len(r.Gather), r.Delay, r.Bytes(), nil}
	if !ports {
		return out
	}
	from, to := sum.LPUs[r.From].Ports.Out[r.Type], sum.LPUs[r.To].Ports.In[r.Type]
	for k, in := range r.Scatter {
		out.Ports = append(out.Ports, [2]string{from[r.Gather[r.Source[k]]].String(), to[in].String()})
	}
	return out
}

func (r *checkReport) unconnected(lpu, io, typ string, ids []plsel.ID) {
	for _, id := range ids {
		r.Unconnected = append(r.Unconnected, unconnectedPort{lpu, io, typ, id.String()})
	}
}
