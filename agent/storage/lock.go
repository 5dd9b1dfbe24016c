package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockPause is how long to wait before a lock is asked for again. The system
// call that waits cannot be cancelled.
const lockPause = 50 * time.Millisecond

// lock has one at a time work on the name in a directory: of all goroutines,
// of all processes, and of all hosts where the file system's locks reach them.
func lock(ctx context.Context, dir, name string) (unlock func(), err error) {
	path := filepath.Join(dir, draftPrefix+name+".lock")
	again := time.NewTicker(lockPause)
	defer again.Stop()
	for {
		file, err := tryLock(path)
		if err != nil {
			return nil, ioFault(err, path)
		}
		if file != nil {
			return func() { release(file) }, nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another who works on %s: %w", filepath.Join(dir, name), ctx.Err())
		}
	}
}

// tryLock gives the file whose lock we have, nil where another has it.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil && same(file, path) {
		return file, nil
	}
	_ = file.Close()
	if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, err
	}
	return nil, nil
}

// same: the one who had the lock may have removed its file since we opened it.
func same(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	theirs, err := os.Stat(path)
	return err == nil && os.SameFile(ours, theirs)
}

// release removes the file while it is still locked, so that none is left. A
// file that stays is in nobody's way.
func release(file *os.File) {
	_ = os.Remove(file.Name())
	_ = file.Close()
}
