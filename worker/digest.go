package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"

	"github.com/nkrun/nkrun/lpu"
	"github.com/nkrun/nkrun/pattern"
)

// Digests are asked for in place of recordings, to compare runs: for each LPU a file with a number for each step and series
// of values, which is equal where the values are equal to the bit.
type Digests struct {
	Dir string
	// Values, if not 0, also writes the values themselves before that step, by which time the run should end.
	Values int
}

// DigestHeader is the first line of a file of digests. What follows is, for each step and then for each series, 8 bytes.
type DigestHeader struct {
	LPU    string
	Series []string
}

// SeriesValues are the values of a series before a step, as bits: what is not equal may look equal as text.
type SeriesValues struct {
	Series string
	Names  []string // uids or ports
	Bits   []uint64
}

// digester writes the digests of one LPU.
type digester struct {
	unit   *unit
	series []series
	dir    string
	at     int
	file   *os.File
	out    *bufio.Writer
}

// series is a recorded variable, or the ports of a type.
type series struct {
	name   string
	names  []string
	values []float64
	read   func(into []float64)
}

// digestOf makes the digester of an LPU: over what it records, and over its output ports.
func (w *Worker) digestOf(u *unit) (*digester, error) {
	d := &digester{unit: u, dir: w.opt.Digests.Dir, at: w.opt.Digests.Values}
	for _, o := range u.outputs {
		engine := u.proc.(*circuit).engine
		for _, v := range o.vars {
			d.add(fmt.Sprintf("%s in %s", v.name, filepath.Base(o.path)), v.uids, func(into []float64) { engine.Read(v.probe, into) })
		}
	}
	ports := u.ports
	d.add("gpot output ports", idsOf(u.interf, pattern.Gpot), func(into []float64) { copy(into, ports.OutGpot) })
	d.add("spike output ports", idsOf(u.interf, pattern.Spike), func(into []float64) { spikesOf(ports, into) })
	err := os.MkdirAll(d.dir, 0o777)
	if err == nil {
		d.file, err = os.Create(d.path(".digest"))
	}
	if err != nil {
		return nil, err
	}
	d.out = bufio.NewWriter(d.file)
	header := DigestHeader{LPU: u.name}
	for _, s := range d.series {
		header.Series = append(header.Series, s.name)
	}
	return d, json.NewEncoder(d.out).Encode(header)
}

func (d *digester) path(ending string) string {
	return filepath.Join(d.dir, url.PathEscape(d.unit.name)+ending)
}

// add adds a series, unless it is empty.
func (d *digester) add(name string, names []string, read func([]float64)) {
	if len(names) > 0 {
		d.series = append(d.series, series{name, names, make([]float64, len(names)), read})
	}
}

func idsOf(p pattern.Ports, t pattern.Type) []string {
	out := make([]string, len(p.Out[t]))
	for i, id := range p.Out[t] {
		out[i] = id.String()
	}
	return out
}

func spikesOf(p *lpu.Ports, into []float64) {
	for i, s := range p.OutSpike {
		into[i] = float64(s)
	}
}

// step writes the digests of the values before step n.
func (d *digester) step(n int) error {
	var word [8]byte
	for i := range d.series {
		s := &d.series[i]
		s.read(s.values)
		binary.LittleEndian.PutUint64(word[:], digest(s.values))
		if _, err := d.out.Write(word[:]); err != nil {
			return err
		}
	}
	if d.at == 0 || n != d.at {
		return nil
	}
	var all []SeriesValues
	for _, s := range d.series {
		v := SeriesValues{Series: s.name, Names: s.names}
		for _, x := range s.values {
			v.Bits = append(v.Bits, math.Float64bits(x))
		}
		all = append(all, v)
	}
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(d.path(".values"), text, 0o666)
}

// digest mixes the bits of values. Each value is spread over all bits before the next comes in, so that changes of single
// bits in two values do not cancel out.
func digest(values []float64) uint64 {
	h := uint64(len(values))
	for _, v := range values {
		h = (h ^ math.Float64bits(v)) * 0x9e3779b97f4a7c15
		h ^= h >> 32
	}
	return h
}

func (d *digester) close() error {
	return errors.Join(d.out.Flush(), d.file.Close())
}

// digestAll writes the digests of all LPUs, if they are asked for.
func (w *Worker) digestAll(n int) error {
	for _, d := range w.digesters {
		if err := d.step(n); err != nil {
			return w.fail(d.unit, n, err)
		}
	}
	return nil
}
