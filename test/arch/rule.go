// Package arch holds the rules of the house as ordinary tests: who may import
// whom and why, and what every package says of itself. A rule that matches
// nothing fails too, so that none goes stale.
//
// In:  the import graph, from the go command.
// Out: failing tests, each with the reason of the rule that was broken.
package arch

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// Module is the path that all our packages start with.
const Module = "github.com/cairn-kvm/cairn/"

// Package is what the go command tells of a package.
type Package struct {
	ImportPath string
	Name       string
	Dir        string
	Doc        string
	GoFiles    []string
	CgoFiles   []string
	Imports    []string // direct
	Deps       []string // direct and through others
}

// Load asks the go command for every package of the module.
func Load(dir string) ([]Package, error) {
	cmd := exec.Command("go", "list", "-tags", "libvirt_dlopen", "-json=ImportPath,Name,Dir,Doc,GoFiles,CgoFiles,Imports,Deps", "./...")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var all []Package
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p Package
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// Rule says that no package From reaches To. Paths are relative to the module
// where they are ours, and end in "..." for all below. A rule about our own
// packages holds through others; one about the outside holds for the direct
// import only, or a library that a library needs would break it.
type Rule struct {
	From   []string
	To     []string
	Except []string // importing packages that are excused
	Why    string
}

// Broken gives a line for each arrow that must not be, and whether the rule
// speaks of any package at all.
func (r Rule) Broken(all []Package) (lines []string, alive bool) {
	for _, p := range all {
		if !matchAny(r.From, p.ImportPath) || matchAny(r.Except, p.ImportPath) {
			continue
		}
		alive = true
		for _, target := range r.reached(p) {
			lines = append(lines, fmt.Sprintf("%s → %s: %s", short(p.ImportPath), short(target), r.Why))
		}
	}
	return lines, alive
}

func (r Rule) reached(p Package) []string {
	var found []string
	for _, dep := range slices.Concat(p.Imports, p.Deps) {
		ours := strings.HasPrefix(dep, Module)
		if (ours || slices.Contains(p.Imports, dep)) && matchAny(r.To, dep) && !slices.Contains(found, dep) {
			found = append(found, dep)
		}
	}
	return found
}

func matchAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		below, all := strings.CutSuffix(pattern, "...")
		relative := strings.TrimPrefix(path, Module)
		if all {
			return strings.HasPrefix(relative, below) || relative+"/" == below
		}
		return relative == pattern
	})
}

func short(path string) string { return strings.TrimPrefix(path, Module) }
