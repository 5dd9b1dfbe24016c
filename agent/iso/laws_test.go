package iso_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// laws checks what holds for every image, whatever is in it.
func (v *volume) laws(image []byte) error {
	errs := []error{
		v.plain.sorted(), v.joliet.sorted(), v.plain.plainNames(), v.links(), v.room(image),
	}
	if v.blocks*sector != len(image) || len(image)%4096 != 0 || len(image) > 64<<20 {
		errs = append(errs, fmt.Errorf("the volume has %d blocks, the image %d bytes", v.blocks, len(image)))
	}
	for _, t := range []*tree{v.plain, v.joliet} {
		directories := 0
		for _, e := range t.entries {
			if e.directory {
				directories++
			}
		}
		if directories != len(t.folders) {
			errs = append(errs, fmt.Errorf("%d directories, %d in the path table", directories, len(t.folders)))
		}
	}
	return errors.Join(errs...)
}

// sorted checks the orders of ECMA-119 9.3 and 6.9.1.
func (t *tree) sorted() error {
	for _, d := range t.folders {
		if !slices.IsSortedFunc(d.children, func(a, b *entry) int { return strings.Compare(a.sortKey(t), b.sortKey(t)) }) {
			return fmt.Errorf("records of %q are out of order", d.path)
		}
	}
	number := make(map[*entry]int)
	for i, d := range t.folders {
		number[d] = i
	}
	if !slices.IsSortedFunc(t.folders, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(level(a), level(b)), cmp.Compare(number[a.parent], number[b.parent]), strings.Compare(a.sortKey(t), b.sortKey(t)))
	}) {
		return errors.New("path table is out of order")
	}
	return nil
}

func level(e *entry) int {
	if e.path == "" {
		return 0
	}
	return 1 + strings.Count(e.path, "/")
}

// sortKey is a name whose bytes sort as the standard's characters do: the
// name before the dot is compared before that behind it.
func (e *entry) sortKey(t *tree) string {
	name, _ := t.nameOf(e)
	return strings.ReplaceAll(name, ".", "\x00")
}

func (t *tree) nameOf(e *entry) (string, error) {
	if e.path == "" {
		return "", nil
	}
	return t.name(e.identifier, e.directory)
}

// plainNames checks length, characters and uniqueness without regard to case.
func (t *tree) plainNames() error {
	for _, d := range t.folders {
		seen := make(map[string]bool)
		for _, e := range d.children {
			name, err := t.nameOf(e)
			if err != nil {
				return err
			}
			if len(strings.TrimSuffix(string(e.identifier), ";1")) > 31 || strings.HasSuffix(name, ".") {
				return fmt.Errorf("plain name %q", e.identifier)
			}
			if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != "" {
				return fmt.Errorf("plain name %q", e.identifier)
			}
			if key := strings.ToLower(name); seen[key] {
				return fmt.Errorf("plain name %q is there twice but for case", name)
			} else {
				seen[key] = true
			}
		}
	}
	return nil
}

// links checks that names with one serial number, and only those, are names of
// one extent, and that every count of links is right.
func (v *volume) links() error {
	names := make(map[uint32][]*entry)
	for _, e := range v.plain.entries {
		names[e.px.serial] = append(names[e.px.serial], e)
		if e.px.uid != 0 || e.px.gid != 0 || e.px.serial == 0 {
			return fmt.Errorf("attributes of %q are %+v", e.rockPath, e.px)
		}
	}
	for serial, es := range names {
		want := len(es)
		if es[0].directory {
			want = 2
			for _, c := range es[0].children {
				if c.directory {
					want++
				}
			}
		}
		for _, e := range es {
			if int(e.px.links) != want || e.block != es[0].block || e.px != es[0].px || e.size != es[0].size || e.directory && len(es) > 1 {
				return fmt.Errorf("inode %d: %q has %+v, %q has %+v, want %d links", serial, e.rockPath, e.px, es[0].rockPath, es[0].px, want)
			}
		}
	}
	return nil
}

// room checks that no two things share a block, but for the two hierarchies'
// files and the names of one file, and that what is left over is zero.
func (v *volume) room(image []byte) error {
	used := make([]byte, len(image)) // 1: taken
	take := func(what string, from, to int) error {
		for i := from; i < to; i++ {
			if used[i] != 0 {
				return fmt.Errorf("%s at %d is taken", what, i)
			}
			used[i] = 1
		}
		return nil
	}
	errs := []error{take("descriptors", 16*sector, 19*sector)}
	files := make(map[int]bool)
	for _, t := range []*tree{v.plain, v.joliet} {
		for _, area := range t.outer {
			errs = append(errs, take("continuation area", area[0], area[1]))
		}
		for _, e := range t.entries {
			switch {
			case e.directory:
				errs = append(errs, take("directory "+e.path, e.block*sector, e.block*sector+e.size))
			case !files[e.block] && e.size > 0:
				files[e.block] = true
				errs = append(errs, take("file "+e.path, e.block*sector, e.block*sector+e.size))
			}
		}
	}
	return errors.Join(append(errs, v.rest(image, used, take))...)
}

// rest takes the path tables and looks at what nobody owns.
func (v *volume) rest(image, used []byte, take func(string, int, int) error) error {
	for i := range 2 {
		d := image[(16+i)*sector:]
		size, err := both32(d[132:])
		if err != nil {
			return err
		}
		l := int(d[140]) | int(d[141])<<8 | int(d[142])<<16
		m := int(d[151]) | int(d[150])<<8 | int(d[149])<<16
		if err := errors.Join(take("table L", l*sector, l*sector+size), take("table M", m*sector, m*sector+size)); err != nil {
			return err
		}
	}
	for i, b := range image {
		if used[i] == 0 && b != 0 {
			return fmt.Errorf("byte %d is %#x and belongs to nothing", i, b)
		}
	}
	return nil
}
