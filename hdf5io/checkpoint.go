package hdf5io

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"unsafe"

	"github.com/nkrun/nkrun/internal/h5"
)

// CheckpointFormat is the version of what checkpoints hold. A program reads those of its own version.
const CheckpointFormat = 1

// State is what was saved of one LPU.
type State struct {
	LPU    string
	Arrays []Array
}

// Array is a named list of numbers of a State.
type Array struct {
	Name string
	Data any // []float64, []float32, []int64, []int32 or []uint8
}

// Manifest is the file that a checkpoint goes by: it says which files hold the states of which LPUs. It is written last, so that
// there is no checkpoint of which a part is missing.
type Manifest struct {
	Step    int
	Version string // of the program that wrote it
	Config  string // what the run was, as JSON
	LPUs    []string
	Files   []string // one for each LPU, relative to the folder of the manifest
}

// WriteStates writes the states of LPUs before a step to a new file. It is not safe on disk before SyncStates.
func WriteStates(path string, step int, states []State) (err error) {
	f, err := h5.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := putFormat(f, step); err != nil {
		return err
	}
	names := make([]string, len(states))
	for i := range states {
		names[i] = states[i].LPU
		if err := writeState(f, "/"+strconv.Itoa(i), &states[i]); err != nil {
			return err
		}
	}
	return f.WriteStrings("/lpus", names)
}

func putFormat(f *h5.File, step int) error {
	return errors.Join(f.PutAttrInt64("/", "nkrun_checkpoint", CheckpointFormat), f.PutAttrInt64("/", "step", int64(step)))
}

func writeState(f *h5.File, group string, s *State) error {
	if err := errors.Join(f.CreateGroup(group), f.CreateGroup(group+"/arrays")); err != nil {
		return err
	}
	names := make([]string, len(s.Arrays))
	for k, a := range s.Arrays {
		typ, raw := rawOf(a.Data)
		names[k] = a.Name
		d, err := f.Create(group+"/arrays/"+a.Name, typ, h5.Layout{Rank: 1, Rows: len(raw) / sizeOf[typ], Cols: 1})
		if err != nil {
			return err
		}
		if err := errors.Join(d.WriteRaw(raw, 0, d.Rows()), d.Close()); err != nil {
			return err
		}
	}
	return errors.Join(f.WriteStrings(group+"/names", names), f.PutAttrInt64(group, "checksum", int64(checksum(s.Arrays))))
}

// sizeOf holds the bytes of the types that states are made of.
var sizeOf = map[h5.Type]int{h5.Float64: 8, h5.Float32: 4, h5.Int64: 8, h5.Int32: 4, h5.Uint8: 1}

// rawOf looks at numbers as the bytes that they are in files; both are little-endian.
func rawOf(data any) (h5.Type, []byte) {
	switch v := data.(type) {
	case []float64:
		return h5.Float64, bytesOf(v)
	case []float32:
		return h5.Float32, bytesOf(v)
	case []int64:
		return h5.Int64, bytesOf(v)
	case []int32:
		return h5.Int32, bytesOf(v)
	case []uint8:
		return h5.Uint8, v
	}
	panic(fmt.Sprintf("hdf5io: a state cannot hold %T", data))
}

func bytesOf[T any](v []T) []byte {
	var t T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(t)))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is over the names and values of arrays: HDF5 does not notice a bit that a disk has lost.
func checksum(arrays []Array) uint32 {
	sum := uint32(0)
	for _, a := range arrays {
		_, raw := rawOf(a.Data)
		sum = crc32.Update(sum, castagnoli, []byte(a.Name))
		sum = crc32.Update(sum, castagnoli, binary.LittleEndian.AppendUint64(nil, uint64(len(raw))))
		sum = crc32.Update(sum, castagnoli, raw)
	}
	return sum
}

// SyncStates puts a file of WriteStates on disk and then gives it its name.
func SyncStates(written, name string) error {
	if err := syncFile(written); err != nil {
		return err
	}
	if err := os.Rename(written, name); err != nil {
		return err
	}
	return syncFile(filepath.Dir(name))
}

// WriteManifest writes a manifest, aside at first, so that its name stands for the old checkpoint or for the new one at any moment.
func WriteManifest(path string, m Manifest) (err error) {
	aside := path + ".part"
	defer func() {
		if err != nil {
			os.Remove(aside)
		}
	}()
	f, err := h5.Create(aside)
	if err != nil {
		return err
	}
	err = errors.Join(putFormat(f, m.Step), f.PutAttrString("/", "version", m.Version), f.WriteStrings("/config", []string{m.Config}),
		f.WriteStrings("/lpus", m.LPUs), f.WriteStrings("/files", m.Files), f.Close())
	if err != nil {
		return err
	}
	return SyncStates(aside, path)
}
