package lab_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/test/lab"
)

// script is a serial log that grows as the test says.
type script struct {
	t    *testing.T
	path string
}

func newScript(t *testing.T) (script, *lab.Console) {
	t.Helper()
	s := script{t, filepath.Join(t.TempDir(), "console.log")}
	console := lab.NewConsole(s.path, nil)
	t.Cleanup(func() {
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, console
}

func (s script) write(text string) {
	s.t.Helper()
	f := need(os.OpenFile(s.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))(s.t)
	_, err := f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		s.t.Fatal(err)
	}
}

func TestConsoleWait(t *testing.T) {
	t.Parallel()
	log, console := newScript(t)
	log.write("one\r\ntwo 2\r\nthr")
	if match := need(console.Wait(within(t), "^two ([0-9])$"))(t); match[1] != "2" {
		t.Errorf("match is %q", match)
	}
	log.write("ee\n")
	need(console.Wait(within(t), "^three$"))(t)

	log.write("four\n")
	short, cancel := context.WithTimeout(within(t), 50*time.Millisecond)
	defer cancel()
	_, err := console.Wait(short, "one")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "four") {
		t.Errorf("error is %v, want a deadline and the last line", err)
	}
	if err := console.Send(within(t), "hello"); err == nil {
		t.Error("sent to a console without a terminal")
	}
}

func TestConsoleReport(t *testing.T) {
	t.Parallel()
	log, console := newScript(t)
	log.write(`noise cairn-guest: begin
cairn-guest: drive 1 dev=sr1 at=virtio_scsi:0:0:0:2 medium=no
[  1.0] the guest is reset
cairn-guest: begin
cairn-guest: machine uuid=6f0c cpus=2 memory=1024
cairn-guest: nic eth0 mac=52:54:00:00:00:01 addresses=10.0.0.2/24,fd00::2/64
cairn-guest: nic eth1 mac=52:54:00:00:00:02 addresses=
cairn-guest: identity hostname=web1 instance-id=i-1 datasource=Config Drive [/dev/sr1]
cairn-guest: user root password=locked
cairn-guest: user debian password=set hash=6
cairn-guest: authorized_key debian key=ssh-ed25519 AAAA me@x
cairn-guest: written base64=aGVsbG8= path=/etc/cairn.d/a b
cairn-guest: drive 1 dev=sr1 at=virtio_scsi:0:0:0:2 medium=no
cairn-guest: drive 2 dev=sr0 at=virtio_scsi:0:0:0:3 medium=yes size=4096 label=MY DRIVE
cairn-guest: folder 2 mode=555 links=2 inode=7 size=2048 path=/a
cairn-guest: file 2 mode=444 links=1 inode=8 size=5 sha256=abcd path=/a/b c
cairn-guest: unreadable 2 mode=444 links=1 inode=9 size=5 path=/a/d
cairn-guest: end
`)
	got := need(console.Report(within(t)))(t)
	want := lab.Report{
		Machine:  lab.Machine{UUID: "6f0c", CPUs: 2, Memory: 1024},
		Hostname: "web1", InstanceID: "i-1", DataSource: "Config Drive [/dev/sr1]",
		Users: []lab.User{
			{Name: "root", Password: "locked"},
			{Name: "debian", Password: "set", Hash: "6", Keys: []string{"ssh-ed25519 AAAA me@x"}},
		},
		Written: map[string][]byte{"/etc/cairn.d/a b": []byte("hello")},
		NICs: []lab.NIC{
			{Name: "eth0", MAC: "52:54:00:00:00:01", Addresses: []string{"10.0.0.2/24", "fd00::2/64"}},
			{Name: "eth1", MAC: "52:54:00:00:00:02"},
		},
		Drives: []lab.Drive{
			{Position: 1, Device: "sr1", At: "virtio_scsi:0:0:0:2", Files: map[string]lab.File{}},
			{Position: 2, Device: "sr0", At: "virtio_scsi:0:0:0:3", Medium: true, Label: "MY DRIVE", Size: 4096, Files: map[string]lab.File{
				"/a":     {Folder: true, Mode: 0o555, Links: 2, Inode: 7, Size: 2048},
				"/a/b c": {Mode: 0o444, Links: 1, Inode: 8, Size: 5, SHA256: "abcd"},
				"/a/d":   {Mode: 0o444, Links: 1, Inode: 9, Size: 5},
			}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("report is\n%+v, want\n%+v", got, want)
	}
}

func TestConsoleReportRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a kind it does not know":  "novelty 1",
		"a number that is none":    "machine cpus=many",
		"a file without its drive": "file 3 mode=444 size=1 path=/a",
		"a mode that is not octal": "drive 1 medium=yes\ncairn-guest: file 1 mode=rw size=1 path=/a",
		"text that is not base64":  "written base64=% path=/a",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, console := newScript(t)
			log.write("cairn-guest: begin\ncairn-guest: " + text + "\ncairn-guest: end\n")
			if report, err := console.Report(within(t)); err == nil {
				t.Errorf("report is %+v", report)
			}
		})
	}
}
