package cli

import (
	"strings"
	"testing"
)

// TestPortsOfAnyDepth joins ports of one, two and five levels in one pattern, in one process and on ranks, from inline
// connections, CSV and GEXF.
func TestPortsOfAnyDepth(t *testing.T) {
	const head = `dt: 1e-4
steps: 10
lpus:
  m1:
    kind: random
    ports: {in: {gpot: '/deep/a/b/c[0:2]'}, out: {gpot: '/flat,/two[0]', spike: '/x/y/z/w[7]'}}
  m2:
    kind: random
    ports: {in: {gpot: '[0:2]', spike: '/s/0'}, out: {gpot: '/out[0:2]'}}
patterns:
  - lpus: [m1, m2]
`
	csv := "from,to,type\n/flat,/0,gpot\n/two/0,/1,gpot\n/x/y/z/w/7,/s[0],spike\n/out[0],/deep/a/b/c[0],\n/out[1],/deep/a/b/c[1],\n"
	graph := `<?xml version='1.0' encoding='utf-8'?>
<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><graph defaultedgetype="directed" mode="static">
<attributes class="node" mode="static"><attribute id="0" title="type" type="string"/></attributes><nodes>
<node id="/flat"/><node id="/two/0"/><node id="/0"/><node id="/1"/><node id="/x/y/z/w/7"><attvalues><attvalue for="0" value="spike"/></attvalues></node><node id="/s/0"/>
<node id="/out/0"/><node id="/out/1"/><node id="/deep/a/b/c/0"/><node id="/deep/a/b/c/1"/>
</nodes><edges>
<edge source="/flat" target="/0"/><edge source="/two/0" target="/1"/><edge source="/x/y/z/w/7" target="/s/0"/>
<edge source="/out/0" target="/deep/a/b/c/0"/><edge source="/out/1" target="/deep/a/b/c/1"/>
</edges></graph></gexf>`
	configs := map[string]string{
		"inline.yaml": head + `    connect:
      - {from: '/flat,/two[0]', to: '[0:2]'}
      - {from: '/x/y/z/w[7]', to: '/s[0]', type: spike}
      - {from: '/out[0:2]', to: '/deep/a/b/c[0:2]'}
`,
		"csv.yaml":  head + "    file: p.csv\n",
		"gexf.yaml": head + "    file: p.gexf\n",
	}
	dir := t.TempDir()
	write(t, dir, "p.csv", csv)
	write(t, dir, "p.gexf", graph)
	for name, text := range configs {
		write(t, dir, name, text)
		for _, ranks := range []int{0, 3} {
			r := mustRun(t, dir, ranks, name, "--log-level", "debug")
			sent := after(r.errOut, "m1", "0", "output gpot port data: ")
			if got := after(r.errOut, "m2", "1", "input gpot port data: "); got != sent || sent == "" {
				t.Errorf("%s on %d ranks: m1 emits %q, m2 gets %q", name, ranks, sent, got)
			}
			back := after(r.errOut, "m2", "5", "output gpot port data: ")
			if got := after(r.errOut, "m1", "6", "input gpot port data: "); got != back || back == "" {
				t.Errorf("%s on %d ranks: m2 emits %q, m1 gets %q", name, ranks, back, got)
			}
		}
	}
}

// after returns the rest of the line that an LPU logged in a step with some words.
func after(log, lpu, step, words string) string {
	for _, line := range strings.Split(log, "\n") {
		if _, rest, ok := strings.Cut(line, words); ok && strings.Contains(line, "["+lpu+" ") && strings.Contains(line, " step "+step+"]") {
			return rest
		}
	}
	return ""
}

// TestPatternDelay checks that a reader at step n sees what was emitted at n-1-k, for a delay of k steps, on any number of
// ranks.
func TestPatternDelay(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "c.yaml", `dt: 1e-4
steps: 10
lpus:
  m1: {kind: random, ports: {out: {gpot: '/a[0]', spike: '/a[1]'}}}
  m2: {kind: random, ports: {in: {gpot: '/b[0]', spike: '/b[1]'}}}
patterns:
  - lpus: [m1, m2]
    delay: 3e-4
    connect:
      - {from: '/a[0:2]', to: '/b[0:2]'}
`)
	for _, ranks := range []int{0, 2, 3} {
		r := mustRun(t, dir, ranks, "c.yaml", "--log-level", "debug")
		if got := after(r.errOut, "m2", "3", "input gpot port data: "); got != "[0]" {
			t.Errorf("on %d ranks, step 3 gets %s before anything can have arrived", ranks, got)
		}
		for _, kind := range []string{"gpot", "spike"} {
			sent := after(r.errOut, "m1", "1", "output "+kind+" port data: ")
			if got := after(r.errOut, "m2", "5", "input "+kind+" port data: "); got != sent || sent == "" {
				t.Errorf("on %d ranks, %s: step 1 emits %q, step 5 gets %q", ranks, kind, sent, got)
			}
		}
	}
}

// TestPorts covers what nkrun ports prints.
func TestPorts(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"/lam[0:2],/med/L1"}, "/lam[0]\n/lam[1]\n/med/L1\n"},
		{[]string{"--count", "/a[0:1000000000]"}, "1000000000\n"},
		{[]string{"--compact", "/a/0,/a/1,/a/2"}, "/a[0:3]\n"},
		{[]string{"--explain", "/a+[0,2]"}, "/a               level: the name \"a\"\n+                joins every port before it with every one behind it\n[0,2]            level: one of the numbers [0 2]\n\n2 port(s) of up to 2 levels\n"},
	} {
		if r := mustRun(t, t.TempDir(), 0, append([]string{"ports"}, c.args...)...); r.out != c.want {
			t.Errorf("%v: %q, want %q", c.args, r.out, c.want)
		}
	}
}
