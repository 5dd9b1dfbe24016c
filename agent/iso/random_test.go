package iso_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/cairn-kvm/cairn/agent/iso"
)

// alphabet has what makes names hard: characters that plain ISO 9660 lacks,
// both sides of the dot in ASCII, both cases, and UTF-8 of two and three bytes.
var alphabet = []rune("aaabcxyzABZ0129___---...  +,!(~'#éßÄäΩж界字￼")

// treeOf draws a tree that the writer must take.
func treeOf() *rapid.Generator[iso.Image] {
	return rapid.Custom(func(t *rapid.T) iso.Image {
		g := growing{taken: make(map[string]bool), directories: []string{""}}
		for range rapid.IntRange(0, 40).Draw(t, "size") {
			g.grow(above(t, &g), name(t), t)
		}
		g.img.Label = rapid.StringMatching(`[a-zA-Z0-9_.-]{1,16}`).Draw(t, "label")
		return g.img
	})
}

// growing is a tree to which valid names are added.
type growing struct {
	img         iso.Image
	taken       map[string]bool // folded
	directories []string
	files       []string // with content of their own
}

func above(t *rapid.T, g *growing) string {
	return rapid.SampledFrom(g.directories).Draw(t, "above")
}

// name draws a jumble, or a run of one character with an extension that is
// another: those are alike once they are mangled or cut.
func name(t *rapid.T) string {
	length := rapid.SampledFrom([]int{1, 2, 3, 5, 8, 13, 30, 31, 32, 33, 63, 64})
	letter := rapid.SampledFrom(alphabet)
	if rapid.Bool().Draw(t, "jumble") {
		n := length.Draw(t, "length")
		return rapid.StringOfN(letter, n, n, -1).Draw(t, "name")
	}
	n := length.Draw(t, "length")
	dot := rapid.IntRange(0, n-1).Draw(t, "dot")
	return strings.Repeat(string(letter.Draw(t, "stem")), dot) + "." + strings.Repeat(string(letter.Draw(t, "extension")), n-1-dot)
}

// fits tells whether a name can be added: the rules of the package, told anew.
func (g *growing) fits(p, name string, directory bool) bool {
	depth := strings.Count(p, "/") + 1
	if directory {
		depth++
	}
	return !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, " ") &&
		depth <= 8 && 2*utf8.RuneCountInString(p) <= 230 && !g.taken[strings.ToLower(p)]
}

func (g *growing) grow(above, name string, t *rapid.T) {
	p := join(above, name)
	kind := rapid.SampledFrom([]string{"file", "file", "directory", "link"}).Draw(t, "kind")
	if !g.fits(p, name, kind == "directory") {
		return
	}
	g.taken[strings.ToLower(p)] = true
	switch {
	case kind == "directory":
		g.directories = append(g.directories, p)
		g.img.Directories = append(g.img.Directories, p)
	case kind == "link" && len(g.files) > 0:
		g.img.Files = append(g.img.Files, iso.File{Path: p, LinkTo: rapid.SampledFrom(g.files).Draw(t, "target")})
	default:
		g.files = append(g.files, p)
		g.img.Files = append(g.img.Files, iso.File{
			Path:    p,
			Mode:    rapid.SampledFrom(modes).Draw(t, "mode"),
			Content: bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "content"), rapid.SampledFrom([]int{1, 1, 400, 1000}).Draw(t, "times")),
		})
	}
}

var modes = []fs.FileMode{0, 0, 0o400, 0o444, 0o555, 0o777, 0o001}

func TestRandomTrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		img := treeOf().Draw(t, "tree")
		image, err := img.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(img, image); err != nil {
			t.Fatal(err)
		}
		if err := diskfsAgrees(img, image); err != nil {
			t.Fatal(err)
		}
	})
}
