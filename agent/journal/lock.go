package journal

import (
	"errors"
	"os"
	"syscall"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// lock keeps other processes away from a journal. It lies beside the journal,
// which is replaced by compaction, and dies with the process.
type lock struct{ file *os.File }

func takeLock(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unavailable(err, path)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fault.New(fault.Conflict, "another agent uses %s: only one may run on a host", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lock{f}, nil
}

// release is called once; closing the file gives the lock back.
func (l *lock) release() { _ = l.file.Close() }
