package hdf5io

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// childTasks are what the test binary does instead of testing when it is started with CHILD_TASK set: things that kill
// the process, or may.
var childTasks = map[string]func(args []string) error{
	"record": childRecord,
	"full":   childDiskFull,
	"read":   childRead,
	"resume": childResume,
}

func TestMain(m *testing.M) {
	if task := os.Getenv("CHILD_TASK"); task != "" {
		if err := childTasks[task](os.Args[1:]); err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(task string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "CHILD_TASK="+task)
	return cmd
}

// childRecord records without end and prints the number of rows after each flush.
func childRecord(args []string) error {
	const uids = 37
	rec, err := CreateRecording(RecordingSpec{Path: args[0], DT: 1e-4, Interval: 1, Compress: args[1],
		Variables: []RecordedVar{{"V", names(uids)}, {SpikeVariable, names(uids)}}})
	if err != nil {
		return err
	}
	row := make([]float64, uids)
	for step := 0; ; step++ {
		for i := range row {
			row[i] = crashValue(step, i)
		}
		if err := rec.WriteRow(0, step, row); err != nil {
			return err
		}
		if err := rec.WriteSpikes(step, []int32{int32(step % uids)}); err != nil {
			return err
		}
		if step%317 == 316 {
			if err := rec.Flush(); err != nil {
				return err
			}
			fmt.Println(step + 1)
		}
	}
}

func crashValue(step, i int) float64 { return float64(step*1000 + i) }

// childDiskFull records until the file may not grow any more.
func childDiskFull(args []string) error {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 3 << 20, Max: 3 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	rec, err := CreateRecording(RecordingSpec{Path: args[0], DT: 1e-4, Interval: 2, FirstStep: 1, Compress: args[1],
		Variables: []RecordedVar{{"V", names(50)}, {SpikeVariable, names(50)}}})
	if err != nil {
		return err
	}
	row := make([]float64, 50)
	for k := 0; ; k++ {
		for i := range row {
			row[i] = crashValue(k, i) * 1.2345678901
		}
		err := rec.WriteRow(0, 2*k+1, row)
		if err == nil && k%1000 == 999 {
			err = rec.Flush()
		}
		if err != nil {
			if again := rec.Close(true); again == nil {
				return fmt.Errorf("closing a failed recording gives no error")
			}
			// The name must be free again for the next recording in this process.
			rec, err2 := CreateRecording(RecordingSpec{Path: filepath.Join(filepath.Dir(args[0]), "next.h5"), DT: 1, Interval: 1})
			if err2 == nil {
				err2 = rec.Close(true)
			}
			if err2 != nil {
				return err2
			}
			return err
		}
	}
}

// childRead reads all that a file holds, as far as it goes.
func childRead(args []string) error {
	in, errIn := OpenInput(args[0])
	if errIn == nil {
		for _, v := range in.Variables() {
			if v.Events {
				_, _, errIn = in.ReadEvents(v.Name)
			} else if v.Rows*len(v.UIDs) < 1<<24 {
				errIn = in.ReadRows(v.Name, 0, v.Rows, make([]float64, v.Rows*len(v.UIDs)))
			}
			if errIn != nil {
				break
			}
		}
		in.Close()
	}
	r, err := OpenRecording(args[0])
	if err != nil {
		return err
	}
	r.Close()
	rep, err := Diff(args[0], args[0], DiffOptions{Exact: true})
	if err != nil {
		return err
	}
	if !rep.Equal {
		return fmt.Errorf("a file differs from itself: %s", rep)
	}
	return errIn
}
