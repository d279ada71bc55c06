package broker

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/nkrun/nkrun/cuda"
)

// identity is what all ranks must have in common, and where a rank is.
type identity struct {
	Version string
	Build   string // digest of the program
	CUDA    bool   // it can use GPUs: a program that can and one that can't differ, and may work together
	Config  string // digest of the configuration as this rank understands it
	Host    string
	Cores   int // of the host
	Bound   int // those that the rank may use
}

func whoAmI(version, config string) identity {
	return identity{Version: version, Build: digestOfSelf(), CUDA: cuda.Built, Config: config, Host: hostname(), Cores: coresOfHost(), Bound: runtime.NumCPU()}
}

// coresOfHost counts the machine's cores: launchers bind ranks to some of them, and runtime.NumCPU counts only those.
func coresOfHost() int {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	n := 0
	for _, span := range strings.Split(strings.TrimSpace(string(text)), ",") {
		first, last, several := strings.Cut(span, "-")
		a, bad := strconv.Atoi(first)
		b := a
		if several {
			b, bad = strconv.Atoi(last)
		}
		err = errors.Join(err, bad)
		n += b - a + 1
	}
	if err != nil {
		return runtime.NumCPU()
	}
	return n
}

// digestOfSelf returns the digest of the running program; "" when it cannot be read.
func digestOfSelf() string {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// differs says what a rank has that is not the broker's.
func (b identity) differs(rank int, r identity) error {
	switch {
	case b.Version != r.Version || b.Build != r.Build && b.CUDA == r.CUDA:
		return fmt.Errorf("rank %d on %s runs nkrun %s (build %s), the broker on %s runs nkrun %s (build %s); install the same program on all hosts",
			rank, r.Host, r.Version, r.Build, b.Host, b.Version, b.Build)
	case r.Config != "" && b.Config != r.Config:
		return fmt.Errorf("rank %d on %s understands the configuration in another way than the broker on %s: are the files that it names the same on both?",
			rank, r.Host, b.Host)
	}
	return nil
}

// crowded says where more ranks work than there are cores to work on.
func crowded(who []identity, works func(rank int) bool) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range who {
		if seen[w.Host] {
			continue
		}
		seen[w.Host] = true
		n := 0
		for r := range who {
			if who[r].Host == w.Host && works(r) {
				n++
			}
		}
		if n > w.Cores {
			out = append(out, fmt.Sprintf("%d ranks share the %d cores of %s and take turns: fewer ranks would be faster", n, w.Cores, w.Host))
		}
	}
	return out
}
