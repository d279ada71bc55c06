package plot

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// mp4Rate is how many frames a second of an MP4 has.
const mp4Rate = 20

// ffmpeg returns the program that makes videos, or nothing where there is none.
func ffmpeg() string {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return ""
	}
	return path
}

// writeMP4 passes the frames to ffmpeg through a pipe.
func (m *film) writeMP4(tool, path string) error {
	size := m.frame.Bounds()
	cmd := exec.Command(tool, "-loglevel", "error", "-y",
		"-f", "rawvideo", "-pixel_format", "rgba", "-video_size", fmt.Sprintf("%dx%d", size.Dx(), size.Dy()),
		"-framerate", strconv.Itoa(mp4Rate), "-i", "pipe:0",
		// What all players show: an even number of pixels, colours at half the resolution.
		"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "20", "-preset", "veryfast",
		"-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "mp4", path)
	var said bytes.Buffer
	cmd.Stderr = &said
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", tool, err)
	}
	var drawErr, writeErr error
	for k, n := 0, m.frames(mp4Rate); k < n && drawErr == nil && writeErr == nil; k++ {
		if drawErr = m.draw(k, n); drawErr == nil {
			_, writeErr = pipe.Write(m.frame.Pix)
			m.tell(k+1, n)
		}
	}
	writeErr = errors.Join(writeErr, pipe.Close())
	// What ffmpeg says tells more than that its pipe broke.
	if err := cmd.Wait(); err != nil && drawErr == nil {
		return fmt.Errorf("%s: %w: %s", tool, err, strings.TrimSpace(said.String()))
	}
	return errors.Join(drawErr, writeErr)
}
