package compile

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPositions: places that hold a spike are found in whatever order a probe has its components, also where several are at one place.
func TestPositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const size = 40
		var index []int32
		switch rapid.SampledFrom([]string{"straight", "nearly straight", "any"}).Draw(t, "order") {
		case "any":
			index = rapid.SliceOfN(rapid.Int32Range(0, size-1), 0, 30).Draw(t, "index")
		case "nearly straight":
			index = []int32{3, 4, 4, 6, 7}
		default:
			first := rapid.Int32Range(0, size-1).Draw(t, "first")
			for k := range rapid.Int32Range(1, size-first).Draw(t, "components") {
				index = append(index, first+k)
			}
		}
		places := rapid.SliceOfDistinct(rapid.Int32Range(0, size-1), rapid.ID[int32]).Draw(t, "places")
		p := &Program{Rings: []Ring{{Variable: "spike_state", Size: size}}, Probes: []Probe{{Ring: 0, Index: index}}}
		q := p.SpikeProbe(0)
		if q == nil {
			t.Fatal("it is no probe of spikes")
		}
		want, values := []int32{-7}, make([]float64, len(index))
		for k, place := range index {
			if slices.Contains(places, place) {
				want = append(want, int32(k))
				values[k] = 1
			}
		}
		if got := q.Positions([]int32{-7}, places); !slices.Equal(got, want) {
			t.Fatalf("positions %v, expected %v", got, want)
		}
		got := make([]float64, len(index))
		if q.Values(got, places); !slices.Equal(got, values) {
			t.Fatalf("values %v, expected %v", got, values)
		}
	})
}
