// Package plsel is the language in which ports are named.
//
// A port has an identifier of one or more levels, each a name or a non-negative integer: /lam/L1[0]. A selector is
// text that stands for an ordered list of identifiers:
//
//	ids, err := plsel.Expand("/med/[L1,L2][0:2]")
//	// /med/L1[0] /med/L1[1] /med/L2[0] /med/L2[1]
//
// What a selector can be made of:
//
//	/a/b      levels side by side             /a[3]  /a/3   an integer level, two spellings
//	[x,y]     any of these names              [0,2]         any of these integers
//	[0:10]    the integers 0 to 9             /*  [5:]      anything; 5 and above (need ports to choose from)
//	S,T       the ports of S, then those of T (S,T)/c       grouping
//	S+T       every one of S with every one of T            S.+T  the first with the first, the second with the second ...
//
// Levels side by side bind tightest, then + and .+ (equal, from the left), then the comma.
//
// Parsing is linear in the length of the text and never expands ranges: counting and walking /a[0:1000000000] cost
// no memory. Only [Expand] makes lists, up to [MaxExpand] identifiers.
//
// Two ways to find ports with a selector differ on purpose. [Selector.Select] filters: a selector chooses every port
// it is a beginning of, and what it does not find is no error. [Index.Resolve] is exact: each identifier must be there.
package plsel
