//go:build cuda || nvrtc

package cuda

import (
	"os"
	"testing"

	"github.com/nkrun/nkrun/lpu/model"
)

// ownModel reads the model of the example of a user's own.
func ownModel(t *testing.T) *model.Model {
	t.Helper()
	text, err := os.ReadFile("../examples/own-model/AdaptiveIAF.nk")
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Parse("AdaptiveIAF.nk", string(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
