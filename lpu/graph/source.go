package graph

import (
	"fmt"
	"io"

	"github.com/nkrun/nkrun/internal/textfile"
)

// unpack returns the text in r, which may be gzip, for what must be GEXF.
func unpack(r io.Reader, path string) (io.Reader, error) {
	b, err := textfile.Unpack(r, path)
	if err != nil {
		return nil, err
	}
	if what := textfile.Foreign(textfile.Head(b)); what != "" {
		return nil, fmt.Errorf("%s:1:1: this is %s, expected a graph in GEXF, as networkx write_gexf makes it", path, what)
	}
	return b, nil
}
