package iso

import "encoding/binary"

// ECMA-119 9.1: directory records.
const (
	recordHeader  = 33
	recordMaximum = 254 // the size is even and held in one byte
	flagDirectory = 0x02
)

// role says what a record stands for in its directory.
type role int

const (
	child role = iota
	self       // "."
	above      // ".."
)

// record is one entry of a directory in one of the hierarchies.
type record struct {
	kind kind
	role role
	node *node
}

// each visits the records of a folder in their order.
func (h *hierarchy) each(f folder, visit func(record)) {
	visit(record{h.kind, self, f.node})
	visit(record{h.kind, above, f.node.parent})
	for _, n := range f.children {
		visit(record{h.kind, child, n})
	}
}

// identifier is the length of the record's name: the names of "." and ".." are
// the bytes 0 and 1.
func (r record) identifier() int {
	if r.role != child {
		return 1
	}
	return r.kind.identifier(r.node)
}

// head is the record's size up to its system use area.
func (r record) head() int { return even(recordHeader + r.identifier()) }

// size is that of the record, and that of its continuation area.
func (r record) size() (inside, outside int) {
	if r.kind == joliet {
		return r.head(), 0
	}
	inside, outside = r.rockRidge()
	return even(r.head() + inside), outside
}

// put writes a record that fills b, without its system use area.
func (r record) put(b []byte, when stamp) {
	at := r.extent()
	b[0] = byte(len(b))
	putBoth32(b[2:], at.block)
	putBoth32(b[10:], at.size)
	copy(b[18:], when.short[:])
	if r.node.directory {
		b[25] = flagDirectory
	}
	putBoth16(b[28:], 1) // the volume's number in its set
	b[32] = byte(r.identifier())
	switch r.role {
	case self:
	case above:
		b[recordHeader] = 1
	case child:
		r.kind.putIdentifier(b[recordHeader:], r.node)
	}
}

func (r record) extent() extent {
	if r.node.directory {
		return r.node.records[r.kind]
	}
	return extent{r.node.inode.block, uint32(len(r.node.inode.content))}
}

// putBoth32 writes a number in both byte orders: ECMA-119 7.3.3.
func putBoth32(b []byte, v uint32) {
	binary.LittleEndian.PutUint32(b, v)
	binary.BigEndian.PutUint32(b[4:], v)
}

// putBoth16 is ECMA-119 7.2.3.
func putBoth16(b []byte, v uint16) {
	binary.LittleEndian.PutUint16(b, v)
	binary.BigEndian.PutUint16(b[2:], v)
}

// even rounds up.
func even(n int) int { return n + n&1 }
