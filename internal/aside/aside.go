// Package aside writes files that appear under their names only when they are whole.
//
//	err := aside.Write("report.html", func(w io.Writer) error { _, err := io.WriteString(w, page); return err })
package aside

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Name returns the name under which a file is written until it is whole: in the same folder, so that it can be renamed.
func Name(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.part%d", filepath.Base(path), os.Getpid()))
}

// Write writes a file beside its final name and renames it when it is whole. Where that fails, nothing is left.
func Write(path string, content func(io.Writer) error) (err error) {
	part := Name(path)
	file, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	w := bufio.NewWriterSize(file, 1<<18)
	err = content(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(part, path)
}
