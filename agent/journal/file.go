package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// disk is what the journal needs of an open file.
type disk interface {
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// file is the journal's file, open for appending.
type file struct {
	path   string
	disk   disk
	size   atomic.Int64 // of the sound records
	base   int64        // size after the last compaction
	broken error        // set once: see append
}

// load reads the file, or makes an empty one, and gives what it adds up to.
func load(path string, log *slog.Logger) (*file, *state, error) {
	d, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, unavailable(err, path)
	}
	data, err := io.ReadAll(d)
	if err != nil {
		return nil, nil, errors.Join(unavailable(err, path), d.Close())
	}
	state, sound, err := replay(data)
	if err != nil {
		return nil, nil, errors.Join(corrupt(err, path), d.Close())
	}
	f := &file{path: path, disk: d}
	f.size.Store(int64(sound))
	if torn := len(data) - sound; torn > 0 {
		log.Warn("journal ends in a record that was torn by a crash: cut off", "file", path, "offset", sound, "bytes", torn)
		if err := errors.Join(d.Truncate(int64(sound)), d.Sync()); err != nil {
			return nil, nil, errors.Join(unavailable(err, path), d.Close())
		}
	}
	if err := syncDir(filepath.Dir(path)); err != nil { // the file may be new
		return nil, nil, errors.Join(unavailable(err, path), d.Close())
	}
	return f, state, nil
}

// replay adds up the records, and says how long their sound part is.
func replay(data []byte) (*state, int, error) {
	payloads, sound, err := split(data)
	if err != nil {
		return nil, 0, err
	}
	s, offset := newState(), 0
	for n, payload := range payloads {
		entries, err := decode(payload)
		for i := 0; err == nil && i < len(entries); i++ {
			err = s.apply(entries[i])
		}
		if err != nil {
			return nil, 0, &damage{n + 1, offset, err.Error()}
		}
		offset += headerSize + len(payload)
	}
	return s, sound, nil
}

// append writes one record and waits until the disk has it. A write that did
// not fit is taken back. After a sync that failed nobody knows what the disk
// holds, and asking it again would wrongly say that all is well: the file is
// then broken until the journal is opened anew.
func (f *file) append(payload []byte) error {
	if f.broken != nil {
		return f.broken
	}
	record, err := frame(payload)
	if err != nil {
		return err
	}
	size := f.size.Load()
	if _, err := f.disk.WriteAt(record, size); err != nil {
		if back := f.disk.Truncate(size); back != nil {
			return f.breaks(errors.Join(err, back))
		}
		return unavailable(err, f.path)
	}
	if err := f.disk.Sync(); err != nil {
		return f.breaks(err)
	}
	f.size.Store(size + int64(len(record)))
	return nil
}

func (f *file) breaks(err error) error {
	f.broken = fault.Wrap(fault.Unavailable, err, "journal %s is unusable after a failed write: restart the agent once the disk is sound", f.path)
	return f.broken
}

func (f *file) close() error {
	if err := f.disk.Close(); err != nil {
		return fmt.Errorf("close journal %s: %w", f.path, err)
	}
	return nil
}

func corrupt(err error, path string) error {
	return fault.Wrap(fault.Internal, err, "journal %s is damaged and the agent cannot account for its work: check the disk; "+
		"then, with no older controller still running, move the file away and start the agent: "+
		"the controller sends what is unfinished again, and what stands already is found so", path)
}

func unavailable(err error, path string) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.Wrap(fault.NoCapacity, err, "the disk of journal %s is full", path)
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.Unavailable, err, "journal %s has no directory", path)
	}
	return fault.Wrap(fault.Unavailable, err, "journal %s cannot be used", path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
