package lab_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/test/lab"
)

const (
	key  = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINZyVXuQFx2O/SDTIXmQHEqwPsUpVjsuaka1Ml3IFiZH me@example"
	uuid = "0d76f92c-54a7-4e18-bb63-e640ae89a697"
)

// The Debian guest takes its identity from a config drive and says so.
func TestDebianTakesIdentity(t *testing.T) {
	t.Parallel()
	dir := lab.TempDir(t)
	guest := need(need(lab.Debian(within(t)))(t).Copy(dir))(t)
	iso := filepath.Join(dir, "drive.iso")
	makeISO(t, iso, map[string]string{
		"openstack/latest/meta_data.json": `{"uuid":"` + uuid + `","hostname":"web1","public_keys":{"me":"` + key + `"}}`,
		"openstack/latest/user_data": "#cloud-config\nwrite_files:\n" +
			"- {path: /etc/cairn.d/greeting, content: hello from user data}\n",
		"openstack/latest/vendor_data.json": `{"cloud-init":"#cloud-config\npassword: s3cret\nchpasswd: {expire: false}\n"}`,
	})
	h := startHost(t, dir, "alpha")
	console := machine{"debian", "pc", 2, 1024, guest.Disk, iso, h.Bridge()}.start(t, h)

	report := need(console.Report(within(t)))(t)
	if report.Hostname != "web1" || report.InstanceID != uuid {
		t.Errorf("guest is %s with instance id %s", report.Hostname, report.InstanceID)
	}
	if !strings.Contains(report.DataSource, "ConfigDrive") {
		t.Errorf("data source is %s", report.DataSource)
	}
	checkUsers(t, report)
	if got := string(report.Written["/etc/cairn.d/greeting"]); got != "hello from user data" {
		t.Errorf("user data wrote %q", got)
	}
	if first, second := report.Drive(1), report.Drive(2); first.Medium || second.Label != "config-2" {
		t.Errorf("guest sees drives %+v and %+v", first, second)
	}
}

func checkUsers(t *testing.T, report lab.Report) {
	t.Helper()
	user, root := report.User("debian"), report.User("root")
	if len(user.Keys) != 1 || user.Keys[0] != key {
		t.Errorf("user debian has keys %q", user.Keys)
	}
	if user.Password != "set" || user.Hash == "" {
		t.Errorf("user debian has a password %s of kind %q", user.Password, user.Hash)
	}
	// cloud-init lets root's key only tell which user to log in as.
	if root.Password != "locked" || len(root.Keys) != 1 || !strings.HasPrefix(root.Keys[0], "no-port-forwarding") {
		t.Errorf("root is %+v", root)
	}
}
