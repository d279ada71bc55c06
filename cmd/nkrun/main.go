// Command nkrun runs emulations of the fruit fly brain: see `nkrun help`.
package main

import "github.com/nkrun/nkrun"

func main() { nkrun.Main() }
