package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	// infoTime and infoMemory bound a look at an image, which may have been
	// made to take as much of both as it can.
	infoTime   = 30 * time.Second
	infoMemory = 1 << 30

	checkTime = 5 * time.Minute // for all tables of a large image
	onlyLeaks = 3               // qemu-img check: space is lost, no data

	mostOutput = 4 << 10 // of qemu-img's complaints, in bytes
)

// info is what qemu-img says of an image.
type info struct {
	Format      string `json:"format"`
	VirtualSize uint64 `json:"virtual-size"`
	BackingFile string `json:"backing-filename"`
}

// inspect asks qemu-img about a file. Before one from outside is shown to it,
// [detect] has looked for what qemu-img itself would follow.
func (s *Storage) inspect(ctx context.Context, path, format string) (info, error) {
	ctx, cancel := context.WithTimeout(ctx, infoTime)
	defer cancel()
	// A volume may be in use: its lock is not asked for.
	out, err := s.qemuImg(ctx, path, "info", "--force-share", "--output=json", "-f", format, "file:"+path)
	if err != nil {
		return info{}, err
	}
	var found info
	if err := json.Unmarshal(out, &found); err != nil {
		return info{}, fault.Wrap(fault.Internal, err, "qemu-img's word on %s cannot be read", path)
	}
	return found, nil
}

// whole asks qemu-img whether a qcow2 image holds together: one that was cut
// short in transit reads well until a guest comes to its end.
func (s *Storage) whole(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	_, err := s.qemuImg(ctx, path, "check", "-q", "-f", qcow2, "file:"+path)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == onlyLeaks:
		return nil
	case errors.Is(err, errRefused):
		return fault.Wrap(fault.Invalid, err, "the template is damaged or cut short")
	}
	return err
}

// createImage makes a qcow2 image, on top of backing where that is not
// empty. backing is relative to the image, so that a pool may be mounted
// elsewhere.
func (s *Storage) createImage(ctx context.Context, path string, size uint64, backing, backingFormat string) error {
	args := []string{"create", "-q", "-f", "qcow2"}
	if backing != "" {
		args = append(args, "-F", backingFormat, "-b", backing)
	}
	_, err := s.qemuImg(ctx, path, append(args, path, strconv.FormatUint(size, 10))...)
	return err
}

// qemuImg runs the program. It is killed when ctx ends.
func (s *Storage) qemuImg(ctx context.Context, path string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.config.QemuImg, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.WaitDelay = time.Second
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Start(); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "qemu-img cannot be run on this host")
	}
	limit := unix.Rlimit{Cur: infoMemory, Max: infoMemory}
	// It fails only for a process that has ended already.
	_ = unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_AS, &limit, nil)
	err := cmd.Wait()
	switch {
	case err == nil:
		return out.Bytes(), nil
	case ctx.Err() != nil:
		return nil, fault.Wrap(fault.Of(ctx.Err()), err, "qemu-img %s was stopped: it took too long or is not wanted any more", args[0])
	}
	return nil, refused(args[0], path, complaint.String(), err)
}

// errRefused marks that qemu-img ran, and did not like what it saw.
var errRefused = errors.New("qemu-img refuses")

// refused keeps what qemu-img says for the operator, and its kind: a full disk
// it knows by name only.
func refused(act, path, complaint string, err error) error {
	complaint = strings.TrimSpace(complaint[:min(len(complaint), mostOutput)])
	cause := fmt.Errorf("%w: %w: %s", errRefused, err, complaint)
	if strings.Contains(complaint, "No space left") {
		return fault.Wrap(fault.NoCapacity, cause, "there is no room left for %s", path)
	}
	return fault.Wrap(fault.Unavailable, cause, "qemu-img %s of %s did not succeed", act, path)
}
