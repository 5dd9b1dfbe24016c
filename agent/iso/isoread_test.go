package iso_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// An independent reader, written from the standards and sharing nothing with
// the writer. It refuses what strict readers refuse; laws_test.go adds what
// only a checker would notice.

const sector = 2048

// volume is what is read from an image: the same tree three times.
type volume struct {
	label, jolietLabel string
	blocks             int
	dates              [2]string // of both descriptors
	plain, joliet      *tree
	rock               map[string]*entry // the plain tree under its Rock Ridge names
}

// tree is one hierarchy.
type tree struct {
	joliet  bool
	entries map[string]*entry // by path; the root is ""
	folders []*entry          // in the order of the path table
	outer   [][2]int          // continuation areas: where each begins and ends in the image
	stamps  map[string]bool   // all times in records and TF entries
}

type entry struct {
	path, rockPath string
	directory      bool
	block, size    int
	content        []byte
	px             posix
	children       []*entry // in recorded order, without "." and ".."
	parent         *entry
	identifier     []byte
}

// posix is a PX entry.
type posix struct{ mode, links, uid, gid, serial uint32 }

func readVolume(image []byte) (*volume, error) {
	if len(image) < 20*sector || len(image)%sector != 0 {
		return nil, fmt.Errorf("%d bytes are no image", len(image))
	}
	pvd, svd, end := image[16*sector:17*sector], image[17*sector:18*sector], image[18*sector:19*sector]
	for i, d := range [][]byte{pvd, svd, end} {
		if d[0] != []byte{1, 2, 255}[i] || string(d[1:7]) != "CD001\x01" {
			return nil, fmt.Errorf("descriptor %d begins % x", i, d[:7])
		}
	}
	if string(svd[88:91]) != "%/E" || svd[7] != 0 {
		return nil, errors.New("supplementary descriptor is not Joliet level 3")
	}
	if err := errors.Join(readConstants(pvd), readConstants(svd)); err != nil {
		return nil, err
	}
	v := &volume{dates: [2]string{string(pvd[813:881]), string(svd[813:881])}}
	v.label, v.jolietLabel = strings.TrimRight(string(pvd[40:72]), " "), strings.TrimRight(ucs2(svd[40:72]), " ")
	var err error
	if v.blocks, err = both32(pvd[80:]); err != nil {
		return nil, err
	}
	if v.plain, err = readTree(image, pvd, false); err != nil {
		return nil, fmt.Errorf("plain: %w", err)
	}
	if v.joliet, err = readTree(image, svd, true); err != nil {
		return nil, fmt.Errorf("joliet: %w", err)
	}
	v.rock = make(map[string]*entry)
	for _, e := range v.plain.entries {
		if v.rock[e.rockPath] != nil {
			return nil, fmt.Errorf("two entries are %q in Rock Ridge", e.rockPath)
		}
		v.rock[e.rockPath] = e
	}
	return v, nil
}

// readConstants reads what is the same in both descriptors, text apart.
func readConstants(d []byte) error {
	set, err1 := both16(d[120:])
	number, err2 := both16(d[124:])
	block, err3 := both16(d[128:])
	if err := errors.Join(err1, err2, err3); err != nil || set != 1 || number != 1 || block != sector || d[881] != 1 {
		return fmt.Errorf("volume %d of %d with blocks of %d, structure %d: %w", number, set, block, d[881], err)
	}
	for _, unused := range [][]byte{d[7:8], d[72:80], d[91:120], d[144:148], d[152:156], d[882:]} {
		if len(bytes.Trim(unused, "\x00")) > 0 {
			return fmt.Errorf("unused bytes of a descriptor are %q", unused)
		}
	}
	system, text := string(d[8:40]), string(d[190:813])
	if d[0] == 2 {
		system, text = ucs2(d[8:40]), ucs2(d[190:702])+ucs2(d[702:738])+ucs2(d[739:775])+ucs2(d[776:812])
	}
	if strings.TrimSpace(system) != "LINUX" || strings.TrimSpace(text) != "CAIRN CONFIG DRIVE" {
		return fmt.Errorf("system %q, texts %q", system, text)
	}
	return nil
}

func readTree(image, descriptor []byte, joliet bool) (*tree, error) {
	t := &tree{joliet: joliet, entries: make(map[string]*entry), stamps: make(map[string]bool)}
	root := descriptor[156:190]
	if root[0] != 34 || root[32] != 1 || root[33] != 0 || root[25] != 2 {
		return nil, fmt.Errorf("root record is % x", root)
	}
	e := &entry{directory: true}
	var err error
	if e.block, e.size, err = extentOf(root); err != nil {
		return nil, err
	}
	e.parent = e
	t.entries[""] = e
	if err := t.readDirectory(image, e); err != nil {
		return nil, err
	}
	return t, t.readTables(image, descriptor)
}

func (t *tree) readDirectory(image []byte, d *entry) error {
	if d.size == 0 || d.size%sector != 0 || d.block*sector+d.size > len(image) {
		return fmt.Errorf("directory %q is %d bytes at block %d", d.path, d.size, d.block)
	}
	b := image[d.block*sector:][:d.size]
	for at, n := 0, 0; at < len(b); n++ {
		size := int(b[at])
		if size == 0 {
			rest := b[at : at+sector-at%sector]
			if len(bytes.Trim(rest, "\x00")) > 0 {
				return fmt.Errorf("directory %q has bytes behind its last record of a block", d.path)
			}
			at += len(rest)
			n--
			continue
		}
		if size%2 != 0 || at%sector+size > sector {
			return fmt.Errorf("record of %d bytes at %d of directory %q", size, at, d.path)
		}
		if err := t.readRecord(image, d, b[at:at+size], n); err != nil {
			return fmt.Errorf("record %d of directory %q: %w", n, d.path, err)
		}
		at += size
	}
	for _, c := range d.children {
		if c.directory {
			if err := t.readDirectory(image, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRecord reads the n-th record of a directory.
func (t *tree) readRecord(image []byte, d *entry, b []byte, n int) error {
	length := int(b[32])
	if 33+length > len(b) {
		return fmt.Errorf("identifier of %d bytes in a record of %d", length, len(b))
	}
	block, size, err := extentOf(b)
	if err != nil {
		return err
	}
	identifier, use := b[33:33+length], b[33+length+(length+1)%2:]
	if number, err := both16(b[28:]); err != nil || number != 1 {
		return fmt.Errorf("volume number % x", b[28:32])
	}
	t.stamps[string(b[18:25])] = true
	if n < 2 {
		return t.readDot(image, d, n, identifier, use, block, size, b[25])
	}
	e := &entry{parent: d, block: block, size: size, directory: b[25] == 2, identifier: identifier}
	if b[25]&^2 != 0 || b[1] != 0 || b[26] != 0 || b[27] != 0 {
		return fmt.Errorf("flags %#x, extended attributes %d, interleave % x", b[25], b[1], b[26:28])
	}
	if block*sector+size > len(image) {
		return fmt.Errorf("%d bytes at block %d are outside the image", size, block)
	}
	if !e.directory {
		e.content = image[block*sector:][:size]
	}
	name, err := t.name(identifier, e.directory)
	if err != nil {
		return err
	}
	e.path = join(d.path, name)
	if !t.joliet {
		s, err := t.readUse(image, use)
		if err != nil {
			return err
		}
		if s.name == "" || s.root {
			return fmt.Errorf("system use area of %q is %+v", name, s)
		}
		e.rockPath, e.px = join(d.rockPath, s.name), s.px
	} else if len(use) > 0 {
		return fmt.Errorf("system use area of %d bytes", len(use))
	}
	if t.entries[e.path] != nil {
		return fmt.Errorf("%q is there twice", e.path)
	}
	t.entries[e.path] = e
	d.children = append(d.children, e)
	return nil
}

// readDot reads "." and "..".
func (t *tree) readDot(image []byte, d *entry, n int, identifier, use []byte, block, size int, flags byte) error {
	stands := d
	if n == 1 {
		stands = d.parent
	}
	if len(identifier) != 1 || int(identifier[0]) != n || flags != 2 || block != stands.block || size != stands.size {
		return fmt.Errorf("% x, flags %#x, %d bytes at %d, want %d at %d", identifier, flags, size, block, stands.size, stands.block)
	}
	if t.joliet {
		if len(use) > 0 {
			return errors.New("system use area in Joliet")
		}
		return nil
	}
	s, err := t.readUse(image, use)
	if err != nil {
		return err
	}
	if s.root != (n == 0 && d.parent == d) || s.name != "" {
		return fmt.Errorf("system use area %+v", s)
	}
	if n == 0 && d.parent == d {
		d.px = s.px
	}
	if s.px != stands.px {
		return fmt.Errorf("attributes %+v, want %+v", s.px, stands.px)
	}
	return nil
}

// name turns a recorded identifier into the name that readers show.
func (t *tree) name(identifier []byte, directory bool) (string, error) {
	if t.joliet {
		if len(identifier) == 0 || len(identifier)%2 != 0 || len(identifier) > 128 {
			return "", fmt.Errorf("identifier % x", identifier)
		}
		return ucs2(identifier), nil
	}
	name := string(identifier)
	if directory {
		return name, nil
	}
	name, found := strings.CutSuffix(name, ";1")
	if !found || !strings.Contains(name, ".") {
		return "", fmt.Errorf("file identifier %q", identifier)
	}
	return strings.TrimSuffix(name, "."), nil
}

// readTables reads both path tables and finds each folder in the tree.
func (t *tree) readTables(image, descriptor []byte) error {
	size, err := both32(descriptor[132:])
	if err != nil {
		return err
	}
	l := image[int(binary.LittleEndian.Uint32(descriptor[140:]))*sector:][:size]
	m := image[int(binary.BigEndian.Uint32(descriptor[148:]))*sector:][:size]
	for at := 0; at < size; {
		length := int(l[at])
		next := at + 8 + length + length%2
		if length == 0 || next > size || !bytes.Equal(l[at+8:next], m[at+8:next]) || l[at] != m[at] {
			return fmt.Errorf("path tables differ at %d", at)
		}
		block, parent := binary.LittleEndian.Uint32(l[at+2:]), int(binary.LittleEndian.Uint16(l[at+6:]))
		if block != binary.BigEndian.Uint32(m[at+2:]) || parent != int(binary.BigEndian.Uint16(m[at+6:])) {
			return fmt.Errorf("path tables differ in the numbers at %d", at)
		}
		if err := t.addFolder(l[at+8:][:length], int(block), parent); err != nil {
			return err
		}
		at = next
	}
	return nil
}

func (t *tree) addFolder(identifier []byte, block, parent int) error {
	folder := t.entries[""]
	if len(t.folders) > 0 {
		if parent < 1 || parent > len(t.folders) {
			return fmt.Errorf("folder % x has parent %d of %d", identifier, parent, len(t.folders))
		}
		name, err := t.name(identifier, true)
		if err != nil {
			return err
		}
		folder = t.entries[join(t.folders[parent-1].path, name)]
	} else if !bytes.Equal(identifier, []byte{0}) || parent != 1 {
		return fmt.Errorf("first folder is % x with parent %d", identifier, parent)
	}
	if folder == nil || !folder.directory || folder.block != block {
		return fmt.Errorf("folder % x at block %d is not in the tree", identifier, block)
	}
	t.folders = append(t.folders, folder)
	return nil
}

func extentOf(record []byte) (block, size int, err error) {
	if block, err = both32(record[2:]); err != nil {
		return 0, 0, err
	}
	size, err = both32(record[10:])
	return block, size, err
}

func both32(b []byte) (int, error) {
	v := binary.LittleEndian.Uint32(b)
	if v != binary.BigEndian.Uint32(b[4:]) {
		return 0, fmt.Errorf("% x is not one number in both byte orders", b[:8])
	}
	return int(v), nil
}

func both16(b []byte) (int, error) {
	v := binary.LittleEndian.Uint16(b)
	if v != binary.BigEndian.Uint16(b[2:]) {
		return 0, fmt.Errorf("% x is not one number in both byte orders", b[:4])
	}
	return int(v), nil
}

func ucs2(b []byte) string {
	runes := make([]rune, len(b)/2)
	for i := range runes {
		runes[i] = rune(binary.BigEndian.Uint16(b[2*i:]))
	}
	return string(runes)
}

func join(above, name string) string {
	if above == "" {
		return name
	}
	return above + "/" + name
}
