package broker

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/internal/config"
)

// weights estimates the load of the LPUs before they are read: by the size of their files, unpacked. A kind, of which
// nothing is known, weighs next to nothing.
func weights(cfg *config.Config) []Load {
	var out []Load
	for i := range cfg.LPUs {
		l := &cfg.LPUs[i]
		w := int64(1)
		for _, p := range filesOf(l) {
			w += unpacked(p.Abs)
		}
		out = append(out, Load{l.Name, float64(w)})
	}
	return out
}

// filesOf returns the files that describe an LPU.
func filesOf(l *config.LPU) []config.Path {
	out := []config.Path{l.Graph.File, l.Graph.Nodes, l.Graph.Edges}
	for i := range l.Connections {
		t := &l.Connections[i]
		out = append(out, t.File, t.Pre, t.Post, t.Weights, t.Delays)
	}
	return out
}

// unpacked returns the size of a file's content; 0 where there is none. A file of gzip ends with it, modulo 4 GB.
func unpacked(path string) int64 {
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return 0
	}
	if !strings.HasSuffix(path, ".gz") {
		return st.Size()
	}
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	var tail [4]byte
	if _, err := f.ReadAt(tail[:], st.Size()-4); err != nil {
		return st.Size()
	}
	return max(int64(binary.LittleEndian.Uint32(tail[:])), st.Size())
}

// memoryOver is the least memory that an LPU takes while it is loaded, over the size of its files. Measured: 1.3 for graphs
// whose values are mostly text, 3 for those that are mostly connections.
const memoryOver = 1.3

// fits refuses LPUs that cannot be loaded into the memory that a host has left. here are the LPUs of all ranks on this host.
func fits(cfg *config.Config, here []string, available int64) error {
	var need float64
	largest, most := "", 0.0
	for _, l := range weights(cfg) {
		for _, name := range here {
			if name != l.LPU {
				continue
			}
			need += memoryOver * l.Weight
			if l.Weight > most {
				largest, most = l.LPU, l.Weight
			}
		}
	}
	if available <= 0 || need <= float64(available) {
		return nil
	}
	c := cfg.LPU(largest)
	at := c.Pos
	for _, p := range filesOf(c) {
		if p.Given() {
			at = p.Pos
			break
		}
	}
	return cfg.Fault(at, "spread the LPUs over more hosts, or take one with more memory",
		"the %d LPU(s) on host %s need at least %.1f GB of memory, of which LPU %s takes %.1f GB; %.1f GB are available",
		len(here), hostname(), need/1e9, largest, memoryOver*most/1e9, float64(available)/1e9)
}

// availableMemory returns how many bytes this process can still get: what the machine has left, or less where a control
// group of a batch system or container says so. 0 means that nobody knows.
func availableMemory() int64 {
	free := meminfo("MemAvailable:")
	group := "/sys/fs/cgroup"
	if text, err := os.ReadFile("/proc/self/cgroup"); err == nil {
		if _, path, ok := strings.Cut(strings.TrimSpace(string(text)), "0::"); ok {
			group += path
		}
	}
	limit, err1 := readNumber(group + "/memory.max")
	used, err2 := readNumber(group + "/memory.current")
	if err1 == nil && err2 == nil && (free == 0 || limit-used < free) {
		free = max(limit-used, 1)
	}
	return free
}

// meminfo returns a line of /proc/meminfo, in bytes.
func meminfo(key string) int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), key)
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kb, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0
	}
	return kb * 1024
}

func readNumber(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}
