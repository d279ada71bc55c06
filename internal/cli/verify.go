package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nkrun/nkrun/internal/config"
	"github.com/nkrun/nkrun/internal/verify"
)

// variant is one way to run a configuration.
type variant struct {
	ranks, threads int
	everyStep      bool
}

func (v variant) String() string {
	text := fmt.Sprintf("%d ranks, %d threads", v.ranks, v.threads)
	if v.everyStep {
		text += ", exchange in every step"
	}
	return text
}

// verifier runs variants of a configuration.
type verifier struct {
	config string
	set    []string
	dir    string // for what the runs write
}

func verifyCommand() *cobra.Command {
	v := &verifier{}
	var ranks, threads []int
	cmd := &cobra.Command{
		Use:   "verify CONFIG",
		Short: "Prove that results do not depend on ranks and threads, or name the first difference",
		Long: `Run a configuration under several numbers of ranks and threads, and compare everything that it records, and all output ports,
step by step and to the bit. Where runs differ, the first step, LPU, variable and uid are named. Where patterns have delays,
exchanging in every step is compared with exchanging at longer intervals. No recordings are written.`,
		Args: takes("CONFIG"),
		RunE: func(cmd *cobra.Command, args []string) error {
			v.config = args[0]
			cfg, err := config.Load(v.config, v.set)
			if err != nil {
				return usage(err)
			}
			variants, err := variantsOf(ranks, threads, cfg)
			if err != nil {
				return usage(err)
			}
			if v.dir, err = os.MkdirTemp("", "nkrun-verify-"); err != nil {
				return &exitError{code: exitFailed, err: err}
			}
			defer os.RemoveAll(v.dir)
			return v.run(cmd, variants)
		},
	}
	cmd.Flags().IntSliceVar(&ranks, "ranks", []int{1, 2, 4}, "numbers of ranks, by commas")
	cmd.Flags().IntSliceVar(&threads, "threads", []int{1, 2}, "numbers of threads of each LPU, by commas")
	cmd.Flags().StringArrayVar(&v.set, "set", nil, "set a key of the configuration, as for nkrun run")
	return cmd
}

// variantsOf combines ranks and threads. Only delays make an exchange of every step another way to run.
func variantsOf(ranks, threads []int, cfg *config.Config) ([]variant, error) {
	var out []variant
	for _, r := range ranks {
		for _, t := range threads {
			if r < 1 || t < 1 {
				return nil, fmt.Errorf("--ranks and --threads must be at least 1, not %d and %d", r, t)
			}
			out = append(out, variant{r, t, false})
		}
	}
	for i := range cfg.Patterns {
		if cfg.Patterns[i].DelaySteps > 0 {
			last := out[len(out)-1]
			last.everyStep = true
			if last.ranks > 1 {
				out = append(out, last)
			}
			break
		}
	}
	if len(out) < 2 {
		return nil, errors.New("there is but one way to run; name several numbers of --ranks or --threads")
	}
	return out, nil
}

func (v *verifier) run(cmd *cobra.Command, variants []variant) error {
	out := cmd.OutOrStdout()
	for i, x := range variants {
		if err := v.one(x, filepath.Join(v.dir, strconv.Itoa(i)), 0); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		d, err := verify.First(filepath.Join(v.dir, "0"), filepath.Join(v.dir, strconv.Itoa(i)))
		if err != nil {
			return &exitError{code: exitFailed, err: err}
		}
		if d != nil {
			return v.explain(variants[0], x, d)
		}
		fmt.Fprintf(out, "%s: equal to %s\n", x, variants[0])
	}
	fmt.Fprintf(out, "%s: all %d ways to run it give the same results, to the bit\n", v.config, len(variants))
	return nil
}

// explain runs two variants again up to where they differ, to name the value.
func (v *verifier) explain(a, b variant, d *verify.Difference) error {
	where := fmt.Sprintf("%s and %s differ: first in step %d, LPU %s, %s", a, b, d.Step, d.LPU, d.Series)
	if d.Step == 0 {
		return &exitError{code: exitFailed, err: errors.New(where + ": before anything was computed")}
	}
	dirs := [2]string{filepath.Join(v.dir, "a"), filepath.Join(v.dir, "b")}
	for i, x := range []variant{a, b} {
		if err := v.one(x, dirs[i], d.Step); err != nil {
			return err
		}
	}
	value, err := verify.Which(dirs[0], dirs[1], d)
	switch {
	case err != nil:
		return &exitError{code: exitFailed, err: err}
	case value == nil:
		where += "; in a second run they do not: something random is not from the seed"
	case value.Bits:
		where += fmt.Sprintf(", %s: both print as %g, but not all their bits are the same", value.Name, value.A)
	default:
		where += fmt.Sprintf(", %s: %.17g and %.17g", value.Name, value.A, value.B)
	}
	return &exitError{code: exitFailed, err: errors.New(where)}
}

// one runs a variant, as a process of its own, up to a step if it is not 0.
func (v *verifier) one(x variant, dir string, values int) error {
	self, err := os.Executable()
	if err != nil {
		return &exitError{code: exitFailed, err: err}
	}
	args := []string{"run", v.config, "--out", dir, "--digests", dir, "--quiet", "--threads", strconv.Itoa(x.threads)}
	if values > 0 {
		args = append(args, "--digest-values", strconv.Itoa(values))
	}
	if x.ranks > 1 {
		args = append(args, "--ranks", strconv.Itoa(x.ranks))
	}
	if x.everyStep {
		args = append(args, "--exchange-every-step")
	}
	for _, s := range v.set {
		args = append(args, "--set", s)
	}
	c := exec.Command(self, args...)
	var said bytes.Buffer
	c.Stderr = &said
	err = c.Run()
	if code := c.ProcessState.ExitCode(); err != nil && (code != exitStopped || values == 0) {
		return &exitError{code: exitFailed, err: fmt.Errorf("%s: the run failed: %w\n%s", x, err, strings.TrimSpace(said.String()))}
	}
	return nil
}
