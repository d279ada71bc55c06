package plsel

import (
	"fmt"

	"github.com/nkrun/nkrun/internal/nearest"
)

// maxCompared bounds the names that are compared letter by letter to find the one somebody meant.
const maxCompared = 2000

// Hint says, for an identifier that is not in the index, what may have been meant: "; did you mean /a/out[0]?",
// or the integers that exist. It is empty when nothing is near, and cheap enough for a handful of messages even
// about a million ports.
func (x *Index) Hint(id ID) string {
	low, high, many := -1, -1, 0
	var heads []string
	seen := make(map[string]ID)
	for _, l := range x.lists {
		for i, known := range l {
			if known.head == id.head && known.tail != 0 {
				n := ^known.tail
				if many == 0 || n < low {
					low = n
				}
				high = max(high, n)
				many++
			}
			if i > 0 && known.head == l[i-1].head || len(heads) == maxCompared {
				continue
			}
			if _, ok := seen[known.head]; !ok {
				seen[known.head] = known
				heads = append(heads, known.head)
			}
		}
	}
	switch {
	case many == 1:
		return fmt.Sprintf("; did you mean %v?", ID{id.head, ^low})
	case many > 1 && many == high-low+1:
		return fmt.Sprintf("; there are %s[%d:%d]", id.head, low, high+1)
	case many > 1:
		return fmt.Sprintf("; there are %d ports from %v to %v", many, ID{id.head, ^low}, ID{id.head, ^high})
	}
	head := nearest.Name(id.head, heads)
	if head == "" {
		return ""
	}
	if near := (ID{head, id.tail}); x.Find(near) >= 0 {
		return fmt.Sprintf("; did you mean %v?", near)
	}
	return fmt.Sprintf("; did you mean %v?", seen[head])
}
