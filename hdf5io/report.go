package hdf5io

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// DiffReport is what Diff found. String prints it.
type DiffReport struct {
	PathA, PathB string
	Exact        bool
	Equal        bool
	Notes        []string       // differences of structure and, if exact, of every object
	Variables    []VariableDiff // those in both files, ordered by name
}

// VariableDiff is the comparison of a variable by uid.
type VariableDiff struct {
	Name           string
	Equal          bool
	Spikes         bool       // compared as events
	CountA, CountB int        // rows, or spikes
	UIDsA, UIDsB   int        // numbers of uids
	OnlyA, OnlyB   []string   // uids that the other file lacks
	Differing      int        // common uids with a difference above tolerance
	First          *ValueDiff // first difference above tolerance; nil if none or for spikes
	Max            *ValueDiff // largest difference, also below tolerance; nil if none or for spikes
	FirstSpike     *SpikeDiff // first spike that one file lacks; nil if none or for rows
}

// ValueDiff is a pair of values that differ.
type ValueDiff struct {
	Row, Step int
	Time      float64 // seconds; NaN when the files do not tell
	UID       string
	A, B      float64
	Size      float64 // |A-B|; infinite when one is NaN
}

// SpikeDiff is a spike that only one file has.
type SpikeDiff struct {
	Time   float64 // seconds
	UID    string
	OnlyIn string // "A" or "B"
}

// maxNotes and maxListed keep the report of files that have nothing in common short.
const (
	maxNotes  = 20
	maxListed = 5
)

// String returns the report as a few aligned lines.
func (r *DiffReport) String() string {
	var b strings.Builder
	verdict := "differ"
	if r.Equal {
		verdict = "equal"
		if r.Exact {
			verdict = "equal to the bit"
		}
	}
	fmt.Fprintf(&b, "A  %s\nB  %s\n%s\n", r.PathA, r.PathB, verdict)
	for i, n := range r.Notes {
		if i == maxNotes {
			fmt.Fprintf(&b, "  and %d more\n", len(r.Notes)-i)
			break
		}
		fmt.Fprintf(&b, "  %s\n", n)
	}
	if r.Equal && r.Exact {
		return b.String()
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for i := range r.Variables {
		r.Variables[i].print(w)
	}
	w.Flush()
	return b.String()
}

func (v *VariableDiff) print(w *tabwriter.Writer) {
	unit := "rows"
	if v.Spikes {
		unit = "spikes"
	}
	count := fmt.Sprintf("%d %s", v.CountA, unit)
	if v.CountA != v.CountB {
		count = fmt.Sprintf("%d %s in A, %d in B", v.CountA, unit, v.CountB)
	}
	verdict := fmt.Sprintf("equal (%d uids)", v.UIDsA)
	if !v.Equal {
		verdict = fmt.Sprintf("differs in %d of %d uids", v.Differing, v.UIDsA-len(v.OnlyA))
		if v.Differing == 0 {
			verdict = fmt.Sprintf("equal in what both have (%d uids)", v.UIDsA-len(v.OnlyA))
		}
	}
	fmt.Fprintf(w, "%s\t%s\t%s\n", v.Name, count, verdict)
	if f := v.First; f != nil {
		fmt.Fprintf(w, "\tfirst difference\t%s\n", f)
	}
	if m := v.Max; m != nil {
		fmt.Fprintf(w, "\tlargest difference\t%s\n", m)
	}
	if s := v.FirstSpike; s != nil {
		fmt.Fprintf(w, "\tfirst difference\tt = %.9g s, %s spikes only in %s\n", s.Time, s.UID, s.OnlyIn)
	}
	printOnly(w, "A", v.OnlyA)
	printOnly(w, "B", v.OnlyB)
}

func printOnly(w *tabwriter.Writer, file string, uids []string) {
	if len(uids) == 0 {
		return
	}
	list := strings.Join(uids[:min(maxListed, len(uids))], ", ")
	if n := len(uids) - maxListed; n > 0 {
		list += fmt.Sprintf(" and %d more", n)
	}
	fmt.Fprintf(w, "\tuids only in %s\t%s\n", file, list)
}

// String returns the place, both values and their difference.
func (v *ValueDiff) String() string {
	at := fmt.Sprintf("row %d", v.Row)
	if !math.IsNaN(v.Time) {
		at = fmt.Sprintf("row %d, step %d, t = %.9g s", v.Row, v.Step, v.Time)
	}
	values := fmt.Sprintf("%s, %s: %v in A, %v in B", at, v.UID, v.A, v.B)
	if math.IsInf(v.Size, 1) {
		return values
	}
	return fmt.Sprintf("%.3g at %s", v.Size, values)
}
