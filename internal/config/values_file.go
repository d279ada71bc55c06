package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readPath makes a Path of a scalar.
func (d *decoder) readPath(n *node) (Path, bool) {
	_, isNumber := n.number()
	_, isTruth := n.boolean()
	if n.kind != scalar || isNumber || isTruth || n.text == "" {
		return Path{}, false
	}
	p := Path{Written: n.text, Abs: n.text, Pos: n.pos}
	if !filepath.IsAbs(p.Abs) {
		p.Abs = filepath.Join(d.dir, p.Abs)
	}
	p.Abs = filepath.Clean(p.Abs)
	return p, true
}

// showPath gives the path as written, so that a resolved configuration can move with its folder.
func showPath(p Path) any { return showWord(p.Written) }

// fileToRead is a file that must be there before the run.
var fileToRead = value[Path]{
	what: "the name of a file",
	read: func(d *decoder, n *node, s *scope) (Path, bool) {
		p, ok := d.readPath(n)
		if ok {
			d.mustExist(p)
			d.reads = append(d.reads, fileUse{p, s.String()})
		}
		return p, ok
	},
	show: showPath,
}

// fileToWrite is a file that the run makes.
var fileToWrite = value[Path]{
	what: "the name of a file",
	read: func(d *decoder, n *node, s *scope) (Path, bool) {
		p, ok := d.readPath(n)
		if ok {
			if info, err := os.Stat(p.Abs); err == nil && info.IsDir() {
				d.report(p.Pos, "name a file in it", "%s is a folder", p.Written)
			}
			d.writes = append(d.writes, fileUse{p, s.String()})
		}
		return p, ok
	},
	show: showPath,
}

// sourceFile is a file that either is there or is written by the run; checkRun tells when everything is read.
var sourceFile = value[Path]{
	what: "the name of a file",
	read: func(d *decoder, n *node, _ *scope) (Path, bool) { return d.readPath(n) },
	show: showPath,
}

// mustExist reports a file that cannot be read by its name.
func (d *decoder) mustExist(p Path) {
	info, err := os.Stat(p.Abs)
	switch {
	case err == nil && info.IsDir():
		d.report(p.Pos, "name a file in it", "%s is a folder", p.Written)
	case errors.Is(err, fs.ErrNotExist) && p.Written == p.Abs:
		d.report(p.Pos, didYouMean(nearestFile(p.Abs)), "no such file: %s", p.Written)
	case errors.Is(err, fs.ErrNotExist):
		// The usual surprise: paths do not start where the command was given.
		hint := didYouMean(nearestFile(p.Abs))
		if hint == "" {
			hint = "paths start at the folder of the configuration, " + filepath.Dir(d.src.name)
		}
		d.report(p.Pos, hint, "no such file: %s", p.Written)
	case err != nil:
		var pathErr *fs.PathError
		if errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		d.report(p.Pos, "", "cannot read %s: %v", p.Written, err)
	}
}

// graphTable are the keys of a graph given as two tables.
var graphTable = table[graphTables]{
	where: "graph",
	place: func(g *graphTables) *Place { return &g.Place },
	fields: []field[graphTables]{
		key("nodes", fileToRead, func(g *graphTables) *Path { return &g.nodes }, required, "table of nodes (.csv)"),
		key("edges", fileToRead, func(g *graphTables) *Path { return &g.edges }, "(none)", "table of edges (.csv)"),
	},
}

type graphTables struct {
	Place
	nodes, edges Path
}

var graph = value[Graph]{
	what: "the name of a graph file or {nodes: FILE, edges: FILE}",
	read: func(d *decoder, n *node, s *scope) (Graph, bool) {
		// Tables of nodes and edges are given as two keys, everything else as one name.
		if n.kind == mapping {
			var g graphTables
			graphTable.read(d, &g, n, s, n.pos)
			return Graph{Nodes: g.nodes, Edges: g.edges, Pos: n.pos}, true
		}
		p, ok := fileToRead.read(d, n, s)
		return Graph{File: p, Pos: n.pos}, ok
	},
	show: func(g Graph) any {
		switch {
		case g.File.Given():
			return g.File.Written
		case g.Given():
			return graphTable.show(&graphTables{nodes: g.Nodes, edges: g.Edges})
		}
		return nil
	},
}

// checkExtension reports a picture whose format cannot be told from its name. It is drawn at the end, when a long run
// would have been in vain.
func (d *decoder) checkExtension(p Path, known ...string) {
	ext := strings.ToLower(filepath.Ext(p.Written))
	for _, k := range known {
		if ext == k {
			return
		}
	}
	if p.Given() {
		d.report(p.Pos, "", "expected a file name that ends in %s, found %q", joinOr(known), filepath.Base(p.Written))
	}
}
