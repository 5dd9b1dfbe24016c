package iso

import (
	"strings"
	"unicode/utf8"
)

// ucs2Level3 is the escape sequence by which a supplementary volume descriptor
// says that its names are in big-endian UCS-2, level 3: Joliet.
const ucs2Level3 = "%/E"

// putUCS2 writes a name of the basic multilingual plane and returns its length
// in bytes.
func putUCS2(b []byte, name string) int {
	i := 0
	for _, r := range name {
		b[i], b[i+1] = byte(r>>8), byte(r)
		i += 2
	}
	return i
}

func ucs2Length(name string) int { return 2 * utf8.RuneCountInString(name) }

// compareJoliet orders names as ECMA-119 9.3 does: stem before extension, so
// that a dot comes before every other character. UTF-8 sorts as UCS-2 does.
func compareJoliet(a, b *node) int {
	x, y := a.name, b.name
	for i := range min(len(x), len(y)) {
		switch {
		case x[i] == y[i]:
		case x[i] == '.':
			return -1
		case y[i] == '.':
			return 1
		case x[i] < y[i]:
			return -1
		default:
			return 1
		}
	}
	return len(x) - len(y)
}

// comparePlain needs no such care: of the characters of plain names the dot
// sorts first anyway.
func comparePlain(a, b *node) int { return strings.Compare(a.plain, b.plain) }
