package storage

import (
	"context"
	"errors"
	"syscall"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// full and away are what the host's files say when the place, not the request,
// is to blame.
var (
	full = []error{syscall.ENOSPC, syscall.EDQUOT}
	away = []error{
		syscall.ENOENT, syscall.ENOTDIR, syscall.EROFS, syscall.EACCES, syscall.EPERM,
		syscall.EIO, syscall.ESTALE, syscall.ENODEV, syscall.ENXIO, syscall.ETIMEDOUT, syscall.EHOSTDOWN,
	}
)

// ioFault gives an error of a file operation its kind and names the path. nil
// stays nil, and what has a kind already keeps it.
func ioFault(err error, path string) error {
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case isAny(err, full):
		return fault.Wrap(fault.NoCapacity, err, "there is no room left for %s", path)
	case isAny(err, away):
		return fault.Wrap(fault.Unavailable, err, "%s cannot be used: %s", path, reason(err))
	}
	return fault.Wrap(fault.Internal, err, "%s cannot be used", path)
}

func isAny(err error, targets []error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// reason is the system's word for an error, such as "read-only file system".
func reason(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return err.Error()
}
