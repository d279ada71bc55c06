package config

import "strings"

// Key is one row of the table of all keys.
type Key struct {
	Where   string // "top", "lpu", "input step", ...
	Name    string
	Type    string // with its unit: "number of seconds"
	Default string // "(required)", a value, or in parentheses what happens without the key
	Doc     string
}

// Keys returns all keys in the order of the help page, from the same tables that the decoder reads with.
func Keys() []Key {
	var out []Key
	out = append(out, topTable.keys()...)
	out = append(out, lpuTable.keys()...)
	out = append(out, graphTable.keys()...)
	out = append(out, weightedTable.keys()...)
	out = append(out, frontTable.keys()...)
	out = append(out, plasticityTable.keys()...)
	out = append(out, portsTable.keys()...)
	out = append(out, portTypesTable.keys()...)
	for _, k := range inputKinds {
		out = append(out, k.keys()...)
	}
	out = append(out, outputTable.keys()...)
	out = append(out, patternTable.keys()...)
	out = append(out, connectionTable.keys()...)
	out = append(out, plotTable.keys()...)
	out = append(out, panelTable.keys()...)
	out = append(out, checkpointTable.keys()...)
	return out
}

// noArticle turns "a number of seconds" into "number of seconds".
func noArticle(what string) string {
	return strings.TrimPrefix(strings.TrimPrefix(what, "a "), "the ")
}
