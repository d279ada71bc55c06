// Command ptxgen compiles the kernels of the built-in models to PTX, for package cuda to embed. It needs libnvrtc, no GPU.
//
//	go generate ./cuda
package main

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nkrun/nkrun/cuda"
	"github.com/nkrun/nkrun/cuda/nvrtc"
)

func main() {
	for _, bits := range []int{64, 32} {
		if err := write(bits); err != nil {
			fmt.Fprintln(os.Stderr, "ptxgen:", err)
			os.Exit(1)
		}
	}
}

// write leaves the kernels for numbers of so many bits in ptx/.
func write(bits int) error {
	s, err := cuda.LibrarySource(bits)
	if err != nil {
		return err
	}
	ptx, err := nvrtc.Compile(s.Name, s.Text, s.Headers, append([]string{"--gpu-architecture=" + cuda.Architecture}, s.Options...)...)
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join("ptx", fmt.Sprintf("kernels_f%d.ptx.gz", bits)))
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(z, "%s%s\n%s", cuda.HashLine, s.Hash(), ptx); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}
