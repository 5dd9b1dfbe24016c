package iso

// Where what has a fixed place is, in blocks. The system area before it is empty.
const (
	blockSize = 2048

	primaryBlock       = 16
	supplementaryBlock = 17
	terminatorBlock    = 18
	firstBlock         = 19
)

// tail is what the image's size is a multiple of, in blocks: a host or a loop
// device with sectors of 4 KiB cuts off what does not fill one. The 300 KiB
// that other writers append are for the run-out of real discs.
const tail = 2

// extent is a run of blocks: where it begins, and how many bytes of it count.
type extent struct{ block, size uint32 }

// layout is a tree with a place for everything.
type layout struct {
	hierarchies [2]*hierarchy // by kind
	files       []*inode
	blocks      int // of the whole image
}

func newLayout(t *tree) *layout {
	l := &layout{}
	l.hierarchies[joliet] = newHierarchy(joliet, t)
	for _, f := range l.hierarchies[joliet].folders {
		namePlain(f.children) // in an order that does not depend on the input's
	}
	l.hierarchies[plain] = newHierarchy(plain, t)
	next := firstBlock
	for _, h := range l.hierarchies {
		next = h.placeTables(next)
	}
	for _, h := range l.hierarchies {
		next = h.placeRecords(next)
	}
	next = l.placeFiles(next)
	l.blocks = (next + tail - 1) / tail * tail
	return l
}

func (h *hierarchy) placeTables(next int) int {
	h.tableL = next
	h.tableM = h.tableL + blocks(h.table)
	return h.tableM + blocks(h.table)
}

// placeRecords gives each folder its extent. The continuation areas of all of
// them follow the last.
func (h *hierarchy) placeRecords(next int) int {
	var outer shelf
	for _, f := range h.folders {
		var inner shelf
		h.each(f, func(r record) {
			inside, outside := r.size()
			inner.place(inside)
			outer.place(outside)
		})
		size := blocks(inner.end)
		f.node.records[h.kind] = extent{uint32(next), uint32(size * blockSize)}
		next += size
	}
	h.outer = next
	return next + blocks(outer.end)
}

// placeFiles gives each inode its serial number, and its content a place. That
// of an empty file is a block without an owner behind the last, because
// readers have been seen to stumble over one outside the image.
func (l *layout) placeFiles(next int) int {
	serial := uint32(0)
	for _, f := range l.hierarchies[plain].folders {
		serial++
		f.node.inode.serial = serial
		for _, n := range f.children {
			if n.directory || n.inode.serial != 0 {
				continue
			}
			serial++
			n.inode.serial, n.inode.block = serial, uint32(next)
			l.files = append(l.files, n.inode)
			next += blocks(len(n.inode.content))
		}
	}
	for _, i := range l.files {
		if len(i.content) == 0 {
			i.block = uint32(next)
		}
	}
	return next + 1
}

// shelf hands out room for pieces, none of which straddles two blocks.
type shelf struct{ end int }

func (s *shelf) place(size int) (at int) {
	if s.end%blockSize+size > blockSize {
		s.end = blocks(s.end) * blockSize
	}
	at = s.end
	s.end += size
	return at
}

// blocks is how many of them so many bytes take.
func blocks(size int) int { return (size + blockSize - 1) / blockSize }
