package worker

import (
	"bufio"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/nkrun/nkrun/pattern"
	"github.com/nkrun/nkrun/plsel"
)

// DebugDir returns the folder for what an LPU with `debug: true` sends and receives, below the folder of the outputs.
func DebugDir(dir, lpu string) string { return filepath.Join(dir, url.PathEscape(lpu)+".debug") }

// debugger writes the port values of one LPU, as tables: a row for each step and a column for each graded port, and a row for
// each spike.
type debugger struct {
	unit   *unit
	tables []*debugTable
}

// debugTable is one file. What is received is written before a step, what is sent after it.
type debugTable struct {
	file  *os.File
	out   *bufio.Writer
	gpot  []float64
	spike []uint8
	names []string // of spike ports
	sent  bool
	line  []byte
}

// debugOf makes the debugger of an LPU.
func (w *Worker) debugOf(u *unit) (*debugger, error) {
	d := &debugger{unit: u}
	dir := DebugDir(w.opt.DebugDir, u.name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return d, err
	}
	for _, t := range []struct {
		name  string
		ids   []plsel.ID
		gpot  []float64
		spike []uint8
		sent  bool
	}{
		{"received_gpot.csv", u.interf.In[pattern.Gpot], u.ports.InGpot, nil, false},
		{"received_spike.csv", u.interf.In[pattern.Spike], nil, u.ports.InSpike, false},
		{"sent_gpot.csv", u.interf.Out[pattern.Gpot], u.ports.OutGpot, nil, true},
		{"sent_spike.csv", u.interf.Out[pattern.Spike], nil, u.ports.OutSpike, true},
	} {
		if len(t.ids) == 0 {
			continue
		}
		f, err := os.Create(filepath.Join(dir, t.name))
		if err != nil {
			return d, err
		}
		table := &debugTable{file: f, out: bufio.NewWriter(f), gpot: t.gpot, spike: t.spike, sent: t.sent}
		d.tables = append(d.tables, table)
		for _, id := range t.ids {
			table.names = append(table.names, `"`+id.String()+`"`)
		}
		table.header()
	}
	return d, nil
}

func (t *debugTable) header() {
	t.out.WriteString("step")
	if t.spike != nil {
		t.out.WriteString(",port")
	} else {
		for _, name := range t.names {
			t.out.WriteString("," + name)
		}
	}
	t.out.WriteByte('\n')
}

// write writes the tables of one direction. Errors are those of the buffers, which keep them for close.
func (d *debugger) write(n int, sent bool) {
	for _, t := range d.tables {
		if t.sent != sent {
			continue
		}
		if t.gpot != nil {
			t.line = strconv.AppendInt(t.line[:0], int64(n), 10)
			for _, x := range t.gpot {
				t.line = strconv.AppendFloat(append(t.line, ','), x, 'g', -1, 64)
			}
			t.out.Write(append(t.line, '\n'))
			continue
		}
		for i, x := range t.spike {
			if x != 0 {
				t.line = append(strconv.AppendInt(t.line[:0], int64(n), 10), ',')
				t.line = append(append(t.line, t.names[i]...), '\n')
				t.out.Write(t.line)
			}
		}
	}
}

func (d *debugger) close() error {
	var errs []error
	for _, t := range d.tables {
		errs = append(errs, t.out.Flush(), t.file.Close())
	}
	return errors.Join(errs...)
}
