package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

//go:embed assets uplot
var files embed.FS

func asset(name string) string {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("report: " + err.Error()) // the files are part of the program
	}
	return string(b)
}

// scripts are run in this order. Those of ours share one scope, so that the parts of it may be in files of their own.
var scripts = sync.OnceValue(func() []string {
	own := "\"use strict\";\n(() => {\n"
	for _, name := range []string{"data.js", "view.js", "chart.js", "lines.js", "spikes.js", "main.js"} {
		own += asset("assets/" + name)
	}
	return []string{asset("uplot/uPlot.iife.min.js"), own + "})();\n"}
})

// policy lets the page run the scripts that came with nkrun, show pictures that are in it, and nothing else: it loads nothing from
// anywhere, whatever stands in the names of a user's files and uids.
var policy = sync.OnceValue(func() string {
	p := "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src"
	for _, s := range scripts() {
		sum := sha256.Sum256([]byte(s))
		p += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return p
})

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"number": number, "seconds": seconds, "bytes": size, "percent": func(part float64) string { return fmt.Sprintf("%.2f%%", 100*part) },
	}).ParseFS(files, "assets/*.html"))
})

// head is what the upper part of the page shows.
type head struct {
	Title   string
	Policy  string
	Styles  []template.CSS
	License template.HTML
	Run     *Run
	Times   []rankBar
	More    int // ranks that have no bar
	Models  []modelBar
	Config  string
	Panels  []headPanel
	Zoom    bool // there is a panel that zooms
}

type headPanel struct {
	ID      int
	Title   string
	Picture bool
}

func writeHead(w io.Writer, r *Report) error {
	h := head{Title: r.Figure.Title, Policy: policy(), License: template.HTML("<!-- uPlot, which draws the axes and lines of this page:\n" + asset("uplot/LICENSE") + "-->"),
		Styles: []template.CSS{template.CSS(asset("uplot/uPlot.min.css")), template.CSS(asset("assets/style.css"))}, Run: r.Run}
	if h.Title == "" {
		h.Title = "Report of a run"
	}
	for i := range r.Figure.Panels {
		p := &r.Figure.Panels[i]
		title := p.Title
		if title == "" {
			title = fmt.Sprintf("%s of %s", p.Variable, filepath.Base(p.Source))
		}
		h.Panels = append(h.Panels, headPanel{i, title, !zooms(p.Type)})
		h.Zoom = h.Zoom || zooms(p.Type)
	}
	if r.Run != nil {
		h.Times, h.More = rankBars(r.Run.Ranks)
		h.Models = modelBars(r.Run.Ranks)
		var b bytes.Buffer
		if err := json.Indent(&b, r.Run.Config, "", "  "); err != nil {
			return fmt.Errorf("the configuration in %s: %w", RunFile, err)
		}
		h.Config = b.String()
	}
	return page().ExecuteTemplate(w, "head.html", h)
}

func writeTail(w io.Writer, panels []panel) error {
	about, err := json.Marshal(panels) // which escapes <, > and &
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "<script type=\"application/json\" id=\"panels\">%s</script>\n", about); err != nil {
		return err
	}
	for _, s := range scripts() {
		if _, err := fmt.Fprintf(w, "<script>%s</script>\n", s); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "</body>\n</html>\n")
	return err
}

// When returns the date and time of the run's start for people.
func (r *Run) When() string {
	t, err := time.Parse(time.RFC3339, r.Started)
	if err != nil {
		return r.Started
	}
	return t.Format("2 January 2006, 15:04:05 MST")
}

// CommandLine returns the command that was run.
func (r *Run) CommandLine() string { return strings.Join(r.Command, " ") }

// Hosts returns the machines of the ranks, each once.
func (r *Run) Hosts() string {
	var hosts []string
	seen := map[string]bool{}
	for _, k := range r.Ranks {
		if k.Host != "" && !seen[k.Host] {
			seen[k.Host] = true
			hosts = append(hosts, k.Host)
		}
	}
	const shown = 4
	if len(hosts) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(hosts[:shown], ", "), len(hosts)-shown)
	}
	return strings.Join(hosts, ", ")
}

// PeakMB returns the largest memory that a rank had.
func (r *Run) PeakMB() (most float64) {
	for _, k := range r.Ranks {
		most = max(most, k.PeakMB)
	}
	return most
}

// BytesAStep returns what is exchanged in a step.
func (r *Run) BytesAStep() (sum int) {
	for _, k := range r.Routes {
		sum += k.Bytes
	}
	return sum
}

// Components returns the components of all LPUs.
func (r *Run) Components() (sum int) {
	for _, l := range r.LPUs {
		sum += l.Components
	}
	return sum
}

// Connections returns the connections within all LPUs.
func (r *Run) Connections() (sum int) {
	for _, l := range r.LPUs {
		sum += l.Connections
	}
	return sum
}
