package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// A record is
//
//	magic (4) | length of the payload (4, little endian) | CRC-32C (4) | payload
//
// with the checksum over length and payload. The payload is JSON, in which
// the magic cannot occur (JSON has no control characters, and Go's encoder
// writes valid UTF-8): where a second magic follows a damaged record, another
// record began there, and the damage is no torn write.
var magic = []byte{0xCA, 0x1C, 0x4E, 0x01}

const (
	headerSize = 12
	maxPayload = 16 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func frame(payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, fault.New(fault.Internal, "a journal record of %d bytes is longer than %d", len(payload), maxPayload)
	}
	record := make([]byte, headerSize, headerSize+len(payload))
	copy(record, magic)
	binary.LittleEndian.PutUint32(record[4:], uint32(len(payload)))
	record = append(record, payload...)
	binary.LittleEndian.PutUint32(record[8:], checksum(record))
	return record, nil
}

func checksum(record []byte) uint32 {
	return crc32.Update(crc32.Checksum(record[4:8], castagnoli), castagnoli, record[headerSize:])
}

// damage is where a journal stops making sense.
type damage struct {
	record int // counted from 1
	offset int
	why    string
}

func (d *damage) Error() string {
	return fmt.Sprintf("record %d at offset %d: %s", d.record, d.offset, d.why)
}

// split takes a journal apart into payloads. sound is the length of the part
// that holds them; what follows it is one record that was torn by a crash.
func split(data []byte) (payloads [][]byte, sound int, err error) {
	for sound < len(data) {
		payload, ok := unframe(data[sound:])
		if !ok {
			if why := notTorn(data[sound:]); why != "" {
				return nil, 0, &damage{len(payloads) + 1, sound, why}
			}
			break
		}
		payloads = append(payloads, payload)
		sound += headerSize + len(payload)
	}
	return payloads, sound, nil
}

// unframe gives the payload of the record that data starts with.
func unframe(data []byte) ([]byte, bool) {
	if len(data) < headerSize || !bytes.HasPrefix(data, magic) {
		return nil, false
	}
	length := binary.LittleEndian.Uint32(data[4:])
	if length > maxPayload || len(data)-headerSize < int(length) {
		return nil, false
	}
	record := data[:headerSize+int(length)]
	if binary.LittleEndian.Uint32(record[8:]) != checksum(record) {
		return nil, false
	}
	return record[headerSize:], true
}

// notTorn says why a tail without a sound record cannot come from a crash in
// the last write, and nothing where it can: a crash leaves a beginning of the
// record, or blocks that were allocated but never filled.
func notTorn(tail []byte) string {
	start := tail[:min(len(tail), len(magic))]
	switch {
	case len(bytes.Trim(tail, "\x00")) == 0:
		return ""
	case !bytes.HasPrefix(magic, start):
		return "it does not start as a record does"
	case bytes.Contains(tail[1:], magic):
		return "it is damaged, and another record follows it"
	case len(tail) < headerSize:
		return ""
	case len(tail)-headerSize == int(binary.LittleEndian.Uint32(tail[4:])) && !bytes.Contains(tail[headerSize:], []byte{0}):
		return "it is whole, but its checksum does not hold" // notes have no zero byte: a block that was not written would show
	case len(tail)-headerSize > int(binary.LittleEndian.Uint32(tail[4:])):
		return "it is damaged, and its length does not reach the end of the file"
	}
	return ""
}
