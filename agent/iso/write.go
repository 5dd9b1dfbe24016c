package iso

import "encoding/binary"

// write makes the image of a layout.
func (l *layout) write(label string, when stamp) []byte {
	image := make([]byte, l.blocks*blockSize)
	l.putVolume(image, label, when)
	for _, h := range l.hierarchies {
		h.putTable(image[h.tableL*blockSize:], binary.LittleEndian)
		h.putTable(image[h.tableM*blockSize:], binary.BigEndian)
		h.putRecords(image, when)
	}
	for _, i := range l.files {
		copy(image[int(i.block)*blockSize:], i.content)
	}
	return image
}

// putRecords writes all directories, in the steps in which placeRecords
// measured them.
func (h *hierarchy) putRecords(image []byte, when stamp) {
	areas := image[h.outer*blockSize:]
	var outer shelf
	for _, f := range h.folders {
		directory := image[int(f.node.records[h.kind].block)*blockSize:]
		var inner shelf
		h.each(f, func(r record) {
			inside, outside := r.size()
			b := directory[inner.place(inside):][:inside]
			r.put(b, when)
			if h.kind == joliet {
				return
			}
			at := outer.place(outside)
			ce := continuation{uint32(h.outer + at/blockSize), uint32(at % blockSize), uint32(outside)}
			r.putRockRidge(b[r.head():], areas[at:][:outside], ce, when)
		})
	}
}
