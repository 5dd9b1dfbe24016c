package storage

import (
	"encoding/binary"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// The header of qcow2, from QEMU's docs/interop/qcow2.txt; big-endian.
const (
	versionAt, backingAt, cryptAt, featuresAt, lengthAt = 4, 8, 32, 72, 100

	leastV3        = 104
	externalData   = 1 << 2 // of the incompatible features
	extensionsEnd  = 0
	dataFileName   = 0x44415441
	encryptionInfo = 0x0537be77
)

var errBacking = fault.New(fault.Invalid, "the template names a backing file: it would show guests another file of the host")

// checkQcow2 finds what QEMU would follow: it does so before it is asked.
func checkQcow2(head []byte) error {
	errShort := fault.New(fault.Invalid, "the template is declared QCOW2, and its header is cut off or not valid")
	if len(head) < leastV3 {
		return errShort
	}
	version := binary.BigEndian.Uint32(head[versionAt:])
	switch {
	case version != 2 && version != 3:
		return fault.New(fault.Invalid, "the template is QCOW2 of version %d, and only 2 and 3 are known", version)
	case binary.BigEndian.Uint64(head[backingAt:]) != 0:
		return errBacking
	case binary.BigEndian.Uint32(head[cryptAt:]) != 0:
		return fault.New(fault.Invalid, "the template is encrypted")
	}
	extensions := uint32(72)
	if version == 3 {
		if binary.BigEndian.Uint64(head[featuresAt:])&externalData != 0 {
			return errDataFile
		}
		extensions = binary.BigEndian.Uint32(head[lengthAt:])
	}
	return checkExtensions(head, int(extensions), errShort)
}

var errDataFile = fault.New(fault.Invalid, "the template keeps its data in another file, which would be one of the host")

// checkExtensions walks type, length and padded data until the end mark.
func checkExtensions(head []byte, at int, errShort error) error {
	for {
		if at < 0 || at+8 > len(head) {
			return errShort
		}
		kind, length := binary.BigEndian.Uint32(head[at:]), binary.BigEndian.Uint32(head[at+4:])
		switch kind {
		case extensionsEnd:
			return nil
		case dataFileName:
			return errDataFile
		case encryptionInfo:
			return fault.New(fault.Invalid, "the template is encrypted")
		}
		if length > headLen {
			return errShort
		}
		at += 8 + int(length+7)/8*8
	}
}
