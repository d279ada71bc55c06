//go:build cuda || nvrtc

package cuda

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/nkrun/nkrun/cuda/nvrtc"
	"github.com/nkrun/nkrun/lpu/emit"
	"github.com/nkrun/nkrun/lpu/model"
)

// ownSource returns the unit of a user's model. The names differ from those of nkmath.h, whatever the model is called.
func ownSource(m *model.Model, bits int) (*Source, error) {
	var kernel bytes.Buffer
	if err := emit.Own(&kernel, m); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("#define NK_BITS %d\n#define NK_FN(name) nk_own_##name##_f%[1]d\n", bits)
	for _, h := range []string{"setting", "jobs", "window_jobs", "lists", "models", "population", "window"} {
		text += fmt.Sprintf("#include %q\n", h+".h")
	}
	text += entries(m)
	return newSource(m.Name+".cu", text, kernel.String())
}

// own holds what this process has compiled, by the hash of its source.
var own = struct {
	sync.Mutex
	ptx map[string]string
}{ptx: map[string]string{}}

func compiled(s *Source) (string, error) {
	own.Lock()
	defer own.Unlock()
	if ptx, ok := own.ptx[s.Hash()]; ok {
		return ptx, nil
	}
	ptx, err := nvrtc.Compile(s.Name, s.Text, s.Headers, append([]string{"--gpu-architecture=" + Architecture}, s.Options...)...)
	if err != nil {
		return "", err
	}
	own.ptx[s.Hash()] = string(ptx)
	return string(ptx), nil
}
