package config

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/nearest"
)

// Plot is a picture or a video, drawn when the run ends.
type Plot struct {
	Place
	File          Path
	Panels        []Panel // row by row
	Title         string
	Rows, Columns int     // 0: as many as needed
	Width, Height float64 // inches
	Font          float64 // points; 0: what suits the size
	Seconds       float64 // length of a video
}

// Panel is one set of axes of a Plot.
type Panel struct {
	Place
	Type   string
	Source Path // the recording or input file with the data
	// Variables are one, or the horizontal and the vertical component of vectors. UIDs likewise.
	Variables        []Text
	UIDs             []UIDs
	Title            string
	XLim, YLim, CLim Limits
	YTicks           []float64 // nil: round numbers
	XLabel, YLabel   string
	Shape            [2]int   // rows and columns; 0: a square
	Positions        Path     // of uids on a dome
	Instant          *float64 // s; nil: the mean
	Bin              float64  // s; 0: what suits the range
}

var plotTypes = []string{"waveform", "raster", "heatmap", "rate", "profile", "image", "hsv", "quiver", "dome"}

// plotTable is one picture; the panels in it share the axis of time.
var plotTable = table[Plot]{
	where: "plot",
	place: func(p *Plot) *Place { return &p.Place },
	fields: []field[Plot]{
		key("file", fileToWrite, func(p *Plot) *Path { return &p.File }, required, "picture to write: .png, .svg or .pdf; video: .mp4 or .gif; or report: .html"),
		shownIf(func(p *Plot) bool { return len(p.Panels) > 0 },
			key("panels", listOf(&panelTable, "panels"), func(p *Plot) *[]Panel { return &p.Panels }, "(a report: all that is recorded)", "row by row, from left to right")),
		key("title", caption, func(p *Plot) *string { return &p.Title }, "(none)", "title of the whole"),
		shownIf(func(p *Plot) bool { return p.Rows > 0 },
			key("rows", count, func(p *Plot) *int { return &p.Rows }, "(as needed)", "rows of panels")),
		shownIf(func(p *Plot) bool { return p.Columns > 0 },
			key("columns", count, func(p *Plot) *int { return &p.Columns }, "(1, or as needed)", "panels beside each other")),
		key("width", inches, func(p *Plot) *float64 { return &p.Width }, "16", "width of the picture"),
		key("height", inches, func(p *Plot) *float64 { return &p.Height }, "9", "height of the picture"),
		shownIf(func(p *Plot) bool { return p.Font > 0 },
			key("font", points, func(p *Plot) *float64 { return &p.Font }, "(suits the size)", "size of labels; all other texts and lines follow it")),
		key("seconds", positiveSeconds, func(p *Plot) *float64 { return &p.Seconds }, "10", "length of a video"),
	},
	check: func(d *decoder, p *Plot, s *scope) {
		d.checkExtension(p.File, ".png", ".svg", ".pdf", ".mp4", ".gif", ".html")
		report := strings.EqualFold(filepath.Ext(p.File.Written), ".html")
		switch n := len(p.Panels); {
		case !p.Given("panels") && !report && !p.intended("panels"):
			d.report(p.Pos, "", "missing %q in %s: what is to be drawn; only a report, .html, shows all that is recorded without", "panels", s)
		case p.Given("panels") && n == 0:
			d.report(p.At("panels"), "", "there is nothing to draw in %s", s)
		case p.Rows > 0 && p.Columns > 0 && (n+p.Columns-1)/p.Columns > p.Rows:
			d.report(p.At("rows"), "leave out rows", "%d rows and %d columns have no room for the %d panels of %s", p.Rows, p.Columns, n, s)
		}
	},
}

var panelTable = table[Panel]{
	where: "panel",
	place: func(p *Panel) *Place { return &p.Place },
	fields: []field[Panel]{
		key("type", oneOf(plotTypes...), func(p *Panel) *string { return &p.Type }, required, "how it is drawn"),
		key("source", sourceFile, func(p *Panel) *Path { return &p.Source }, required, "recording or input file with the data"),
		key("variable", oneOrTwo(variableName, "the name of a variable, or a list of two names for hsv and quiver",
			func(n *node) bool { return n.kind == list && len(n.items) == 2 }), func(p *Panel) *[]Text { return &p.Variables }, required, "what is drawn"),
		key("uids", oneOrTwo(uids, "\"all\", a list of uids, or two lists for hsv and quiver",
			func(n *node) bool {
				return n.kind == list && len(n.items) == 2 && n.items[0].kind == list && n.items[1].kind == list
			}),
			func(p *Panel) *[]UIDs { return &p.UIDs }, "all", "whose values"),
		key("title", caption, func(p *Panel) *string { return &p.Title }, "(none)", "title of the panel"),
		key("xlim", limits, func(p *Panel) *Limits { return &p.XLim }, "auto", "range of time, s"),
		shownIfUsed(key("ylim", limits, func(p *Panel) *Limits { return &p.YLim }, "auto", "range of values, or of rows from 1 on")),
		shownIfUsed(key("clim", limits, func(p *Panel) *Limits { return &p.CLim }, "auto", "range of values that colours cover (heatmap, image, dome), or of lengths (hsv, quiver)")),
		shownIf(func(p *Panel) bool { return p.YTicks != nil },
			key("yticks", listOfNumbers, func(p *Panel) *[]float64 { return &p.YTicks }, "(round numbers)", "where the y axis is labelled; rows count from 1")),
		key("xlabel", caption, func(p *Panel) *string { return &p.XLabel }, "(what it is)", "label of the x axis"),
		key("ylabel", caption, func(p *Panel) *string { return &p.YLabel }, "(what it is)", "label of the y axis"),
		shownIf(func(p *Panel) bool { return p.Shape != [2]int{} },
			key("shape", gridShape, func(p *Panel) *[2]int { return &p.Shape }, "(a square)", "rows and columns of a grid (image, hsv, quiver)")),
		shownIf(func(p *Panel) bool { return p.Positions.Given() },
			key("positions", fileToRead, func(p *Panel) *Path { return &p.Positions }, "(none)", "where uids are on a dome: a table (.csv) with columns uid, lat and long, in degrees")),
		shownIfUsed(key("at", timeOrMean, func(p *Panel) **float64 { return &p.Instant }, "mean",
			"time shown, s, or the mean over xlim (profile, image, hsv, quiver, dome); without it, videos show each frame's time")),
		shownIf(func(p *Panel) bool { return p.Bin > 0 },
			key("bin", positiveSeconds, func(p *Panel) *float64 { return &p.Bin }, "(suits the range)", "time over which spikes are counted")),
	},
	check: checkPanel,
}

// keysOfTypes are the keys that not every type of panel has a use for.
var keysOfTypes = []struct {
	key   string
	types []string
}{
	{"ylim", []string{"waveform", "raster", "heatmap", "rate", "profile"}},
	{"yticks", []string{"waveform", "raster", "heatmap", "rate", "profile"}},
	{"clim", []string{"heatmap", "image", "hsv", "quiver", "dome"}},
	{"shape", []string{"image", "hsv", "quiver"}},
	{"positions", []string{"dome"}},
	{"at", []string{"profile", "image", "hsv", "quiver", "dome"}},
	{"bin", []string{"rate", "profile", "image", "hsv", "quiver", "dome"}},
}

// shownIfUsed leaves a key out of the resolved form where the type of the panel has no use for it.
func shownIfUsed(f field[Panel]) field[Panel] {
	return shownIf(func(p *Panel) bool {
		for _, k := range keysOfTypes {
			if k.key == f.key.Name {
				return slices.Contains(k.types, p.Type)
			}
		}
		return true
	}, f)
}

var points = numberWhere("a positive number of points", isPositive)

// checkPanel reports keys that the type of a panel has no use for, and vectors with one component.
func checkPanel(d *decoder, p *Panel, s *scope) {
	for _, k := range keysOfTypes {
		if p.Type != "" && p.Given(k.key) && !slices.Contains(k.types, p.Type) {
			d.report(p.At(k.key), "leave it out", "%q does not apply to type %s in %s; it is for %s", k.key, p.Type, s, joinOr(k.types))
		}
	}
	if p.Type == "dome" && !p.Given("positions") && !p.intended("positions") {
		d.report(p.Pos, "", "missing %q in %s: a table with columns uid, lat and long says where uids are on the dome", "positions", s)
	}
	two := len(p.Variables) == 2 || len(p.UIDs) == 2
	switch isVectors := p.Type == "hsv" || p.Type == "quiver"; {
	case p.Type == "" || len(p.Variables) == 0:
	case two && !isVectors && len(p.Variables) == 2:
		d.report(p.At("variable"), "", "%s shows one variable, found 2 in %s", p.Type, s)
	case two && !isVectors:
		d.report(p.At("uids"), "", "%s shows one list of uids, found 2 in %s", p.Type, s)
	case isVectors && !two:
		d.report(p.At("variable"), "give two variables, or two lists of uids",
			"%s shows vectors, and %s has one component", p.Type, s)
	}
}

// oneOrTwo is a value, or a list of two for the components of vectors.
func oneOrTwo[V any](one value[V], what string, isTwo func(*node) bool) value[[]V] {
	return value[[]V]{
		what: what,
		hint: one.hint,
		read: func(d *decoder, n *node, s *scope) ([]V, bool) {
			if !isTwo(n) {
				v, ok := one.read(d, n, s)
				return []V{v}, ok
			}
			a, ok1 := one.read(d, n.items[0], s)
			b, ok2 := one.read(d, n.items[1], s)
			return []V{a, b}, ok1 && ok2
		},
		show: func(v []V) any {
			if len(v) == 1 {
				return one.show(v[0])
			}
			out := make([]any, len(v))
			for i := range v {
				out[i] = one.show(v[i])
			}
			return out
		},
	}
}

var listOfNumbers = value[[]float64]{
	what: "a list of numbers",
	read: func(_ *decoder, n *node, _ *scope) ([]float64, bool) { return numbers(n, isAny) },
	show: func(v []float64) any { return v },
}

var gridShape = value[[2]int]{
	what: "a list of two whole numbers >= 1, [rows, columns]",
	read: func(d *decoder, n *node, s *scope) (shape [2]int, ok bool) {
		if n.kind != list || len(n.items) != 2 {
			return shape, false
		}
		var ok1, ok2 bool
		shape[0], ok1 = count.read(d, n.items[0], s)
		shape[1], ok2 = count.read(d, n.items[1], s)
		return shape, ok1 && ok2
	},
	show: func(v [2]int) any { return []int{v[0], v[1]} },
}

// timeOrMean is nil for the mean.
var timeOrMean = value[*float64]{
	what: "a number of seconds or \"mean\"",
	read: func(_ *decoder, n *node, _ *scope) (*float64, bool) {
		if n.kind == scalar && n.text == "mean" {
			return nil, true
		}
		v, ok := n.number()
		return &v, ok
	},
	hint: func(n *node) string { return didYouMean(nearest.Name(n.text, []string{"mean"})) },
	show: func(v *float64) any {
		if v == nil {
			return "mean"
		}
		return *v
	},
}
