package broker

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nkrun/nkrun/internal/config"
)

// copyLPUs adds copies of all LPUs and patterns to a configuration until there are n of each, the copies with a number behind
// their names and those of their outputs.
func copyLPUs(cfg *config.Config, n int) {
	lpus, patterns := slices.Clone(cfg.LPUs), slices.Clone(cfg.Patterns)
	for k := 2; k <= n; k++ {
		for _, l := range lpus {
			l.Name = copyName(l.Name, k)
			l.Outputs = slices.Clone(l.Outputs)
			for i := range l.Outputs {
				f := &l.Outputs[i].File
				f.Written, f.Abs = copyFile(f.Written, k), copyFile(f.Abs, k)
			}
			cfg.LPUs = append(cfg.LPUs, l)
		}
		for _, p := range patterns {
			for i := range p.LPUs {
				p.LPUs[i].Value = copyName(p.LPUs[i].Value, k)
			}
			cfg.Patterns = append(cfg.Patterns, p)
		}
	}
}

func copyName(name string, k int) string { return fmt.Sprintf("%s-%d", name, k) }

func copyFile(path string, k int) string {
	end := filepath.Ext(path)
	return copyName(strings.TrimSuffix(path, end), k) + end
}
