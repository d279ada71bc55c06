package emit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// language reads the model that has every construct of the language.
func language(t *testing.T) *model.Model {
	t.Helper()
	m, err := model.ReadFile("testdata/language.nk")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func kernel(t *testing.T, m *model.Model) string {
	t.Helper()
	var b bytes.Buffer
	if err := Kernel(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden shows what each construct becomes. TestComputes checks that it means the same.
func TestGolden(t *testing.T) {
	const file = "testdata/language.h"
	got := kernel(t, language(t))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "", ""
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Fatalf("%s:%d:\ngot  %s\nwant %s\n(if the change is meant: go test ./lpu/emit -update)", file, i+1, g, w)
		}
	}
}

// TestCompiles gives the kernels to the C compiler, with the engine's own step runner around them, for both precisions
// and without a warning.
func TestCompiles(t *testing.T) {
	cc, err := exec.LookPath("gcc")
	if err != nil {
		t.Fatalf("the engine is built with gcc: %v", err)
	}
	library, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text string }{
		{"language", kernel(t, language(t)) + "#define NK_MODELS(X) X(Language)\n#define NK_UNIFORM(X)\n#define NK_FUSED(X)\n"},
		{"library", string(library)},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, file := range []string{"kernels.h", "deliver.h", "idle.h", "run.h", "crew.h", "plastic.h", "nkkernel.h", "nkmath.h", "kernels_f64.c", "kernels_f32.c"} {
				text, err := os.ReadFile(filepath.Join("..", "engine", file))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, file), text, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "models_gen.h"), []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(cc, "-std=gnu11", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "kernels_f64.c", "kernels_f32.c")
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("gcc: %v\n%s", err, out)
			}
		})
	}
}
