package iso_test

import (
	"errors"
	"fmt"
)

// systemUse is what the system use area of one record says.
type systemUse struct {
	root bool // it announces Rock Ridge
	name string
	px   posix
	tf   []byte
}

// readUse reads a system use area with its continuation areas.
func (t *tree) readUse(image, b []byte) (systemUse, error) {
	var s systemUse
	seen := make(map[string]int)
	for b != nil {
		var err error
		if b, err = t.readEntries(image, b, &s, seen); err != nil {
			return s, err
		}
	}
	if seen["PX"] != 1 || seen["TF"] != 1 || seen["NM"] > 1 || seen["SP"] != seen["ER"] {
		return s, fmt.Errorf("system use entries are %v", seen)
	}
	return s, nil
}

// readEntries reads one area and returns the one that continues it.
func (t *tree) readEntries(image, b []byte, s *systemUse, seen map[string]int) (next []byte, err error) {
	for len(b) >= 4 {
		signature, size := string(b[:2]), int(b[2])
		if size < 4 || size > len(b) || b[3] != 1 || next != nil {
			return nil, fmt.Errorf("system use entry % x, %d bytes left", b[:4], len(b))
		}
		seen[signature]++
		if signature == "CE" {
			next, err = t.continuation(image, b[:size])
		} else {
			err = s.read(signature, b[:size], seen)
		}
		if err != nil {
			return nil, err
		}
		b = b[size:]
	}
	for tf := s.tf; len(tf) > 0; tf = tf[7:] {
		t.stamps[string(tf[:7])] = true
	}
	if len(b) > 1 || len(b) == 1 && b[0] != 0 {
		return nil, fmt.Errorf("system use area ends in % x", b)
	}
	return next, nil
}

func (t *tree) continuation(image, b []byte) ([]byte, error) {
	block, err1 := both32(b[4:])
	offset, err2 := both32(b[12:])
	size, err3 := both32(b[20:])
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	at := block*sector + offset
	if offset+size > sector || at+size > len(image) || size == 0 {
		return nil, fmt.Errorf("continuation area of %d bytes at %d of block %d", size, offset, block)
	}
	t.outer = append(t.outer, [2]int{at, at + size})
	return image[at : at+size], nil
}

func (s *systemUse) read(signature string, b []byte, seen map[string]int) error {
	switch signature {
	case "SP":
		s.root = true
		if len(b) != 7 || b[4] != 0xBE || b[5] != 0xEF || b[6] != 0 || len(seen) != 1 {
			return fmt.Errorf("SP is % x", b)
		}
	case "ER":
		id, descriptor, source := int(b[4]), int(b[5]), int(b[6])
		if len(b) != 8+id+descriptor+source || b[7] != 1 || string(b[8:8+id]) != "IEEE_P1282" {
			return fmt.Errorf("ER is %q", b)
		}
	case "PX":
		if len(b) != 44 {
			return fmt.Errorf("PX has %d bytes", len(b))
		}
		for i, field := range []*uint32{&s.px.mode, &s.px.links, &s.px.uid, &s.px.gid, &s.px.serial} {
			v, err := both32(b[4+8*i:])
			if err != nil {
				return err
			}
			*field = uint32(v)
		}
	case "TF":
		if len(b) != 26 || b[4] != 0x0E {
			return fmt.Errorf("TF is % x", b)
		}
		s.tf = b[5:]
	case "NM":
		if len(b) < 6 || b[4] != 0 {
			return fmt.Errorf("NM is %q", b)
		}
		s.name = string(b[5:])
	default:
		return fmt.Errorf("system use entry %q", signature)
	}
	return nil
}
