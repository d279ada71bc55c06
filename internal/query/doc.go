// Package query selects rows and columns of tables and prints them: the nodes and edges of graphs, and whatever else has rows.
//
//	table, err := query.Select(query.Nodes(g), query.Options{
//		Where:   []string{"class == LeakyIAF and initV > -60"},
//		Columns: []string{"class", "initV"},
//		Sort:    []string{"-initV"},
//	})
//	if err != nil {
//		return err // condition "clas == LeakyIAF", column 1: no column "clas"; did you mean "class"?
//	}
//	return table.WriteText(os.Stdout)
//
// # Conditions
//
// A condition compares a column with a value, and may be joined from others by and, or, not and parentheses:
//
//	class == LeakyIAF
//	V >= -60 and not (name startswith proj_ or class in (Port, 'My Model'))
//
// The operators are ==, !=, <, <=, >, >=, startswith, in and not in. == and != compare numbers where both sides are numbers,
// texts otherwise; the others of these compare numbers. Values and names of columns may stand in quotes, and have to if they
// hold what would end them: a comma in a list, a parenthesis, the words and and or, in a name also spaces and operators.
// A cell that is empty satisfies only != and not in.
package query
