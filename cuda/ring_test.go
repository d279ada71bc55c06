//go:build cuda

package cuda

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ring is three generic LPUs, each joined to the next by spike and graded ports, without a delay and with two. Only the first is read in
// each step, which makes the host wait for it.
type ring struct {
	t            *testing.T
	dir          string
	nkrun, plain string
	config       string
}

const ringConfig = `dt: 1e-4
steps: 400
lpus:
  a: {graph: a.gexf.gz, inputs: [{file: a.h5}], outputs: [{file: a_out.h5, variables: {V: all, spike_state: all}}]}
  b: {graph: b.gexf.gz, inputs: [{file: b.h5}], outputs: [{file: b_out.h5, interval: 10, variables: {V: all}}]}
  c: {graph: c.gexf.gz, inputs: [{file: c.h5}], outputs: [{file: c_out.h5, interval: 35, variables: {V: all}}]}
patterns:
  - {lpus: [a, b], file: ab.csv}
  - {lpus: [b, c], file: bc.csv, delay: 3e-4}
  - {lpus: [c, a], file: ca.csv, delay: 1e-4}
`

func newRing(t *testing.T) *ring {
	r := &ring{t: t, dir: t.TempDir()}
	r.nkrun, r.plain = programs(t)
	r.config = filepath.Join(r.dir, "ring.yaml")
	if err := os.WriteFile(r.config, []byte(ringConfig), 0o666); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(r.dir, name) }
	for i, name := range []string{"a", "b", "c"} {
		command(t, r.plain, "gen", "generic", "--seed", fmt.Sprint(97+i), "--lpu", name, at(name+".gexf.gz"), at(name+".h5"))
	}
	for i, pair := range []string{"ab", "bc", "ca"} {
		text := command(t, r.plain, "gen", "pattern", "--seed", fmt.Sprint(1+i), at(pair[:1]+".gexf.gz"), at(pair[1:]+".gexf.gz"))
		if err := os.WriteFile(at(pair+".csv"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// start runs the ring into a folder, on ranks and devices; further arguments are nkrun's.
func (r *ring) start(out string, ranks int, devices [3]string, args ...string) (string, error) {
	args = append([]string{"run", r.config, "--quiet", "--out", filepath.Join(r.dir, out)}, args...)
	for i, d := range devices {
		args = append(args, "--set", fmt.Sprintf("lpus.%c.device=%s", 'a'+i, d))
	}
	if ranks > 1 {
		args = append([]string{"--oversubscribe", "-n", fmt.Sprint(ranks), r.nkrun}, args...)
		return try("mpirun", args...)
	}
	return try(r.nkrun, args...)
}

func (r *ring) run(out string, ranks int, devices [3]string, args ...string) {
	r.t.Helper()
	if text, err := r.start(out, ranks, devices, args...); err != nil {
		r.t.Fatalf("%d ranks, %v: %v\n%s", ranks, devices, err, text)
	}
}

// throughHost has all values go through the host's memory.
var throughHost = []string{"--set", "lpus.a.debug=true", "--set", "lpus.b.debug=true", "--set", "lpus.c.debug=true"}

// same compares recordings.
func (r *ring) same(want, got string, how ...string) {
	r.t.Helper()
	for _, name := range []string{"a_out.h5", "b_out.h5", "c_out.h5"} {
		command(r.t, r.plain, append(append([]string{"diff"}, how...), filepath.Join(r.dir, want, name), filepath.Join(r.dir, got, name))...)
	}
}

// onGPUs returns how many ends of routes run.json tells of, and how many of them do not pass the host.
func (r *ring) onGPUs(out string) (routes, there int) {
	text, err := os.ReadFile(filepath.Join(r.dir, out, "run.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	var record struct {
		Ranks []struct {
			Routes int `json:"routes"`
			There  int `json:"routes_on_gpus"`
		}
	}
	if err := json.Unmarshal(text, &record); err != nil {
		r.t.Fatal(err)
	}
	for _, x := range record.Ranks {
		routes += x.Routes
		there += x.There
	}
	return routes, there
}

// TestRing runs LPUs on two GPUs and on processors, in one process and under mpirun, with an MPI that takes the memory of GPUs (on the
// stand-in any does) and one that does not: recordings agree with those of processors, and to the bit with those of the same devices
// when all values go through the host. run.json tells how many routes did not.
func TestRing(t *testing.T) {
	r := newRing(t)
	r.run("cpu", 1, [3]string{"cpu", "cpu", "cpu"})
	for k, c := range []struct {
		devices [3]string
		// Ranks, MPI that takes the memory of GPUs, work done early, and what run.json tells: ends of routes, and those on GPUs.
		runs [][5]int
	}{
		{[3]string{"gpu:0", "gpu:0", "gpu:0"}, [][5]int{{1, 0, 0, 6, 6}}},
		{[3]string{"gpu:0", "gpu:1", "gpu:0"}, [][5]int{{1, 0, 0, 6, 6}, {1, 0, 1, 6, 6}, {2, 1, 0, 10, 10}, {2, 1, 1, 10, 10}, {4, 0, 0, 12, 0}, {4, 1, 0, 12, 12}, {4, 1, 1, 12, 12}}},
		{[3]string{"gpu:0", "cpu", "gpu:1"}, [][5]int{{1, 0, 0, 6, 2}, {4, 1, 0, 8, 8}}},
	} {
		want := fmt.Sprint("host", k)
		r.run(want, 1, c.devices, throughHost...)
		r.same("cpu", want, "--rel", "1e-9")
		if _, there := r.onGPUs(want); there != 0 {
			t.Errorf("%d routes on GPUs although all ports are dumped", there)
		}
		for _, x := range c.runs {
			t.Run(fmt.Sprintf("%v on %d ranks, aware %d, early %d", c.devices, x[0], x[1], x[2]), func(t *testing.T) {
				t.Setenv("NKRUN_STANDIN_CUDA_AWARE", fmt.Sprint(x[1]))
				t.Setenv("NKRUN_STANDIN_EARLY", fmt.Sprint(x[2]))
				sub := *r
				sub.t = t
				out := fmt.Sprint("out", k, x)
				sub.run(out, x[0], c.devices)
				sub.same(want, out, "--exact")
				if routes, there := sub.onGPUs(out); routes != x[3] || there != x[4] {
					t.Errorf("%d of %d ends of routes on GPUs, expected %d of %d", there, routes, x[4], x[3])
				}
			})
		}
	}
}

// TestRingResumed saves the ring between two exchanges, and lets it go on: the states are those of values that go through the host, to
// the bit, and so are the recordings in the end.
func TestRingResumed(t *testing.T) {
	t.Setenv("NKRUN_STANDIN_CUDA_AWARE", "1")
	r := newRing(t)
	devices := [3]string{"gpu:0", "gpu:1", "gpu:0"}
	r.run("whole", 1, devices, throughHost...)
	for _, ranks := range []int{1, 4} {
		saving := func(out string, more ...string) []string {
			return append([]string{"--set", fmt.Sprintf("checkpoint={file: %s, every: 60 steps}", filepath.Join(r.dir, out, "state.h5"))}, more...)
		}
		host, out := fmt.Sprint("host", ranks), fmt.Sprint("out", ranks)
		r.run(host, ranks, devices, saving(host, append(throughHost, "--steps", "231")...)...)
		r.run(out, ranks, devices, saving(out, "--steps", "231")...)
		files, err := filepath.Glob(filepath.Join(r.dir, host, "state.step-231.*"))
		if err != nil || len(files) < 1 || ranks > 1 && len(files) < 3 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, f := range files {
			want, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(r.dir, out, filepath.Base(f)))
			if err != nil || !bytes.Equal(want, got) {
				t.Errorf("%s differs from that of values that went through the host (%v)", filepath.Base(f), err)
			}
		}
		r.run(out, ranks, devices, saving(out, "--resume")...)
		r.same("whole", out, "--exact")
	}
}

// TestRingSeen checks what users see of values that stay on GPUs: dumps of one LPU's ports, digests of all, where the time went, and
// what is told when a device is lost.
func TestRingSeen(t *testing.T) {
	r := newRing(t)
	devices := [3]string{"gpu:0", "gpu:1", "gpu:0"}
	few := []string{"--steps", "150"}
	r.run("host", 1, devices, append(few, throughHost...)...)
	r.run("one", 1, devices, append(few, "--set", "lpus.b.debug=true")...)
	dumps, err := filepath.Glob(filepath.Join(r.dir, "one", "b.debug", "*.csv"))
	if err != nil || len(dumps) != 5 {
		t.Fatalf("%v, %v", dumps, err)
	}
	for _, f := range dumps {
		command(t, "cmp", f, filepath.Join(r.dir, "host", "b.debug", filepath.Base(f)))
	}

	t.Setenv("NKRUN_STANDIN_CUDA_AWARE", "1")
	verify := []string{"verify", r.config, "--set", "steps=150", "--ranks", "1,3"}
	for i, d := range devices {
		verify = append(verify, "--set", fmt.Sprintf("lpus.%c.device=%s", 'a'+i, d))
	}
	command(t, r.nkrun, verify...)

	text, err := r.start("profile", 4, devices, append(few, "--profile")...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, part := range []string{"copies", "waiting", "model", "exchange", "rank 2: 4 of 4 routes do not pass the host's memory, and MPI takes the memory of GPUs"} {
		if !strings.Contains(text, part) {
			t.Errorf("the profile tells nothing of %q:\n%s", part, text)
		}
	}

	t.Setenv("NKRUN_STANDIN_LOST", "2500")
	for _, ranks := range []int{1, 4} {
		text, err := r.start("lost", ranks, devices)
		if err == nil || !strings.Contains(text, "(stand-in, 1.0 GB): the driver reports IllegalAddress") || !strings.Contains(text, ", step ") {
			t.Errorf("%d ranks, a lost device: %v\n%s", ranks, err, text)
		}
	}
}
