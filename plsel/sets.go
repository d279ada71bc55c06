package plsel

import (
	"fmt"
	"slices"
)

// IsIn tells whether every identifier of s is in t. Identifiers are compared as wholes: /a is not in /a[0].
func IsIn(s, t []ID) bool {
	if len(s) == 0 {
		return true
	}
	has := setOf(t)
	for _, id := range s {
		if _, ok := has[id]; !ok {
			return false
		}
	}
	return true
}

func setOf(ids []ID) map[ID]struct{} {
	set := make(map[ID]struct{}, len(ids))
	for _, id := range ids {
		set[id] = struct{}{}
	}
	return set
}

// Disjoint tells whether no identifier is in two of the lists. Repetitions inside one list do not count.
func Disjoint(lists ...[]ID) bool {
	owner := make(map[ID]int)
	for i, l := range lists {
		for _, id := range l {
			if o, ok := owner[id]; ok && o != i {
				return false
			}
			owner[id] = i
		}
	}
	return true
}

// Add returns the lists one after the other, repetitions kept.
func Add(lists ...[]ID) []ID { return slices.Concat(lists...) }

// Union returns the distinct identifiers of all lists in the order of Compare.
func Union(lists ...[]ID) []ID {
	all := slices.Concat(lists...)
	slices.SortFunc(all, Compare)
	return slices.Compact(all)
}

// Concat joins the lists' identifiers one by one: the first of each list, then the second of each, as .+ does. All
// lists must have the same length.
func Concat(lists ...[]ID) ([]ID, error) {
	if len(lists) == 0 {
		return nil, nil
	}
	joined := slices.Clone(lists[0])
	for k, l := range lists[1:] {
		if len(l) != len(joined) {
			return nil, fmt.Errorf("cannot join ports one by one: list 1 has %d, list %d has %d; expected equal numbers", len(joined), k+2, len(l))
		}
		for i, id := range l {
			joined[i] = join(joined[i], id)
		}
	}
	return joined, nil
}

// Product joins each identifier of the first list with each of the second, and so on, the first varying slowest. An
// empty list changes nothing. More than MaxExpand identifiers are an error.
func Product(lists ...[]ID) ([]ID, error) {
	count, some := 1, false
	for _, l := range lists {
		if len(l) > 0 {
			count, some = mul(count, len(l)), true
		}
	}
	if !some {
		return nil, nil
	}
	if count > MaxExpand {
		return nil, fmt.Errorf("the product would have %d ports, more than the %d that may be listed", count, MaxExpand)
	}
	product := []ID{{}}
	for _, l := range lists {
		if len(l) == 0 {
			continue
		}
		next := make([]ID, 0, len(product)*len(l))
		for _, a := range product {
			for _, b := range l {
				next = append(next, join(a, b))
			}
		}
		product = next
	}
	return product, nil
}

// CommonPrefix returns the levels that all identifiers begin with, the zero ID if there are none.
func CommonPrefix(ids []ID) ID {
	if len(ids) == 0 {
		return ID{}
	}
	common := ids[0].Tokens()
	var toks []Token
	for _, id := range ids[1:] {
		toks = id.appendTokens(toks[:0])
		n := 0
		for n < len(common) && n < len(toks) && common[n] == toks[n] {
			n++
		}
		common = common[:n]
	}
	return MakeID(common...)
}
