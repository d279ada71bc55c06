package config

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLasting: what may change where a run is resumed, and how what may not is told.
func TestLasting(t *testing.T) {
	const was = `dt: 1e-4
duration: 0.5
seed: 18446744073709551614
checkpoint: {file: s.h5}
lpus:
  a:
    kind: mine
    params: {gain: 1}
  b:
    kind: mine
    threads: 2
`
	parse := func(text string) *Config {
		t.Helper()
		c, err := Parse("c.yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		name, from, to string
		without        []string
		want           []string
	}{
		{name: "nothing"},
		{name: "the duration", from: "duration: 0.5", to: "steps: 20000"},
		{name: "threads and device", from: "threads: 2", to: "device: cpu"},
		{name: "pace of checkpoints", from: "{file: s.h5}", to: "{file: t.h5, every: 10 steps}\nwatchdog: 10"},
		{name: "layout of the text", from: "params: {gain: 1}", to: "params:\n      gain: 1.0"},
		{name: "a digit of a long seed", from: "551614", to: "551615", want: []string{"seed was 18446744073709551614 and is 18446744073709551615"}},
		{name: "a parameter", from: "gain: 1", to: "gain: 2", want: []string{"lpus.a.params.gain was 1 and is 2"}},
		{name: "an LPU more", from: "  b:", to: "  c:\n    kind: mine\n  b:", want: []string{"there was no lpus.c"}},
		{name: "an LPU less", from: "  b:\n    kind: mine\n    threads: 2\n", want: []string{"there is no lpus.b any more"}},
		{name: "passes", without: []string{"idle"}, want: []string{"there was no passes left out"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, err := parse(was).Lasting(nil)
			if err != nil {
				t.Fatal(err)
			}
			after, err := parse(strings.Replace(was, c.from, c.to, 1)).Lasting(c.without)
			if err != nil {
				t.Fatal(err)
			}
			if got := Differences(before, after); !slices.Equal(got, c.want) {
				t.Errorf("%q, expected %q", got, c.want)
			}
		})
	}
	if got := Differences([]byte("{"), []byte("{}")); len(got) != 1 {
		t.Errorf("of what cannot be read: %q", got)
	}
	many := Differences([]byte(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":[1]}`), []byte(`{"a":2,"b":2,"c":2,"d":2,"e":2,"f":[2]}`))
	if len(many) != mostDifferences+1 || many[mostDifferences] != "and more" {
		t.Errorf("of many: %q", many)
	}
}

// TestPace: the time or the steps between checkpoints.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		text  string
		every time.Duration
		steps int
		bad   bool
	}{
		{text: "90", every: 90 * time.Second},
		{text: "1h30m", every: 90 * time.Minute},
		{text: "5000 steps", steps: 5000},
		{text: `"1 step"`, steps: 1},
		{text: "0 steps", bad: true},
		{text: "1.5 steps", bad: true},
		{text: "-3 steps", bad: true},
		{text: "5000 Steps", bad: true},
		{text: "steps", bad: true},
		{text: "[5 steps]", bad: true},
	} {
		t.Run(c.text, func(t *testing.T) {
			conf, err := Parse("c.yaml", []byte("dt: 1\nsteps: 1\nlpus: {a: {kind: mine}}\ncheckpoint: {file: s.h5, every: "+c.text+"}\n"), nil)
			switch {
			case c.bad:
				if err == nil || !strings.Contains(err.Error(), `a number of steps like "5000 steps"`) {
					t.Errorf("error %v", err)
				}
			case err != nil:
				t.Error(err)
			case conf.Checkpoint.Every != c.every || conf.Checkpoint.EverySteps != c.steps:
				t.Errorf("%+v", conf.Checkpoint.Pace)
			}
		})
	}
}
