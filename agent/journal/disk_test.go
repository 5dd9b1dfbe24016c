package journal_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// badDisk fails where its errors are set. A failing write leaves half of the
// record behind.
type badDisk struct {
	journal.Disk
	write, sync, truncate error
}

func (d *badDisk) WriteAt(p []byte, offset int64) (int, error) {
	if d.write == nil {
		return d.Disk.WriteAt(p, offset)
	}
	n, err := d.Disk.WriteAt(p[:len(p)/2], offset)
	return n, errors.Join(d.write, err)
}

func (d *badDisk) Sync() error {
	if d.sync != nil {
		return d.sync
	}
	return d.Disk.Sync()
}

func (d *badDisk) Truncate(size int64) error {
	if d.truncate != nil {
		return d.truncate
	}
	return d.Disk.Truncate(size)
}

func onBadDisk(t *testing.T, dir string) (*journal.Journal, *badDisk) {
	j, bad := open(t, dir), &badDisk{}
	j.Wrap(func(d journal.Disk) journal.Disk { bad.Disk = d; return bad })
	return j, bad
}

func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, disk := onBadDisk(t, dir)
	begin(t, j, start("a", 1), journal.Fresh)
	disk.write = syscall.ENOSPC
	if _, err := j.Begin(start("b", 1)); !fault.Is(err, fault.NoCapacity) {
		t.Errorf("begin on a full disk: %v", err)
	}
	if err := j.Finish(result("a")); !fault.Is(err, fault.NoCapacity) {
		t.Errorf("finish on a full disk: %v", err)
	}
	if got := waiting(j); got != "" {
		t.Errorf("an outcome that is not on disk is sent: %s", got)
	}
	disk.write = nil
	begin(t, j, start("b", 1), journal.Fresh) // the failed attempt left nothing
	begin(t, j, start("a", 1), journal.Resumed)
	finish(t, j, "a")
	j = reopen(t, j, dir)
	begin(t, j, start("a", 1), journal.Done)
	begin(t, j, start("b", 1), journal.Resumed)
}

func TestAfterAFailedSyncNothingIsBelieved(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*badDisk){
		"sync":                  func(d *badDisk) { d.sync = syscall.EIO },
		"write and taking back": func(d *badDisk) { d.write, d.truncate = syscall.EIO, syscall.EIO },
	} {
		dir := t.TempDir()
		j, disk := onBadDisk(t, dir)
		begin(t, j, start("a", 1), journal.Fresh)
		fail(disk)
		if err := j.Finish(result("a")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: finish: %v", name, err)
		}
		*disk = badDisk{Disk: disk.Disk} // the disk says that all is well again
		if _, err := j.Begin(start("b", 1)); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: begin: %v", name, err)
		}
		if got := waiting(j); got != "" {
			t.Errorf("%s: an outcome that may not be on disk is sent: %s", name, got)
		}
		j = reopen(t, j, dir)
		if verdict, err := j.Begin(start("a", 1)); err != nil || verdict == journal.Fresh {
			t.Errorf("%s: after a restart the action is %s, %v", name, verdict, err)
		}
	}
}

func BenchmarkBeginFinish(b *testing.B) {
	for _, parallel := range []int{1, 8} {
		b.Run(fmt.Sprint("parallel-", parallel), func(b *testing.B) {
			j := open(b, b.TempDir())
			b.SetParallelism(parallel)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					id := fmt.Sprint("action-", n.Add(1))
					if _, err := j.Begin(journal.Action{ID: id, Kind: "start_vm", Subject: id, Epoch: 1}); err != nil {
						b.Fatal(err)
					}
					if err := j.Finish(result(id)); err != nil {
						b.Fatal(err)
					}
					j.Acknowledge(id)
				}
			})
		})
	}
}
