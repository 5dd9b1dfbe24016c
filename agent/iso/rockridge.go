package iso

// SUSP 1.12 and RRIP 1.12: the entries of a system use area.
const (
	sizeSP = 7  // sharing protocol in use
	sizeCE = 28 // continuation area
	sizePX = 44 // mode, links, owner, group, serial number
	sizeTF = 5 + 3*7
	sizeNM = 5 // and the name
	sizeER = 8 + len(rripID) + len(rripDescriptor) + len(rripSource)

	stampsTF = 0x02 | 0x04 | 0x08 // modification, access, attribute change
)

// What RRIP 1.12 section 4.3 has an ER entry say.
const (
	rripID         = "IEEE_P1282"
	rripDescriptor = "THE IEEE P1282 PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS."
	rripSource     = "PLEASE CONTACT THE IEEE STANDARDS DEPARTMENT, PISCATAWAY, NJ, USA FOR THE P1282 SPECIFICATION."
)

// continuation is where a continuation area lies: in one block.
type continuation struct{ block, offset, size uint32 }

// root tells the record by which readers find out about Rock Ridge.
func (r record) root() bool { return r.role == self && r.node.parent == r.node }

// rockRidge gives the bytes of system use entries inside the record, and those
// outside, in a continuation area. A name that does not fit goes there whole:
// not every reader puts the parts of a name together again.
func (r record) rockRidge() (inside, outside int) {
	inside = sizePX + sizeTF
	switch {
	case r.root():
		return sizeSP + inside + sizeCE, sizeER
	case r.role != child:
		return inside, 0
	}
	name := sizeNM + len(r.node.name)
	if r.head()+inside+name <= recordMaximum {
		return inside + name, 0
	}
	return inside + sizeCE, name
}

// putRockRidge writes a record's system use entries to its two areas, of the
// sizes that rockRidge told; ce is where the outer one lies. CE comes last:
// readers that follow it at once would miss what stands behind it.
func (r record) putRockRidge(inside, outside []byte, ce continuation, when stamp) {
	if r.root() {
		inside = putEntry(inside, "SP", sizeSP, 0xBE, 0xEF, 0)
	}
	inside = putPX(inside, r.node.inode)
	inside = putTF(inside, when)
	switch {
	case r.root():
		putER(outside)
	case r.role != child:
	case len(outside) > 0:
		putNM(outside, r.node.name)
	default:
		putNM(inside, r.node.name)
	}
	if len(outside) > 0 {
		putCE(inside, ce)
	}
}

// putEntry writes the head of an entry and the bytes behind it, and returns
// what follows the entry.
func putEntry(b []byte, signature string, size int, data ...byte) []byte {
	copy(b, signature)
	b[2], b[3] = byte(size), 1
	copy(b[4:], data)
	return b[size:]
}

func putPX(b []byte, i *inode) []byte {
	rest := putEntry(b, "PX", sizePX)
	putBoth32(b[4:], i.mode)
	putBoth32(b[12:], i.links)
	putBoth32(b[36:], i.serial) // owner and group before it are 0
	return rest
}

func putTF(b []byte, when stamp) []byte {
	rest := putEntry(b, "TF", sizeTF, stampsTF)
	for at := 5; at < sizeTF; at += len(when.short) {
		copy(b[at:], when.short[:])
	}
	return rest
}

func putNM(b []byte, name string) {
	putEntry(b, "NM", sizeNM+len(name), 0)
	copy(b[sizeNM:], name)
}

func putCE(b []byte, ce continuation) {
	putEntry(b, "CE", sizeCE)
	putBoth32(b[4:], ce.block)
	putBoth32(b[12:], ce.offset)
	putBoth32(b[20:], ce.size)
}

func putER(b []byte) {
	putEntry(b, "ER", sizeER, byte(len(rripID)), byte(len(rripDescriptor)), byte(len(rripSource)), 1)
	copy(b[8:], rripID+rripDescriptor+rripSource)
}
