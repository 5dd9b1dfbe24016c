package iso

import (
	"fmt"
	"strings"
)

const (
	plainLength    = 31 // of a name in the plain hierarchy, its dot included
	plainExtension = 8  // of which a long name keeps at most, its dot included
)

// plainRune tells what genisoimage -allow-lowercase keeps of a name.
func plainRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '.'
}

// namePlain gives each child of a directory its name in the plain hierarchy,
// unique even where case does not count. The names that need no change come
// first, so that a mangled one never takes the place of a true one.
func namePlain(children []*node) {
	changed := 0
	for _, n := range children {
		n.plain = newPlainName(n.name, n.directory).whole
		if n.plain != n.name {
			changed++
		}
	}
	if changed == 0 {
		return
	}
	names := plainNames{taken: make(map[string]bool, len(children)), next: make(map[string]int)}
	for _, n := range children {
		if n.plain == n.name {
			names.taken[fold(n.plain)] = true
		}
	}
	for _, n := range children {
		if n.plain != n.name {
			n.plain = names.unique(newPlainName(n.name, n.directory))
		}
	}
}

// putPlainIdentifier writes a plain name as it is recorded. A file's has a dot
// and a version: ECMA-119 7.5.1.
func (n *node) putPlainIdentifier(b []byte) {
	at := copy(b, n.plain)
	if n.directory {
		return
	}
	if !strings.Contains(n.plain, ".") {
		at += copy(b[at:], ".")
	}
	copy(b[at:], ";1")
}

func (n *node) plainIdentifier() int {
	switch {
	case n.directory:
		return len(n.plain)
	case strings.Contains(n.plain, "."):
		return len(n.plain) + len(";1")
	}
	return len(n.plain) + len(".;1")
}

// plainName is a name in the plain hierarchy's characters and length, cut
// where its extension begins.
type plainName struct {
	whole, stem, extension string
	limit                  int // of the whole
}

func newPlainName(name string, directory bool) plainName {
	if strings.IndexFunc(name, mangled) >= 0 {
		name = strings.Map(mangle, name)
	}
	p := plainName{stem: name, limit: plainLength}
	if i := strings.LastIndexByte(name, '.'); i > 0 && !directory {
		p.stem, p.extension = name[:i], name[i:]
	} else if !directory {
		p.limit-- // for the dot that its identifier gets
	}
	if p.whole = name; len(name) > p.limit {
		p.whole = p.cut("")
	}
	return p
}

// cut shortens the name to the limit, with a suffix behind the stem. The stem
// never ends in a dot, which readers drop.
func (p plainName) cut(suffix string) string {
	extension := p.extension[:min(len(p.extension), plainExtension)]
	stem := p.stem[:min(len(p.stem), p.limit-len(extension)-len(suffix))]
	if strings.HasSuffix(stem, ".") {
		stem = stem[:len(stem)-1] + "_"
	}
	return stem + suffix + extension
}

func mangled(r rune) bool { return !plainRune(r) }

func mangle(r rune) rune {
	if plainRune(r) {
		return r
	}
	return '_'
}

// plainNames are those of one directory.
type plainNames struct {
	taken map[string]bool
	next  map[string]int // the first number not tried, by the name with 000
}

// unique returns the name, or the name with the first free number.
func (names plainNames) unique(p plainName) string {
	name := p.whole
	for names.taken[fold(name)] {
		base := p.cut("000")
		name = p.cut(fmt.Sprintf("%03d", names.next[base]))
		names.next[base]++
	}
	names.taken[fold(name)] = true
	return name
}
