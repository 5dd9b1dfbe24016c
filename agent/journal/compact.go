package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	compactAbove = 256 << 10 // bytes: a smaller file is left alone
	recordOf     = 256       // entries in one record of a compacted file
)

// compactIfDue rewrites the file without what is forgotten, once it is twice
// as long as it was after the last time. It is called with j.writing held, or
// before anybody else has the journal.
func (j *Journal) compactIfDue() {
	size := j.file.size.Load()
	if size < compactAbove || size < 2*j.file.base {
		return
	}
	started := time.Now()
	j.mu.Lock()
	j.state.prune(started)
	entries := j.state.entries()
	j.mu.Unlock()
	if err := j.file.rewrite(entries); err != nil {
		j.log.Warn("journal could not be compacted: it grows on", "file", j.file.path, "bytes", size, "err", err)
		j.file.base = size // try again when it has doubled
		return
	}
	j.log.Debug("journal compacted", "from", size, "to", j.file.base, "took", time.Since(started))
}

// rewrite puts a new file in the place of the old one. Until the rename the
// old one is untouched.
func (f *file) rewrite(entries []entry) error {
	temp := f.path + ".new"
	d, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	fresh := &file{path: temp, disk: d}
	if err := fresh.fill(entries); err != nil {
		return errors.Join(err, d.Close(), os.Remove(temp))
	}
	if err := os.Rename(temp, f.path); err != nil {
		return errors.Join(err, d.Close(), os.Remove(temp))
	}
	// From here on only the new file counts.
	old := f.disk
	f.disk, f.base = d, fresh.size.Load()
	f.size.Store(f.base)
	err = old.Close()
	if lost := syncDir(filepath.Dir(f.path)); lost != nil {
		return f.breaks(lost)
	}
	return err
}

// fill writes all records, and syncs once.
func (f *file) fill(entries []entry) error {
	for list := range slices.Chunk(entries, recordOf) {
		payload, err := encode(list)
		if err != nil {
			return err
		}
		record, err := frame(payload)
		if err != nil {
			return err
		}
		size := f.size.Load()
		if _, err := f.disk.WriteAt(record, size); err != nil {
			return err
		}
		f.size.Store(size + int64(len(record)))
	}
	return f.disk.Sync()
}
