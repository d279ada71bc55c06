package hdf5io

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/nkrun/nkrun/internal/h5"
)

// ReadManifest reads the file that a checkpoint goes by. Where there is none the error is fs.ErrNotExist.
func ReadManifest(path string) (*Manifest, error) {
	f, err := h5.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m := &Manifest{}
	if m.Step, err = formatOf(f); err != nil {
		return nil, err
	}
	version, _, err := f.Attr("/", "version")
	if err != nil {
		return nil, err
	}
	if len(version.Strings) == 1 {
		m.Version = version.Strings[0]
	}
	var text []string
	for _, part := range []struct {
		name string
		into *[]string
	}{{"config", &text}, {"lpus", &m.LPUs}, {"files", &m.Files}} {
		if *part.into, err = stringsOf(f, "/"+part.name); err != nil {
			return nil, err
		}
	}
	if len(text) != 1 || len(m.LPUs) != len(m.Files) {
		return nil, fmt.Errorf("%s is damaged: its lists do not fit together", path)
	}
	m.Config = text[0]
	for i, file := range m.Files {
		m.Files[i] = filepath.Join(filepath.Dir(path), file)
	}
	return m, nil
}

// formatOf checks that a file is part of a checkpoint that this program understands.
func formatOf(f *h5.File) (step int, err error) {
	numbers := map[string]int64{}
	for _, name := range []string{"nkrun_checkpoint", "step"} {
		a, ok, err := f.Attr("/", name)
		if err != nil {
			return 0, err
		}
		if !ok || len(a.Ints) != 1 {
			return 0, fmt.Errorf("%s is not a checkpoint of nkrun", f.Path())
		}
		numbers[name] = a.Ints[0]
	}
	if v := numbers["nkrun_checkpoint"]; v != CheckpointFormat {
		return 0, fmt.Errorf("%s is a checkpoint of format %d; this nkrun reads format %d: resume with the nkrun that wrote it", f.Path(), v, CheckpointFormat)
	}
	return int(numbers["step"]), nil
}

func stringsOf(f *h5.File, name string) ([]string, error) {
	d, err := f.Dataset(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.ReadStrings()
}

// ReadState reads what was saved of one LPU before a step.
func ReadState(path, lpu string, step int) (*State, error) {
	f, err := h5.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	at, err := formatOf(f)
	if err != nil {
		return nil, err
	}
	if at != step {
		return nil, fmt.Errorf("%s is of step %d, expected step %d", path, at, step)
	}
	names, err := stringsOf(f, "/lpus")
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		if name == lpu {
			return readState(f, "/"+strconv.Itoa(i), lpu)
		}
	}
	return nil, fmt.Errorf("%s does not hold the LPU %s", path, lpu)
}

func readState(f *h5.File, group, lpu string) (*State, error) {
	names, err := stringsOf(f, group+"/names")
	if err != nil {
		return nil, err
	}
	s := &State{LPU: lpu}
	for _, name := range names {
		data, err := readArray(f, group+"/arrays/"+name)
		if err != nil {
			return nil, err
		}
		s.Arrays = append(s.Arrays, Array{name, data})
	}
	sum, ok, err := f.Attr(group, "checksum")
	if err != nil {
		return nil, err
	}
	if !ok || len(sum.Ints) != 1 || uint32(sum.Ints[0]) != checksum(s.Arrays) {
		return nil, fmt.Errorf("%s is damaged: the checksum of LPU %s does not fit", f.Path(), lpu)
	}
	return s, nil
}

func readArray(f *h5.File, name string) (any, error) {
	d, err := f.Dataset(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if d.Class != h5.ClassFloat && d.Class != h5.ClassInteger || len(d.Dims) != 1 {
		return nil, fmt.Errorf("%s: %s holds %s, which states do not", f.Path(), name, d.Type)
	}
	if st, err := os.Stat(f.Path()); err != nil || int64(d.Len())*int64(d.Size) > st.Size() {
		return nil, fmt.Errorf("%s is damaged: %s cannot have %d values", f.Path(), name, d.Len())
	}
	var data any
	switch d.Type {
	case "float64":
		data = make([]float64, d.Rows())
	case "float32":
		data = make([]float32, d.Rows())
	case "int64":
		data = make([]int64, d.Rows())
	case "int32":
		data = make([]int32, d.Rows())
	case "uint8":
		data = make([]uint8, d.Rows())
	default:
		return nil, fmt.Errorf("%s: %s holds %s, which states do not", f.Path(), name, d.Type)
	}
	_, raw := rawOf(data)
	return data, d.Raw(raw, 0, d.Rows())
}
