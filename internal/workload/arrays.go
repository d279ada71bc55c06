package workload

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

// load reads a whole array.
func load[T int32 | float32 | float64](dir, network, name string) ([]T, error) {
	path := file(dir, network, name)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w (scripts/workloads/generate.py writes the networks)", err)
	}
	h := int(binary.LittleEndian.Uint16(data[8:]))
	body := data[10+h:]
	var t T
	out := make([]T, len(body)/binary.Size(t))
	return out, binary.Read(bytes.NewReader(body), binary.LittleEndian, out)
}
