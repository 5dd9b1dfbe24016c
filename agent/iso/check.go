package iso

import (
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cairn-kvm/cairn/internal/fault"
)

func checkLabel(label string) error {
	if label == "" {
		return fault.New(fault.Invalid, "the volume label is empty")
	}
	if len(label) > MaxLabel {
		return fault.New(fault.Invalid, "volume label %q has %d characters, the limit is %d", label, utf8.RuneCountInString(label), MaxLabel)
	}
	for _, r := range label {
		if !plainRune(r) && r != '-' {
			return fault.New(fault.Invalid, "volume label %q contains %q: only letters, digits, '-', '_' and '.' are allowed", label, r)
		}
	}
	return nil
}

// checkPath looks at the path as a whole; its names are looked at one by one,
// when they are first met.
func checkPath(p string, directory bool) error {
	if !fs.ValidPath(p) || p == "." {
		return fault.New(fault.Invalid, "path %q is not a clean relative path", p)
	}
	directories := strings.Count(p, "/")
	depth := directories + 1
	if directory {
		depth++ // it must have room for a file
	}
	if depth > MaxDepth {
		return fault.New(fault.Invalid, "path %q is too deep: the limit is %d directories above a file", p, MaxDepth-1)
	}
	if n := 2*(utf8.RuneCountInString(p)-directories) + directories; n > MaxPath {
		return fault.New(fault.Invalid, "path %q takes %d bytes in Joliet, the limit is %d", p, n, MaxPath)
	}
	return nil
}

// checkName refuses what one of the hierarchies cannot hold, or what a guest
// could not open: Joliet's UCS-2 ends at U+FFFF, and Windows drops a dot or a
// space at the end.
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n > MaxName {
		return fault.New(fault.Invalid, "name %q has %d characters, the limit is %d", name, n, MaxName)
	}
	if strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return fault.New(fault.Invalid, "name %q ends in a dot or a space", name)
	}
	for _, r := range name {
		if unicode.IsControl(r) || r > 0xFFFD || strings.ContainsRune(`*:;?\`, r) {
			return fault.New(fault.Invalid, "name %q contains %q, which Joliet cannot hold", name, r)
		}
	}
	return nil
}
