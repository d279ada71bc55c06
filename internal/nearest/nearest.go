// Package nearest finds the known name that a mistyped one was probably meant to be, for the suggestions
// in error messages:
//
//	nearest.Name("treshold", []string{"threshold", "resistance"}) // "threshold"
package nearest

import "strings"

// Name returns the candidate closest to word, or "" when none is close enough to be a likely slip: more than
// a third of the letters would have to change. Letter case is not counted. Of equally close candidates the
// first one wins, so that the answer depends only on the order given.
func Name(word string, candidates []string) string {
	best, bestDist := "", len(word)/3+1
	w := []rune(strings.ToLower(word))
	var row []int
	for _, c := range candidates {
		if c == "" || len(c)-len(word) > bestDist || len(word)-len(c) > bestDist {
			continue
		}
		var d int
		if d, row = distance(w, []rune(strings.ToLower(c)), row); d < bestDist || (d == bestDist && best == "") {
			best, bestDist = c, d
		}
	}
	return best
}

// Hint returns `; did you mean "threshold"?` or "" when nothing is near, ready to be appended to a message.
func Hint(word string, candidates []string) string {
	if n := Name(word, candidates); n != "" {
		return `; did you mean "` + n + `"?`
	}
	return ""
}

// distance is the Damerau-Levenshtein distance restricted to neighbouring transpositions; row is scratch space
// that is handed back for the next call.
func distance(a, b []rune, row []int) (int, []int) {
	w := len(b) + 1
	if need := 3 * w; cap(row) < need {
		row = make([]int, need)
	}
	prev2, prev, cur := row[:w:w], row[w:2*w:2*w], row[2*w:3*w:3*w]
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)], row[:cap(row)]
}
