package iso_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// shown is a file or a directory as some reader shows it.
type shown struct {
	directory bool
	content   string
}

// wanted is one as it was put in.
type wanted struct {
	shown
	mode, links uint32
	owner       string // the path whose content it is; a directory's own
}

// want is the tree that the readers of an image must see. The root is "".
func want(img iso.Image) map[string]wanted {
	tree := map[string]wanted{"": {shown: shown{directory: true}, mode: 0o40555, links: 2}}
	for _, d := range img.Directories {
		wantDirectory(tree, d)
	}
	files := make(map[string]iso.File)
	names := make(map[string]uint32)
	for _, f := range img.Files {
		files[f.Path] = f
		names[owner(f)]++
	}
	for _, f := range img.Files {
		above, _ := cut(f.Path)
		wantDirectory(tree, above)
		o := files[owner(f)]
		mode := uint32(o.Mode)
		if mode == 0 {
			mode = 0o444
		}
		tree[f.Path] = wanted{shown{false, string(o.Content)}, 0o100000 | mode, names[o.Path], o.Path}
	}
	return tree
}

func owner(f iso.File) string {
	if f.LinkTo != "" {
		return f.LinkTo
	}
	return f.Path
}

func wantDirectory(tree map[string]wanted, p string) {
	if _, there := tree[p]; there {
		return
	}
	above, _ := cut(p)
	wantDirectory(tree, above)
	parent := tree[above]
	parent.links++
	tree[above] = parent
	tree[p] = wanted{shown: shown{directory: true}, mode: 0o40555, links: 2, owner: p}
}

func cut(p string) (above, name string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}

// show leaves of a wanted tree what every reader can tell.
func show(tree map[string]wanted) map[string]shown {
	s := make(map[string]shown, len(tree))
	for p, w := range tree {
		s[p] = w.shown
	}
	return s
}

// diff tells the first difference of two trees.
func diff(got, want map[string]shown) error {
	for _, p := range slices.Sorted(maps.Keys(want)) {
		g, there := got[p]
		switch w := want[p]; {
		case !there:
			return fmt.Errorf("%q is missing; there are %q", p, slices.Sorted(maps.Keys(got)))
		case g.directory != w.directory:
			return fmt.Errorf("%q is a directory: %t, want %t", p, g.directory, w.directory)
		case g.content != w.content:
			return fmt.Errorf("%q has %d bytes %.40q, want %d bytes %.40q", p, len(g.content), g.content, len(w.content), w.content)
		}
	}
	for p := range got {
		if _, there := want[p]; !there {
			return fmt.Errorf("%q is too much", p)
		}
	}
	return nil
}

// verify reads an image in all three ways and compares it with its source.
func verify(img iso.Image, image []byte) error {
	v, err := readVolume(image)
	if err != nil {
		return err
	}
	if v.label != img.Label || v.jolietLabel != img.Label {
		return fmt.Errorf("labels are %q and %q, want %q", v.label, v.jolietLabel, img.Label)
	}
	if err := v.laws(image); err != nil {
		return err
	}
	tree := want(img)
	if err := diff(showEntries(v.rock), show(tree)); err != nil {
		return fmt.Errorf("rock ridge: %w", err)
	}
	if err := diff(showEntries(v.joliet.entries), show(tree)); err != nil {
		return fmt.Errorf("joliet: %w", err)
	}
	return v.attributes(tree)
}

func showEntries(entries map[string]*entry) map[string]shown {
	s := make(map[string]shown, len(entries))
	for p, e := range entries {
		s[p] = shown{e.directory, string(e.content)}
	}
	return s
}

// attributes compares what only Rock Ridge has, and the three views of a file.
func (v *volume) attributes(tree map[string]wanted) error {
	for p, w := range tree {
		e, j := v.rock[p], v.joliet.entries[p]
		if e.px.mode != w.mode || e.px.links != w.links {
			return fmt.Errorf("%q has mode %o and %d links, want %o and %d", p, e.px.mode, e.px.links, w.mode, w.links)
		}
		if !w.directory && (e.px.serial != v.rock[w.owner].px.serial || e.block != j.block || !bytes.Equal(e.content, j.content)) {
			return fmt.Errorf("%q is not the same file as %q everywhere", p, w.owner)
		}
		if _, name := cut(p); plainAlready(name, w.directory) {
			if _, got := cut(e.path); got != name {
				return fmt.Errorf("%q is %q in plain ISO 9660 and need not be", p, got)
			}
		}
	}
	return nil
}

// plainAlready tells the names that plain ISO 9660 can hold as they are.
func plainAlready(name string, directory bool) bool {
	limit := 31
	if !directory && strings.LastIndexByte(name, '.') <= 0 {
		limit = 30
	}
	return len(name) <= limit && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == ""
}
