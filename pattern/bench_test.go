package pattern

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/plsel"
)

// sides returns the ports of two LPUs with n ports each in one direction, half of them graded.
func sides(b *testing.B, n int) []Ports {
	var out [2]Ports
	for i, name := range []string{"a", "b"} {
		out[i].LPU = name
		for _, t := range Types {
			ids, err := plsel.Expand(fmt.Sprintf("/%s/%s[0:%d]", name, t, n/2))
			if err != nil {
				b.Fatal(err)
			}
			if i == 0 {
				out[i].Out[t] = ids
			} else {
				out[i].In[t] = ids
			}
		}
	}
	return out[:]
}

// BenchmarkCompile builds, checks and routes patterns of n connections between LPUs of n ports, from selectors and from CSV.
// ns/connection must hardly grow from 10^3 to 10^6; MB is what the whole of it allocates.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		ports := sides(b, n)
		fromSelectors := func() ([]Link, error) {
			links, err := ElementWise(fmt.Sprintf("/a/gpot[0:%d]", n/2), fmt.Sprintf("/b/gpot[0:%d]", n/2), Pos{})
			if err != nil {
				return nil, err
			}
			more, err := ElementWise(fmt.Sprintf("/a/spike[0:%d]", n/2), fmt.Sprintf("/b/spike[0:%d]", n/2), Pos{})
			return append(links, more...), err
		}
		var csv strings.Builder
		csv.WriteString("from,to,type\n")
		for k := range n / 2 {
			fmt.Fprintf(&csv, "/a/gpot[%d],/b/gpot[%d],gpot\n/a/spike[%d],/b/spike[%d],spike\n", k, k, k, k)
		}
		fromCSV := func() ([]Link, error) { return ReadCSV(strings.NewReader(csv.String()), "p.csv") }
		for name, read := range map[string]func() ([]Link, error){"selectors": fromSelectors, "csv": fromCSV} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for b.Loop() {
					links, err := read()
					if err != nil {
						b.Fatal(err)
					}
					routes, err := Compile(ports, []Wiring{{A: "a", B: "b", Links: links}})
					if err != nil {
						b.Fatal(err)
					}
					if len(routes) != 2 || len(routes[0].Scatter)+len(routes[1].Scatter) != n {
						b.Fatalf("%d routes", len(routes))
					}
				}
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/connection")
				b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/1e6, "MB")
			})
		}
	}
}
