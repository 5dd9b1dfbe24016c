package iso

import "encoding/binary"

// tableEntry is the size of a folder's entry in the path tables: ECMA-119 9.4.
func (h *hierarchy) tableEntry(i int) int { return 8 + even(h.tableName(i)) }

func (h *hierarchy) tableName(i int) int {
	if i == 0 {
		return 1
	}
	return h.kind.identifier(h.folders[i].node)
}

// putTable writes a path table in one byte order.
func (h *hierarchy) putTable(b []byte, order binary.ByteOrder) {
	for i, f := range h.folders {
		b[0] = byte(h.tableName(i))
		order.PutUint32(b[2:], f.node.records[h.kind].block)
		order.PutUint16(b[6:], uint16(f.parent+1))
		if i > 0 {
			h.kind.putIdentifier(b[8:], f.node)
		}
		b = b[h.tableEntry(i):]
	}
}
