package iso

import "encoding/binary"

// ECMA-119 8.4 and 8.5: what a volume descriptor says of itself.
const (
	typePrimary       = 1
	typeSupplementary = 2
	typeTerminator    = 255

	system      = "LINUX" // whose system use areas these are
	application = "CAIRN CONFIG DRIVE"
)

// putVolume writes the three volume descriptors.
func (l *layout) putVolume(image []byte, label string, when stamp) {
	l.putDescriptor(image[primaryBlock*blockSize:], typePrimary, plain, label, when)
	l.putDescriptor(image[supplementaryBlock*blockSize:], typeSupplementary, joliet, label, when)
	putDescriptorHead(image[terminatorBlock*blockSize:], typeTerminator)
}

func putDescriptorHead(b []byte, kind byte) {
	b[0] = kind
	copy(b[1:], "CD001")
	b[6] = 1
}

// putDescriptor writes a descriptor of a hierarchy. Both kinds have the same
// form; the supplementary one's texts are in UCS-2.
func (l *layout) putDescriptor(b []byte, t byte, k kind, label string, when stamp) {
	h := l.hierarchies[k]
	putDescriptorHead(b, t)
	k.putText(b[8:40], system)
	k.putText(b[40:72], label)
	putBoth32(b[80:], uint32(l.blocks))
	if k == joliet {
		copy(b[88:], ucs2Level3)
	}
	putBoth16(b[120:], 1) // volumes in the set
	putBoth16(b[124:], 1) // this one's number
	putBoth16(b[128:], blockSize)
	putBoth32(b[132:], uint32(h.table))
	binary.LittleEndian.PutUint32(b[140:], uint32(h.tableL))
	binary.BigEndian.PutUint32(b[148:], uint32(h.tableM))
	record{k, self, h.folders[0].node}.put(b[156:190], when)
	k.putTexts(b)
	copy(b[813:], when.long[:]) // creation
	copy(b[830:], when.long[:]) // modification
	copy(b[847:], unspecified)  // expiration
	copy(b[864:], when.long[:]) // effective
	b[881] = 1                  // version of the structure
}

// putTexts writes the texts behind the root's record, of which the names of
// volume set, publisher and preparer and those of three files stay blank.
func (k kind) putTexts(b []byte) {
	k.putText(b[190:318], "")
	k.putText(b[318:446], "")
	k.putText(b[446:574], "")
	k.putText(b[574:702], application)
	k.putText(b[702:739], "")
	k.putText(b[739:776], "")
	k.putText(b[776:813], "")
}

// putText fills a field with a text and blanks. In UCS-2 the last byte of a
// field of odd length is 0.
func (k kind) putText(b []byte, text string) {
	if k == plain {
		for i := copy(b, text); i < len(b); i++ {
			b[i] = ' '
		}
		return
	}
	for i := putUCS2(b, text); i+1 < len(b); i += 2 {
		b[i+1] = ' '
	}
}
