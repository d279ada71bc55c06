package emit

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite ../engine/models_gen.h")

// TestLibraryIsCurrent fails when a model was changed and the kernels were not generated again.
func TestLibraryIsCurrent(t *testing.T) {
	want, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	const file = "../engine/models_gen.h"
	if *update {
		if err := os.WriteFile(file, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatal("lpu/engine/models_gen.h does not fit lpu/model/library; run `go generate ./lpu/engine`")
	}
}
