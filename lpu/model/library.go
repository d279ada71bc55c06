package model

import (
	"embed"
	"fmt"
	"sort"
	"strings"
	"sync"
)

//go:embed library/*.nk
var libraryFiles embed.FS

var loadLibrary = sync.OnceValues(func() (map[string]*Model, error) {
	entries, err := libraryFiles.ReadDir("library")
	if err != nil {
		return nil, err
	}
	lib := map[string]*Model{}
	for _, e := range entries {
		text, err := libraryFiles.ReadFile("library/" + e.Name())
		if err != nil {
			return nil, err
		}
		m, err := Parse(e.Name(), string(text))
		if err != nil {
			return nil, err
		}
		if m.Name+".nk" != e.Name() {
			return nil, fmt.Errorf("%s: holds the model %q; file and model must have the same name", e.Name(), m.Name)
		}
		lib[m.Name] = m
	}
	return lib, nil
})

// Library returns the built-in models by name. A test makes sure that all of them parse, so that a failure to do
// so is a programming error.
func Library() map[string]*Model {
	lib, err := loadLibrary()
	if err != nil {
		panic("model: library: " + err.Error())
	}
	return lib
}

// LibraryNames returns the names of the built-in models, sorted.
func LibraryNames() []string {
	var names []string
	for n := range Library() {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { return strings.ToLower(names[i]) < strings.ToLower(names[j]) })
	return names
}

// oldNames are the spellings of older graphs.
var oldNames = map[string]string{"power_gpot_gpot": "PowerGPotGPot"}

// LibraryModel returns the built-in model called name (old spellings included), or nil.
func LibraryModel(name string) *Model {
	if now, ok := oldNames[name]; ok {
		name = now
	}
	return Library()[name]
}
