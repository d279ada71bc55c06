package graph

import "iter"

// nearest returns the candidate that is fewest edits away from name, or "" when
// even the best one differs in more than a third of its letters and so is no
// plausible misspelling. The first of equals wins.
func nearest(name string, candidates iter.Seq[string]) string {
	limit := max(1, len(name)/3) // the most edits still worth considering
	best := ""
	var row []int
	for c := range candidates {
		if abs(len(c)-len(name)) > limit {
			continue
		}
		d := 0
		d, row = distance(name, c, limit, row)
		if d <= limit {
			best, limit = c, d-1
			if limit < 0 {
				break
			}
		}
	}
	return best
}

// distance counts the edits (insert, delete, replace) from a to b, giving up
// with limit+1 as soon as more are certain. The row is scratch space.
func distance(a, b string, limit int, row []int) (int, []int) {
	row = row[:0]
	for j := range len(b) + 1 {
		row = append(row, j)
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1, row
		}
	}
	return row[len(b)], row
}

func abs(n int) int { return max(n, -n) }
