package cli

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/hdf5io"
)

// sensory copies the early sensory system to a folder, with the published LPUs and what its program prepares for a number of
// steps. The LPUs are not part of the repository: they are looked for in the environment variable NK_DATA, by default in a
// folder beside it. found is false where they are absent.
func sensory(t *testing.T, steps string) (dir, data string, found bool) {
	t.Helper()
	data = os.Getenv("NK_DATA")
	if data == "" {
		data = filepath.Join("..", "..", "..", "shared", "data")
	}
	data = filepath.Join(data, "neurokernel-legacy-lpus")
	if _, err := os.Stat(data); err != nil {
		if os.Getenv("NK_DATA") != "" {
			t.Fatal(err)
		}
		t.Logf("examples/early-sensory is not tested: there is no %s; set NK_DATA to the folder that holds neurokernel-legacy-lpus", data)
		return "", "", false
	}
	dir = t.TempDir()
	for from, names := range map[string][]string{
		data: {"lamina.gexf.gz", "medulla.gexf.gz", "antennallobe.gexf.gz", "integrate.gexf.gz"},
		filepath.Join("..", "..", "examples", "early-sensory"): {"config.yaml"},
	} {
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(from, name))
			if err != nil {
				t.Fatal(err)
			}
			write(t, dir, name, string(text))
		}
	}
	out, err := exec.Command("go", "run", "../../examples/early-sensory/prepare", dir, steps).CombinedOutput()
	if err != nil {
		t.Fatalf("prepare: %v\n%s", err, out)
	}
	return dir, data, true
}

// lines returns the lines of files, sorted, without the header.
func lines(t *testing.T, files ...string) []string {
	t.Helper()
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range bytes.Split(bytes.TrimSpace(text), []byte("\n"))[1:] {
			out = append(out, strings.TrimSpace(string(l)))
		}
	}
	slices.Sort(out)
	return out
}

// TestSensoryConnections: the program makes the published connections, all 6155.
func TestSensoryConnections(t *testing.T) {
	dir, data, found := sensory(t, "1")
	if !found {
		return
	}
	got := lines(t, filepath.Join(dir, "lamina_medulla.csv"), filepath.Join(dir, "medulla_integrate.csv"), filepath.Join(dir, "antennallobe_integrate.csv"))
	want := lines(t, filepath.Join(data, "connections_lamina_medulla.csv"), filepath.Join(data, "connections_to_integrate.csv"))
	if !slices.Equal(got, want) || len(got) != 6155 {
		t.Errorf("%d connections, published are %d, or others", len(got), len(want))
	}
}

// TestSensoryRanks: the recordings are the same to the bit in one process and on ranks. 800 steps reach into the odour; the
// graded signals between the LPUs move from the first step on.
func TestSensoryRanks(t *testing.T) {
	dir, _, found := sensory(t, "800")
	if !found {
		return
	}
	run := func(ranks int, out string) {
		if r := mustRun(t, dir, ranks, "config.yaml", "--set", "steps=800", "--set", "plots=[]", "--out", out); ranks != 3 && strings.Count(r.errOut, "WARN") > strings.Count(r.errOut, "take turns") {
			t.Errorf("the example warns:\n%s", r.errOut)
		}
	}
	run(0, "alone")
	for ranks, out := range map[int]string{3: "three", 5: "five"} { // on 3 ranks LPUs share, of which nkrun warns
		run(ranks, out)
		for _, lpu := range []string{"lamina", "medulla", "antennallobe", "integrate"} {
			mustRun(t, dir, 0, "diff", "--exact", filepath.Join("alone", lpu+"_output.h5"), filepath.Join(out, lpu+"_output.h5"))
		}
	}
}

// TestSensoryCircuit: the circuit does what the fly's does. The edge reaches column 400, which is the 16th across, 24/0.1
// steps after it sets out in step 2000, and leaves the eye, dark following, after 48/0.1 steps: light from 2240 to 2720.
func TestSensoryCircuit(t *testing.T) {
	const steps = 3500
	dir, _, found := sensory(t, "3500")
	if !found {
		return
	}
	mustRun(t, dir, 0, "config.yaml", "--set", "steps=3500")
	const before, on, off, dark = 2200, 2241, 2720, 3200
	// At rest R1 to R6 are at -52 mV. A current of 16 uA/cm^2 against a leak of 0.5 mS/cm^2 and the open potassium
	// channels of that range takes them up by some 25 mV.
	for _, r := range []string{"400", "1168", "1936", "2704", "3472", "4240"} {
		v := column(t, filepath.Join(dir, "lamina_output.h5"), r)
		if rise := slices.Max(v[on:off]) - v[before]; rise < 20 || rise > 30 {
			t.Errorf("R1 to R6, uid %s: light takes it up by %.1f mV", r, rise)
		}
	}
	// Histamine closes L1 and L2 at -80 mV while there is light, and they rebound in the dark; a mV each way is far above
	// the drift of 0.1 mV before the light.
	for _, l := range []string{"5008", "5776"} {
		v := column(t, filepath.Join(dir, "lamina_output.h5"), l)
		rest := v[before]
		if drift := math.Abs(v[before-500] - rest); drift > 0.1 {
			t.Errorf("uid %s is not at rest before the light: it drifts by %.2f mV", l, drift)
		}
		if low, high := slices.Min(v[on:off])-rest, slices.Max(v[on:off])-rest; low > -1 || high > 0.1 {
			t.Errorf("L1, L2, uid %s: light takes it from %.2f to %.2f mV above rest, it should go down", l, low, high)
		}
		if high := slices.Max(v[off:dark]) - rest; high < 1 {
			t.Errorf("L1, L2, uid %s: darkness takes it to %.2f mV above rest", l, high)
		}
	}
	// Without odour the cells, whose threshold of -25 mV is below their rest of 0 mV, fire every 70 ms; 0.52 uA/cm^2 on
	// 1000 kOhm cm^2 drives them towards 520 mV, so that they reach threshold some twelve times as fast.
	for uid, n := range spikesAround(t, filepath.Join(dir, "antennallobe_output.h5"), 0.05, steps*1e-4) {
		quiet, odour := float64(n[0])/0.05, float64(n[1])/0.3
		if odour < 100 || odour < 5*quiet {
			t.Errorf("antennal lobe, uid %s: %.0f spikes/s without odour, %.0f with", uid, quiet, odour)
		}
	}
	// The integration neurons need both: the odour alone, from 0.05 s on, doesn't make them fire; with the edge, from 0.2 s on, it does.
	early, late := 0, 0
	for _, n := range spikesAround(t, filepath.Join(dir, "integrate_output.h5"), 0.2, steps*1e-4) {
		early, late = early+n[0], late+n[1]
	}
	if early != 0 || late < 20 {
		t.Errorf("integration: %d spikes before the edge moves, %d after", early, late)
	}
	for _, picture := range []string{"vision.png", "smell.png"} {
		if st, err := os.Stat(filepath.Join(dir, picture)); err != nil || st.Size() < 10000 {
			t.Errorf("no picture %s was drawn: %v", picture, err)
		}
	}
}

// column returns all recorded potentials of a neuron.
func column(t *testing.T, path, uid string) []float64 {
	t.Helper()
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := r.Variable("V")
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, v.Rows)
	if err := r.ReadColumns("V", []string{uid}, 0, v.Rows, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// spikesAround counts the spikes of each neuron before and after a time.
func spikesAround(t *testing.T, path string, at, end float64) map[string][2]int {
	t.Helper()
	r, err := hdf5io.OpenRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v, err := r.Variable(hdf5io.SpikeVariable)
	if err != nil {
		t.Fatal(err)
	}
	times, index, err := r.ReadSpikes()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]int{}
	for _, uid := range v.UIDs {
		out[uid] = [2]int{}
	}
	for i, k := range index {
		n := out[v.UIDs[k]]
		switch {
		case times[i] < at:
			n[0]++
		case times[i] < end:
			n[1]++
		}
		out[v.UIDs[k]] = n
	}
	return out
}
