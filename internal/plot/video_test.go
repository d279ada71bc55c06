package plot

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// movingFigure is a small figure with a panel of each kind that a video treats in its own way.
func movingFigure(t *testing.T) Figure {
	at := 0.9
	f := field(t)
	return Figure{Title: "Moving", Columns: 2, Width: 5, Height: 4, DPI: 60, Seconds: 1, Panels: []Panel{
		{Type: Raster, Source: f, Variable: "spike_state"},
		{Type: Image, Source: f, Variable: "x", Shape: [2]int{12, 16}},
		{Type: Waveform, Source: f, Variable: "x", UIDs: []string{"cell_99"}},
		{Type: Image, Source: f, Variable: "x", Shape: [2]int{12, 16}, At: &at},
	}}
}

// newTestFilm loads a figure as a video does.
func newTestFilm(t *testing.T, f Figure) *film {
	t.Helper()
	z, err := f.size(videoDPI)
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.load(z, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return newFilm(&f, d, z)
}

// equal reports whether an area of two images is the same.
func equal(a, b *image.RGBA, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if !bytes.Equal(a.Pix[a.PixOffset(r.Min.X, y):a.PixOffset(r.Max.X, y)], b.Pix[b.PixOffset(r.Min.X, y):b.PixOffset(r.Max.X, y)]) {
			return false
		}
	}
	return true
}

// TestFrames: left of the cursor is what the picture shows, right of it are empty axes; panels without time move or stay.
func TestFrames(t *testing.T) {
	f := movingFigure(t)
	m := newTestFilm(t, f)
	area := func(i int) image.Rectangle { return m.pixels(m.places[i].axes.c.Rectangle).Inset(1) }
	var images [][]byte
	for _, k := range []int{0, 5, 10} {
		if err := m.draw(k, 11); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 2} {
			all := area(i)
			at := all.Min.X + all.Dx()*k/10
			left, right := all, all
			left.Max.X, right.Min.X = max(at-3, all.Min.X), min(at+4, all.Max.X)
			if !equal(m.frame, m.full, left) || !equal(m.frame, m.bare, right) {
				t.Errorf("frame %d of panel %d is not divided at its time", k, i)
			}
			if count(m.frame, all, cursor) == 0 {
				t.Errorf("frame %d of panel %d has no cursor", k, i)
			}
		}
		if !equal(m.frame, m.full, area(3)) {
			t.Errorf("frame %d changes a panel with a time of its own", k)
		}
		var seen []byte
		r := area(1)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			seen = append(seen, m.frame.Pix[m.frame.PixOffset(r.Min.X, y):m.frame.PixOffset(r.Max.X, y)]...)
		}
		images = append(images, seen)
	}
	if bytes.Equal(images[0], images[1]) || bytes.Equal(images[1], images[2]) {
		t.Error("the image does not move")
	}
	for k, want := range map[int]string{0: "t = 0.000 s", 5: "t = 0.500 s", 10: "t = 1.000 s"} {
		if got := m.stamp(m.from + (m.to-m.from)*float64(k)/10); got != want {
			t.Errorf("frame %d is stamped %q, expected %q", k, got, want)
		}
	}
}

func TestGIF(t *testing.T) {
	f := movingFigure(t)
	var told []int
	f.Progress = func(done, frames int) { told = append(told, done, frames) }
	g, err := gif.DecodeAll(bytes.NewReader(save(t, f, ".gif")))
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != 2*gifRate || told[0] != 1 || told[1] != gifRate || told[2*gifRate-2] != gifRate {
		t.Errorf("progress was told as %v", told)
	}
	if len(g.Image) != gifRate || g.Delay[0] != 10 || g.Delay[gifRate-1] != lastDelay {
		t.Errorf("%d frames with delays %v", len(g.Image), g.Delay)
	}
	// What the frames draw over each other is the last frame of the video.
	shown := image.NewRGBA(image.Rect(0, 0, g.Config.Width, g.Config.Height))
	for _, img := range g.Image {
		for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
			for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
				shown.Set(x, y, img.At(x, y))
			}
		}
	}
	m := newTestFilm(t, f)
	if err := m.draw(gifRate-1, gifRate); err != nil {
		t.Fatal(err)
	}
	if mean, most := difference(shown, m.frame); mean > 2 || most > 30 {
		t.Errorf("the last frame differs by %.2f, in a place by %.0f", mean, most)
	}
}

// tool puts a program called ffmpeg on an otherwise useless PATH.
func tool(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, "ffmpeg"), []byte("#!/bin/sh\nPATH=/usr/bin:/bin\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

// TestFramesToFFmpeg: ffmpeg gets every frame, each of the size that it is told.
func TestFramesToFFmpeg(t *testing.T) {
	f := movingFigure(t)
	tool(t, `for last; do :; done; { printf '%s ' "$@"; wc -c; } >"$last"`)
	said := strings.Fields(string(save(t, f, ".mp4")))
	if want := fmt.Sprint(300 * 240 * 4 * mp4Rate); said[len(said)-1] != want {
		t.Errorf("%s bytes, expected %s", said[len(said)-1], want)
	}
	if !strings.Contains(strings.Join(said, " "), "-video_size 300x240 -framerate 20") {
		t.Errorf("called with %v", said)
	}
}

func TestWithoutFFmpeg(t *testing.T) {
	f := movingFigure(t)
	tool(t, "")
	dir := t.TempDir()
	written, err := f.Save(filepath.Join(dir, "run.v1.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "run.v1.gif"); written != want {
		t.Errorf("wrote %s, expected %s", written, want)
	}
	if _, err := os.Stat(written); err != nil {
		t.Error(err)
	}
}

func TestFFmpegFails(t *testing.T) {
	f := movingFigure(t)
	tool(t, "echo 'Unknown encoder libx264' >&2; exit 1")
	dir := t.TempDir()
	_, err := f.Save(filepath.Join(dir, "run.mp4"))
	if err == nil || !strings.Contains(err.Error(), "Unknown encoder libx264") {
		t.Errorf("error %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestChanged: outside the rectangle, nothing differs; and it is no larger than it must be.
func TestChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := image.NewRGBA(image.Rect(0, 0, 9, 7)), image.NewRGBA(image.Rect(0, 0, 9, 7))
		var want image.Rectangle
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			x, y := rapid.IntRange(0, 8).Draw(t, "x"), rapid.IntRange(0, 6).Draw(t, "y")
			b.SetRGBA(x, y, ink)
			want = want.Union(image.Rect(x, y, x+1, y+1))
		}
		if want.Empty() {
			want = image.Rect(0, 0, 1, 1)
		}
		if got := changed(a, b); got != want {
			t.Fatalf("%v, expected %v", got, want)
		}
	})
}
