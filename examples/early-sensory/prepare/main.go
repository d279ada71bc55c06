// Command prepare writes what the demo of the early sensory system makes in code: the stimuli of the lamina and the antennal
// lobe, and the connections between the LPUs.
//
//	go run ./examples/early-sensory/prepare FOLDER [STEPS]
package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// steps is the length of the demo, of 0.1 ms each.
const steps = 14000

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "prepare:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 && len(args) != 2 {
		return fmt.Errorf("expected a folder and, if wanted, a number of steps; found %d arguments", len(args))
	}
	dir, n := args[0], steps
	if len(args) == 2 {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil || n < 1 {
			return fmt.Errorf("expected a number of steps, found %q", args[1])
		}
	}
	for _, s := range stimuli {
		if err := s.write(dir, n); err != nil {
			return err
		}
	}
	for _, p := range patterns {
		if err := p.write(dir); err != nil {
			return err
		}
	}
	return nil
}

// link joins an output port to an input port.
type link struct{ from, to, typ string }

// pattern is the connections between two LPUs.
type pattern struct {
	file  string
	links []link
}

var patterns = []pattern{
	{"lamina_medulla.csv", cartridges()},
	{"medulla_integrate.csv", tangential()},
	{"antennallobe_integrate.csv", projection()},
}

// cartridges joins each of the 768 columns of the lamina to that of the medulla, with the feedback of the centrifugal
// neurons C2 and C3.
func cartridges() []link {
	var out []link
	for c := range columns {
		port := func(lpu, neuron string) string { return fmt.Sprintf("/%s/cart%d/%s", lpu, c, neuron) }
		for _, n := range []string{"L1", "L2", "L3", "L4", "L5", "T1"} {
			out = append(out, link{port("lamina", n), port("medulla", n), "gpot"})
		}
		for _, n := range []string{"C2", "C3"} {
			out = append(out, link{port("medulla", n), port("lamina", n), "gpot"})
		}
	}
	return out
}

// tangential joins the wide-field neurons of the medulla to the integration LPU.
func tangential() []link {
	var out []link
	for k, n := range []string{"Mt3h", "Mt3v"} {
		for i := range 4 {
			out = append(out, link{fmt.Sprintf("/medulla/%s[%d]", n, i), fmt.Sprintf("/int/in/gpot%d", 4*k+i), "gpot"})
		}
	}
	return out
}

// projection joins the projection neurons of the first glomerulus to the integration LPU.
func projection() []link {
	var out []link
	for i := range 3 {
		out = append(out, link{fmt.Sprintf("/al/0/pn%d", i), fmt.Sprintf("/int/in/spk%d", i), "spike"})
	}
	return out
}

func (p *pattern) write(dir string) (err error) {
	f, err := os.Create(filepath.Join(dir, p.file))
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "from,to,type")
	for _, l := range p.links {
		fmt.Fprintf(w, "%s,%s,%s\n", l.from, l.to, l.typ)
	}
	return w.Flush()
}
