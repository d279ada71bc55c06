//go:build !nompi

package mpi

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// asRank is the environment variable that names what the test binary does as a rank of a job.
const asRank = "NKRUN_MPI_TEST_RANK"

var programs = map[string]func(w *World) error{
	"messages":   messages,
	"ring":       ring,
	"late":       late,
	"interrupt":  interrupt,
	"unanswered": unanswered,
}

func TestMain(m *testing.M) {
	name := os.Getenv(asRank)
	if name == "" {
		os.Exit(m.Run())
	}
	w, err := Start()
	if err == nil {
		err = programs[name](w)
	}
	if err != nil {
		fmt.Println("rank failed:", err)
		if w != nil {
			w.Abort(3)
		}
		os.Exit(3)
	}
	fmt.Println("rank fine")
	w.Stop()
}

// launch runs a program of this file on ranks of a real MPI.
func launch(t *testing.T, program string, ranks int) {
	t.Helper()
	c := exec.Command("mpirun", "--oversubscribe", "-n", fmt.Sprint(ranks), os.Args[0])
	c.Env = append(os.Environ(), asRank+"="+program, "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	out, err := c.CombinedOutput()
	if n := strings.Count(string(out), "rank fine"); err != nil || n != ranks {
		t.Fatalf("%d of %d ranks are fine, %v:\n%s", n, ranks, err, out)
	}
}

func TestMessages(t *testing.T)   { launch(t, "messages", 3) }
func TestRing(t *testing.T)       { launch(t, "ring", 4) }
func TestLate(t *testing.T)       { launch(t, "late", 2) }
func TestInterrupt(t *testing.T)  { launch(t, "interrupt", 2) }
func TestUnanswered(t *testing.T) { launch(t, "unanswered", 2) }

// TestWithoutLauncher checks that a program started by itself leaves MPI alone.
func TestWithoutLauncher(t *testing.T) {
	w, err := Start()
	if w != nil || err != nil {
		t.Errorf("world %v, error %v", w, err)
	}
}

// TestForeignLauncher starts a lonely process to which the environment promises company, as under the launcher of another
// MPI.
func TestForeignLauncher(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), asRank+"=messages", "PMI_SIZE=4")
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "started 4 processes, but Open MPI, which nkrun is built with, sees 1") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// messages sends empty, small and large messages in both directions.
func messages(w *World) error {
	for _, size := range []int{0, 5, 3_000_000} {
		msg := bytes.Repeat([]byte{7}, size)
		if w.Rank() > 0 {
			w.Send(0, 9, msg)
			got, err := w.Recv(0, 9, 10*time.Second, "the echo")
			if err != nil {
				return err
			}
			if size > 0 && !bytes.Equal(got, msg) {
				return fmt.Errorf("%d bytes came back as %d", size, len(got))
			}
			continue
		}
		for r := 1; r < w.Size(); r++ {
			got, err := w.Recv(r, 9, 10*time.Second, "a message")
			if err != nil {
				return err
			}
			w.Send(r, 9, got)
		}
	}
	if _, _, ok := w.Poll(10); ok {
		return errors.New("a message that nobody sent")
	}
	return nil
}

// ring sends sizes that differ in each direction to both neighbours, many times; the last rank has no neighbours.
func ring(w *World) error {
	n := w.Size() - 1
	var peers []Peer
	if w.Rank() < n {
		for _, d := range []int{1, n - 1} {
			peer := (w.Rank() + d) % n
			peers = append(peers, Peer{Rank: peer, Send: bytesBetween(w.Rank(), peer), Recv: bytesBetween(peer, w.Rank())})
		}
	}
	x, err := w.Neighbours(peers)
	if err != nil {
		return err
	}
	defer x.Close()
	if w.Rank() == n {
		return nil
	}
	for step := range 200 {
		for i, p := range peers {
			for k := range x.SendBuffer(i) {
				x.SendBuffer(i)[k] = byte(step + 3*w.Rank() + 5*p.Rank + k)
			}
		}
		if err := x.Post(); err != nil {
			return err
		}
		if err := x.Wait(10 * time.Second); err != nil {
			return err
		}
		for i, p := range peers {
			for k, got := range x.RecvBuffer(i) {
				if want := byte(step + 3*p.Rank + 5*w.Rank() + k); got != want {
					return fmt.Errorf("step %d, from rank %d, byte %d: %d, want %d", step, p.Rank, k, got, want)
				}
			}
		}
	}
	return nil
}

// bytesBetween is how much one rank sends to another: nothing at times.
func bytesBetween(from, to int) int { return 1000 * from * (to + 1) }

// late has a rank that does not take part in an exchange for a while.
func late(w *World) error {
	x, err := w.Neighbours([]Peer{{1 - w.Rank(), 8, 8}})
	if err != nil {
		return err
	}
	if w.Rank() == 1 {
		time.Sleep(600 * time.Millisecond)
		if err := x.Post(); err != nil {
			return err
		}
		return x.Wait(10 * time.Second)
	}
	if err := x.Post(); err != nil {
		return err
	}
	var timeout *TimeoutError
	if err := x.Wait(100 * time.Millisecond); !errors.As(err, &timeout) {
		return fmt.Errorf("waiting for a rank that sleeps: %v", err)
	}
	return x.Wait(10 * time.Second)
}

// interrupt stops waiting from another goroutine.
func interrupt(w *World) error {
	x, err := w.Neighbours([]Peer{{1 - w.Rank(), 8, 8}})
	if err != nil {
		return err
	}
	if w.Rank() == 1 {
		time.Sleep(300 * time.Millisecond)
		if err := x.Post(); err != nil {
			return err
		}
		return x.Wait(10 * time.Second)
	}
	if err := x.Post(); err != nil {
		return err
	}
	go func() {
		time.Sleep(50 * time.Millisecond)
		x.Interrupt()
	}()
	start := time.Now()
	if err := x.Wait(10 * time.Second); !errors.Is(err, ErrStopped) {
		return fmt.Errorf("an interrupted wait returned %v after %s", err, time.Since(start))
	}
	time.Sleep(500 * time.Millisecond) // the exchange completes meanwhile
	return x.Wait(10 * time.Second)
}

// unanswered waits for a message that never comes.
func unanswered(w *World) error {
	_, err := w.Recv(1-w.Rank(), 9, 50*time.Millisecond, "the answer to everything")
	want := fmt.Sprintf("rank %d waited 0s for the answer to everything from rank %d", w.Rank(), 1-w.Rank())
	if err == nil || err.Error() != want {
		return fmt.Errorf("error %v, want %s", err, want)
	}
	return nil
}
