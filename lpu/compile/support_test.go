package compile

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/graph"
	"github.com/nkrun/nkrun/lpu/model"
)

// complete are attributes with which a component of a class is complete.
var complete = map[string]string{
	"LeakyIAF":      "resting_potential=-60 threshold=-40 reset_potential=-65 capacitance=1 resistance=10",
	"MorrisLecar":   "V1=30 V2=15 V3=0 V4=30 phi=0.025 offset=0 V_L=-50 V_Ca=100 V_K=-70 g_L=0.5 g_Ca=1.1 g_K=2",
	"AlphaSynapse":  "gmax=1 ar=0.1 ad=0.2",
	"SynapseNMDA":   "gmax=1 st=5 Mg=1",
	"PowerGPotGPot": "threshold=-50 slope=0.1 power=1 saturation=2",
}

// lpuText is a small LPU as lines of text. A line of a component is its uid, its class and attributes, k=v (a number, or text
// where it is none), on top of those of complete, from which -k takes k. A line of a port is uid, "Port", in or out, gpot or spike,
// selector. A line with -> is an edge with its attributes.
type lpuText []string

// write makes a GEXF file of it, and tells where in the file each node (by uid) and edge (e0, e1, ...) stands.
func (l lpuText) write(t testing.TB) (path string, where map[string]string) {
	t.Helper()
	keys := map[string][]string{}
	types := map[string]string{}
	values := func(kind string, pairs []string) string {
		var b strings.Builder
		for _, p := range pairs {
			k, v, _ := strings.Cut(p, "=")
			title := kind + " " + k
			if !slices.Contains(keys[kind], k) {
				keys[kind] = append(keys[kind], k)
				types[title] = "double"
			}
			if _, err := strconv.ParseFloat(v, 64); err != nil {
				types[title] = "string"
			}
			fmt.Fprintf(&b, `<attvalue for="%s%s" value="%s"/>`, kind, k, v)
		}
		return "<attvalues>" + b.String() + "</attvalues>"
	}
	var nodes, edges, names []string
	for _, line := range l {
		f := strings.Fields(line)
		if f[1] == "->" {
			edges = append(edges, fmt.Sprintf(`  <edge source="%s" target="%s">%s</edge>`, f[0], f[2], values("edge", f[3:])))
			continue
		}
		pairs := []string{"class=" + f[1]}
		switch {
		case f[1] == "Port":
			for k, title := range []string{"port_io", "port_type", "selector"} {
				if len(f) > 2+k {
					pairs = append(pairs, title+"="+f[2+k])
				}
			}
		default:
			all := append(strings.Fields(complete[f[1]]), f[2:]...)
			for i, p := range all {
				k, _, _ := strings.Cut(p, "=")
				replaced := slices.ContainsFunc(all[i+1:], func(q string) bool { return strings.HasPrefix(q, k+"=") || q == "-"+k })
				if !replaced && !strings.HasPrefix(p, "-") {
					pairs = append(pairs, p)
				}
			}
		}
		nodes, names = append(nodes, fmt.Sprintf(`  <node id="%s">%s</node>`, f[0], values("node", pairs))), append(names, f[0])
	}
	lines := []string{`<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="directed">`}
	for _, kind := range []string{"node", "edge"} {
		declared := ""
		for _, k := range keys[kind] {
			declared += fmt.Sprintf(`<attribute id="%s%s" title="%s" type="%s"/>`, kind, k, k, types[kind+" "+k])
		}
		lines = append(lines, fmt.Sprintf(`<attributes class="%s">%s</attributes>`, kind, declared))
	}
	where = map[string]string{}
	lines = append(lines, "<nodes>")
	for i, n := range nodes {
		lines = append(lines, n)
		where["{"+names[i]+"}"] = fmt.Sprintf("net.gexf:%d:3", len(lines))
	}
	lines = append(lines, "</nodes>", "<edges>")
	for i, e := range edges {
		lines = append(lines, e)
		where[fmt.Sprintf("{e%d}", i)] = fmt.Sprintf("net.gexf:%d:3", len(lines))
	}
	lines = append(lines, "</edges>", "</graph></gexf>", "")
	path = filepath.Join(t.TempDir(), "net.gexf")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	return path, where
}

// compiled is what has become of an LPU.
type compiled struct {
	*Circuit
	err      string // places in {uid} or {e0}, the LPU's file without its folder
	warnings []string
}

// compileText reads and compiles an LPU. Steps are of 0.1 ms unless opt says otherwise, and no pass runs.
func compileText(t testing.TB, text lpuText, opt Options) compiled {
	t.Helper()
	path, where := text.write(t)
	g, err := graph.ReadGEXF(path)
	if err != nil {
		t.Fatal(err)
	}
	symbolic := func(s string) string {
		s = strings.ReplaceAll(s, filepath.Dir(path)+string(filepath.Separator), "")
		for name, at := range where {
			s = strings.ReplaceAll(s, at+":", name+":")
			s = strings.ReplaceAll(s, at+")", name+")")
		}
		return s
	}
	var out compiled
	opt.LPU, opt.Without = "x", allBut("aggregate", "group")
	if opt.DT == 0 {
		opt.DT = 1e-4
	}
	opt.Warn = func(msg string) { out.warnings = append(out.warnings, symbolic(msg)) }
	if out.Circuit, err = Graph(g, opt); err != nil {
		out.err = symbolic(err.Error())
	}
	return out
}

// connections lists what a program connects, one line for each connection in the order of the program, as
// "target.variable <- source.variable +extra steps", with the reversal potential for conductances.
func connections(p *Program) []string {
	name := make([]map[int32]string, len(p.Rings)) // of each place
	for i := range name {
		name[i] = map[int32]string{}
	}
	for i := range p.Pops {
		q := &p.Pops[i]
		for k, o := range q.Out {
			for j, uid := range q.UIDs {
				name[o.Ring][int32(o.Offset+j)] = uid + "." + q.Model.Updates[k].Name
			}
		}
	}
	for _, l := range p.In {
		ids := p.Ports.InGpot
		if l.Spike {
			ids = p.Ports.InSpike
		}
		for k, place := range l.Place {
			name[l.Ring][place] = ids[l.Port[k]].String()
		}
	}
	var out []string
	for i := range p.Pops {
		q := &p.Pops[i]
		for k, a := range q.Access {
			for j, uid := range q.UIDs {
				for c := a.Row[j]; c < a.Row[j+1]; c++ {
					line := fmt.Sprintf("%s.%s <- %s", uid, q.Model.Accesses[k].Name.Name, name[a.Ring][a.Src[c]])
					if a.Delay[c] != 0 {
						line += fmt.Sprintf(" +%d", a.Delay[c])
					}
					if q.Model.Accesses[k].Mode == model.Each {
						line += fmt.Sprintf(" reverse %v", a.Attr[0][c])
					}
					out = append(out, line)
				}
			}
		}
	}
	for _, l := range p.Out {
		ids := p.Ports.OutGpot
		if l.Spike {
			ids = p.Ports.OutSpike
		}
		for k, place := range l.Place {
			out = append(out, fmt.Sprintf("%s <- %s", ids[l.Port[k]], name[l.Ring][place]))
		}
	}
	return out
}

// state returns the initial values of a state of the population of a class.
func state(t testing.TB, p *Program, class, state string) []float64 {
	t.Helper()
	q := popOf(t, p, class)
	return q.States[q.Model.StateIndex(state)]
}

func popOf(t testing.TB, p *Program, class string) *Population {
	t.Helper()
	for i := range p.Pops {
		if p.Pops[i].Model.Name == class {
			return &p.Pops[i]
		}
	}
	t.Fatalf("no population of class %s", class)
	return nil
}

// allBut lists all passes but those named.
func allBut(keep ...string) []string {
	return slices.DeleteFunc(PassNames(), func(p string) bool { return slices.Contains(keep, p) })
}
