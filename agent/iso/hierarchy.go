package iso

import "slices"

// kind tells the two hierarchies of directories over the same files apart.
type kind int

const (
	plain  kind = iota // ISO 9660 with Rock Ridge
	joliet             // UCS-2
)

// hierarchy is the tree as the readers of one kind see it.
type hierarchy struct {
	kind    kind
	folders []folder // in path table order: by level, then parent, then name
	table   int      // bytes of its path table
	tableL  int      // block of the little-endian path table
	tableM  int      // block of the big-endian one
	outer   int      // first block of the continuation areas; Joliet has none
}

// folder is a directory of a hierarchy.
type folder struct {
	node     *node
	parent   int     // where its parent is in the hierarchy's folders
	children []*node // in the hierarchy's order
}

func newHierarchy(k kind, t *tree) *hierarchy {
	h := &hierarchy{kind: k, folders: make([]folder, 0, len(t.at)+1)}
	names := make([]*node, 0, len(t.at)) // all children, folder by folder
	h.folders = append(h.folders, folder{node: t.root})
	for i := 0; i < len(h.folders); i++ {
		first := len(names)
		names = append(names, h.folders[i].node.children...)
		children := names[first:len(names):len(names)]
		slices.SortFunc(children, k.compare)
		h.folders[i].children = children
		for _, n := range children {
			if n.directory {
				h.folders = append(h.folders, folder{node: n, parent: i})
			}
		}
		h.table += h.tableEntry(i)
	}
	return h
}

func (k kind) compare(a, b *node) int {
	if k == joliet {
		return compareJoliet(a, b)
	}
	return comparePlain(a, b)
}

// identifier gives the length of a name as it is recorded.
func (k kind) identifier(n *node) int {
	if k == joliet {
		return ucs2Length(n.name)
	}
	return n.plainIdentifier()
}

func (k kind) putIdentifier(b []byte, n *node) {
	if k == joliet {
		putUCS2(b, n.name)
		return
	}
	n.putPlainIdentifier(b)
}
