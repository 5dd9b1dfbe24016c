package iso

import (
	"io/fs"
	"strings"
	"unicode"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	typeFile      = 0o100000 // POSIX file types, as PX holds them
	typeDirectory = 0o040000

	modeFile      = 0o444
	modeDirectory = 0o555
)

// tree is what is to be written, before it has a place. Paths are unique even
// where case does not count.
type tree struct {
	root *node
	at   map[string]*node // by folded path; without the root
}

// node is one name: a directory, or one of the names of a file.
type node struct {
	path      string // true path; empty for the root
	name      string // its last part
	plain     string // the name in the plain hierarchy, without version
	parent    *node  // the root's is itself
	directory bool
	link      bool // a name that took its inode from another
	children  []*node
	inode     *inode
	records   [2]extent // where a directory's records are, in each hierarchy
}

// inode is what the names of a file share. A directory has one name.
type inode struct {
	mode    uint32 // POSIX, with the type
	links   uint32
	serial  uint32 // 0: not placed yet
	content []byte
	block   uint32
}

func newTree(files []File, directories []string) (*tree, error) {
	root := &node{directory: true, inode: &inode{mode: typeDirectory | modeDirectory, links: 2}}
	root.parent = root
	t := &tree{root: root, at: make(map[string]*node, 2*len(files)+len(directories))}
	for _, d := range directories {
		if err := checkPath(d, true); err != nil {
			return nil, err
		}
		if _, err := t.enterDirectory(d, fold(d)); err != nil {
			return nil, err
		}
	}
	for i := range files {
		if err := t.enterFile(&files[i]); err != nil {
			return nil, err
		}
	}
	return t, t.link(files)
}

func (t *tree) enterFile(f *File) error {
	if err := f.check(); err != nil {
		return err
	}
	folded := fold(f.Path)
	if other := t.at[folded]; other != nil {
		return collision(f.Path, false, other)
	}
	n, err := t.enter(f.Path, folded)
	if err != nil {
		return err
	}
	if n.link = f.LinkTo != ""; n.link {
		return nil
	}
	mode := uint32(f.Mode)
	if mode == 0 {
		mode = modeFile
	}
	n.inode = &inode{mode: typeFile | mode, links: 1, content: f.Content}
	return nil
}

// check looks at what can be told from a file alone.
func (f *File) check() error {
	switch {
	case f.Mode&^fs.ModePerm != 0:
		return fault.New(fault.Invalid, "mode of file %q is %#o: only permission bits are allowed", f.Path, uint32(f.Mode))
	case f.LinkTo != "" && (len(f.Content) > 0 || f.Mode != 0):
		return fault.New(fault.Invalid, "file %q is a link and has content or a mode of its own", f.Path)
	case len(f.Content) > MaxSize:
		return fault.New(fault.Invalid, "file %q has %d bytes, the limit of the whole image is %d", f.Path, len(f.Content), MaxSize)
	}
	return checkPath(f.Path, false)
}

// enterDirectory finds or makes a directory, and those above it.
func (t *tree) enterDirectory(p, folded string) (*node, error) {
	if p == "" {
		return t.root, nil
	}
	if n := t.at[folded]; n != nil {
		if n.path != p || !n.directory {
			return nil, collision(p, true, n)
		}
		return n, nil
	}
	n, err := t.enter(p, folded)
	if err != nil {
		return nil, err
	}
	n.directory = true
	n.inode = &inode{mode: typeDirectory | modeDirectory, links: 2}
	n.parent.inode.links++
	return n, nil
}

// enter makes a node for a path that is free.
func (t *tree) enter(p, folded string) (*node, error) {
	above, name := split(p)
	foldedAbove, _ := split(folded)
	if err := checkName(name); err != nil {
		return nil, err
	}
	parent, err := t.enterDirectory(above, foldedAbove)
	if err != nil {
		return nil, err
	}
	n := &node{path: p, name: name, parent: parent}
	parent.children = append(parent.children, n)
	t.at[folded] = n
	return n, nil
}

// link gives each link the inode of the file that it names. A link to a link
// is refused: which of the two has the content would depend on their order.
func (t *tree) link(files []File) error {
	for i := range files {
		f := &files[i]
		if f.LinkTo == "" {
			continue
		}
		target := t.at[fold(f.LinkTo)]
		if target == nil || target.path != f.LinkTo || target.directory || target.link {
			return fault.New(fault.Invalid, "file %q links to %q, which is not a file with content of its own", f.Path, f.LinkTo)
		}
		t.at[fold(f.Path)].inode = target.inode
		target.inode.links++
	}
	return nil
}

func collision(p string, directory bool, other *node) error {
	switch {
	case p != other.path:
		return fault.New(fault.Invalid, "paths %q and %q differ in case only", p, other.path)
	case directory != other.directory:
		return fault.New(fault.Invalid, "path %q is both a file and a directory", p)
	}
	return fault.New(fault.Invalid, "path %q is given twice", p)
}

// fold maps the paths that a guest without regard to case takes for one to the
// same string. It changes neither slashes nor their number.
func fold(p string) string {
	if strings.IndexFunc(p, folds) < 0 {
		return p
	}
	return strings.ToLower(strings.ToUpper(p))
}

// folds is right about the common characters, which fold to themselves, and
// leaves the rest to be tried.
func folds(r rune) bool { return 'A' <= r && r <= 'Z' || r > unicode.MaxASCII }

func split(p string) (above, name string) {
	i := strings.LastIndexByte(p, '/')
	return p[:max(i, 0)], p[i+1:]
}
