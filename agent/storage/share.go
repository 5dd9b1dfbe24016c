package storage

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// share gives a path to QEMU's group, and then its mode, so that at no moment
// more can be done with it than in the end.
func (s *Storage) share(path string, mode fs.FileMode) error {
	if s.config.Group != "" {
		gid, err := groupID(s.config.Group)
		if err != nil {
			return err
		}
		if err := os.Chown(path, -1, gid); err != nil {
			return fault.Wrap(fault.Unavailable, err, "the agent may not give %s to group %s", path, s.config.Group)
		}
	}
	return ioFault(os.Chmod(path, mode), path)
}

// groupID is looked up each time: packages make groups while agents run.
func groupID(name string) (int, error) {
	group, err := user.LookupGroup(name)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, err, "the host has no group %s for files of QEMU", name)
	}
	return strconv.Atoi(group.Gid)
}
