// Package nearest finds the known name that a mistyped one was probably meant to be, for the suggestions
// in error messages:
//
//	nearest.Name("treshold", []string{"threshold", "resistance"}) // "threshold"
package nearest

import (
	"iter"
	"slices"
	"unicode"
)

// Name returns the candidate closest to word, or "" when none is close enough to be a likely slip: more than
// a third of the letters would have to change, though one change is always allowed. Letter case is not counted. Of
// equally close candidates the first one wins, so that the answer depends only on the order given.
func Name(word string, candidates []string) string { return Among(word, slices.Values(candidates)) }

// Among is Name for candidates that are not in a slice, such as the ids of a million nodes.
func Among(word string, candidates iter.Seq[string]) string {
	w := lower(nil, word)
	limit := max(1, len(w)/3) // the most changes that a better candidate may have
	best := ""
	var letters []rune
	var row []int
	for c := range candidates {
		letters = lower(letters[:0], c)
		if len(w) == 0 || len(letters) == 0 || len(letters)-len(w) > limit || len(w)-len(letters) > limit {
			continue
		}
		var d int
		if d, row = distance(w, letters, limit, row); d <= limit {
			best, limit = c, d-1
			if limit < 0 {
				break
			}
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

// lower appends the letters of s in lower case.
func lower(to []rune, s string) []rune {
	for _, r := range s {
		to = append(to, unicode.ToLower(r))
	}
	return to
}

// distance is the Damerau-Levenshtein distance restricted to neighbouring transpositions, or any number above limit as
// soon as it is sure to be above; row is scratch space that is handed back for the next call.
func distance(a, b []rune, limit int, row []int) (int, []int) {
	w := len(b) + 1
	if need := 3 * w; cap(row) < need {
		row = make([]int, need)
	}
	prev2, prev, cur := row[:w:w], row[w:2*w:2*w], row[2*w:3*w:3*w]
	for j := range prev {
		prev[j] = j
	}
	least, leastBefore := 0, 0
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		leastBefore, least = least, i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
			least = min(least, cur[j])
		}
		if least > limit && leastBefore >= limit { // a transposition reaches two rows back, and costs one
			return limit + 1, row[:cap(row)]
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)], row[:cap(row)]
}
