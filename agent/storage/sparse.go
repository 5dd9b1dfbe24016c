package storage

import (
	"bytes"
	"io"
	"os"
)

// chunk is what is copied at a time, and the least hole that is left for it.
const chunk = 256 << 10

var zeros [chunk]byte

// sparse is a new file's writer that leaves holes for chunks of zeros: a raw
// template may be little else.
type sparse struct{ file *os.File }

func (s *sparse) Write(p []byte) (int, error) {
	if len(p) == chunk && bytes.Equal(p, zeros[:]) {
		_, err := s.file.Seek(chunk, io.SeekCurrent)
		return len(p), err
	}
	return s.file.Write(p)
}

// end gives the file its length, which a hole at its end does not.
func (s *sparse) end() error {
	length, err := s.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	return s.file.Truncate(length)
}
