//go:build slow

package cli

import "testing"

// TestKillAndResumeLong kills fifty times in a row.
func TestKillAndResumeLong(t *testing.T) {
	killAndResume(t, 50, 200000, []int{0, 3, 4, 2})
}
