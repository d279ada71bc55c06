package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/plot"
)

// zooms reports whether a type of panel is drawn by the page's script.
func zooms(kind string) bool {
	return kind == plot.Waveform || kind == plot.Rate || kind == plot.Raster
}

// segment is a part of a bar.
type segment struct {
	Name    string
	Seconds float64
	Part    float64 // of the longest bar
}

// rankBar shows where the time of a rank went.
type rankBar struct {
	Rank     int
	Seconds  float64
	Segments []segment
}

// modelBar shows how long the components of a model were computed, on all ranks.
type modelBar struct {
	LPU, Name string
	Seconds   float64
	Part      float64
}

// maxBars is how many bars are told apart at a glance.
const maxBars = 32

// rankBars returns the bars of the ranks that took longest, in the order of their numbers, and how many have none.
func rankBars(ranks []Rank) (bars []rankBar, more int) {
	for _, r := range ranks {
		wait := min(r.WaitS, r.Exchange)
		b := rankBar{Rank: r.Rank, Segments: []segment{{Name: "load", Seconds: r.LoadS}, {Name: "compute", Seconds: r.ComputeS},
			{Name: "exchange", Seconds: r.Exchange - wait}, {Name: "wait", Seconds: wait}, {Name: "record", Seconds: r.RecordS}}}
		for _, s := range b.Segments {
			b.Seconds += s.Seconds
		}
		if b.Seconds > 0 { // not a broker that slept
			bars = append(bars, b)
		}
	}
	if more = len(bars) - maxBars; more > 0 {
		slices.SortStableFunc(bars, func(a, b rankBar) int { return cmp.Compare(b.Seconds, a.Seconds) })
		bars = bars[:maxBars]
		slices.SortFunc(bars, func(a, b rankBar) int { return a.Rank - b.Rank })
	}
	longest := 0.0
	for _, b := range bars {
		longest = max(longest, b.Seconds)
	}
	for _, b := range bars {
		for i := range b.Segments {
			b.Segments[i].Part = b.Segments[i].Seconds / longest
		}
	}
	return bars, max(0, more)
}

// modelBars adds up what models cost, by LPU, the dearest first.
func modelBars(ranks []Rank) []modelBar {
	index := map[[2]string]int{}
	var bars []modelBar
	for _, r := range ranks {
		for _, p := range r.Parts {
			name := strings.TrimSpace(strings.TrimPrefix(p.Part, "model") + " " + p.Model)
			at, ok := index[[2]string{p.LPU, name}]
			if !ok {
				at = len(bars)
				index[[2]string{p.LPU, name}] = at
				bars = append(bars, modelBar{LPU: p.LPU, Name: name})
			}
			bars[at].Seconds += p.Seconds
		}
	}
	slices.SortStableFunc(bars, func(a, b modelBar) int { return cmp.Compare(b.Seconds, a.Seconds) })
	bars = bars[:min(len(bars), maxBars)]
	for i := range bars {
		bars[i].Part = bars[i].Seconds / bars[0].Seconds
	}
	return slices.DeleteFunc(bars, func(b modelBar) bool { return !(b.Seconds > 0) })
}

// number writes a count with thin spaces between thousands.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// seconds writes a time in the unit that suits it.
func seconds(s float64) string {
	switch {
	case s >= 3600:
		return fmt.Sprintf("%d h %02d min", int(s)/3600, int(s)/60%60)
	case s >= 120:
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	case s >= 1 || s == 0:
		return fmt.Sprintf("%.3g s", s)
	case s >= 1e-3:
		return fmt.Sprintf("%.3g ms", 1e3*s)
	}
	return fmt.Sprintf("%.3g µs", 1e6*s)
}

// size writes a number of bytes in the unit that suits it.
func size(n int) string {
	v, units := float64(n), []string{"B", "kB", "MB", "GB"}
	for len(units) > 1 && v >= 1000 {
		v, units = v/1000, units[1:]
	}
	return fmt.Sprintf("%.4g %s", v, units[0])
}
