package cuda

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestEmbeddedIsCurrent checks that the PTX that is embedded was made from the kernels as they are.
func TestEmbeddedIsCurrent(t *testing.T) {
	for _, bits := range []int{64, 32} {
		s, err := LibrarySource(bits)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(fmt.Sprintf("ptx/kernels_f%d.ptx.gz", bits))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(z).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(strings.TrimPrefix(line, HashLine)); got != s.Hash() {
			t.Errorf("ptx/kernels_f%d.ptx.gz was made from other models or headers than those that are here: run `make generate`", bits)
		}
	}
}
