package cuda

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"github.com/nkrun/nkrun/lpu/emit"
	"github.com/nkrun/nkrun/lpu/engine"
	"github.com/nkrun/nkrun/lpu/model"
)

// device holds what kernels consist of besides the models' own text.
//
//go:embed device/*.h
var device embed.FS

// Options of the compiler that decide on the bits, beside the architecture: as on processors, nothing is contracted.
var compilerOptions = []string{"--std=c++17", "--fmad=false", "--device-as-default-execution-space"}

// Source is a compilation unit for a CUDA compiler.
type Source struct {
	Name    string
	Text    string
	Headers map[string]string
	Options []string
}

// integers stands in for stdint.h, which NVRTC does not have.
const integers = `typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;
`

// LibrarySource returns the unit of all built-in models, and of what else a step does, for numbers of 64 or 32 bits.
func LibrarySource(bits int) (*Source, error) {
	var models bytes.Buffer
	names := model.LibraryNames()
	for _, name := range names {
		if err := emit.Kernel(&models, model.Library()[name]); err != nil {
			return nil, err
		}
	}
	text := fmt.Sprintf("#define NK_BITS %d\n", bits)
	for _, h := range []string{"setting", "jobs", "window_jobs", "lists", "models", "population", "window", "step", "deliver", "windows", "plastic", "lanes"} {
		text += fmt.Sprintf("#include %q\n", h+".h")
	}
	for _, name := range names {
		text += entries(model.Library()[name])
	}
	return newSource(fmt.Sprintf("kernels_f%d.cu", bits), text, models.String())
}

// entries returns the text of what is launched for a model: a step, and a window of steps.
func entries(m *model.Model) string {
	text := fmt.Sprintf("NKD_MODEL(%s)\nNKD_WINDOW(%[1]s, %d, %d, %d, %d, %d", m.Name, len(m.Accesses), len(m.Updates), len(m.States),
		len(m.Params)+len(m.Consts), m.Updated("spike_state"))
	for _, r := range m.Receives {
		into := m.StateIndex(r.Name.Name)
		if m.Shows(r.Name.Name) {
			into = -1
		}
		text += fmt.Sprintf(", %d", into)
	}
	return text + ")\n"
}

func newSource(name, text, models string) (*Source, error) {
	headers, err := engine.Headers()
	if err != nil {
		return nil, err
	}
	headers["stdint.h"], headers["string.h"], headers["models.h"] = integers, "", models
	files, err := device.ReadDir("device")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		b, err := device.ReadFile("device/" + f.Name())
		if err != nil {
			return nil, err
		}
		headers[f.Name()] = string(b)
	}
	return &Source{Name: name, Text: text, Headers: headers, Options: compilerOptions}, nil
}

// Hash names the unit by all that it consists of.
func (s *Source) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%q\x00", s.Text, s.Options)
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		fmt.Fprintf(h, "%s\x00%s\x00", name, s.Headers[name])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Architecture is the one that PTX is made for: cards from the A100 on, and all later ones.
const Architecture = "compute_80"

// HashLine begins the line before embedded PTX that tells from which Source it was made.
const HashLine = "// made from "
