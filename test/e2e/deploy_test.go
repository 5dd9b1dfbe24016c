package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

const (
	password  = "s3cret pass'word"
	publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8zTdGTPZrqV2ZfWyHBIZgSkKlfKvfVDMPzLYx0Fhdu me@desk"
	userData  = "#cloud-config\nwrite_files:\n- path: /etc/cairn.d/greeting\n  content: hello from the drive\n"
)

func probe(t *testing.T) lab.Guest {
	t.Helper()
	guest, err := lab.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return guest
}

// deploy deploys a VM that has everything, by the stock client.
func deploy(t *testing.T, c *cloud.Test, template, name string, more ...func(*cloudstack.DeployVirtualMachineParams)) *cloudstack.DeployVirtualMachineResponse {
	t.Helper()
	p := c.Deployment(template, name)
	p.SetKeypair("me")
	p.SetPassword(password)
	p.SetUserdata(base64.StdEncoding.EncodeToString([]byte(userData)))
	for _, change := range more {
		change(p)
	}
	vm, err := c.Client.VirtualMachine.DeployVirtualMachine(p)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

func registerKey(t *testing.T, c *cloud.Test) {
	t.Helper()
	key, err := c.Client.SSH.RegisterSSHKeyPair(c.Client.SSH.NewRegisterSSHKeyPairParams("me", publicKey))
	if err != nil {
		t.Fatal(err)
	}
	if key.Fingerprint == "" || key.Name != "me" {
		t.Errorf("key pair %+v", key)
	}
}

// report waits for what the guest says of itself.
func report(t *testing.T, c *cloud.Test, domain string) (lab.Report, *lab.Console) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	console, err := c.Lab.Console(ctx, domain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	})
	r, err := console.Report(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r, console
}

// TestLife follows a VM from its deployment to its last trace, in the eyes of
// its guest's kernel.
func TestLife(t *testing.T) {
	c := cloud.StartTest(t, true)
	registerKey(t, c)
	template := c.Template(t, "probe", probe(t))
	vm := deploy(t, c, template, "web1")
	if vm.State != "Running" || vm.Password != password || len(vm.Nic) != 1 || vm.Nic[0].Ipaddress == "" || vm.Keypairs != "me" {
		t.Errorf("deployed %+v", vm)
	}
	guest, console := report(t, c, vm.Instancename)
	image := filepath.Join(c.DriveDir(), vm.Instancename+".iso")

	t.Run("first drive is the user's and free", func(t *testing.T) {
		if first := guest.Drive(1); first.Device == "" || first.Medium {
			t.Errorf("first drive: %+v", first)
		}
	})
	t.Run("second drive is the config drive", func(t *testing.T) {
		second := guest.Drive(2)
		if !second.Medium || second.Label != "config-2" {
			t.Fatalf("second drive: %+v", second)
		}
		if mode := second.Files["/cloudstack/password/vm_password.txt"].Mode; mode != 0o400 {
			t.Errorf("the password's mode is %o", mode)
		}
		if a, b := second.Files["/openstack/latest/user_data"], second.Files["/cloudstack/userdata/user_data.txt"]; a.SHA256 != b.SHA256 || a.Links != 2 || b.Links != 2 {
			t.Errorf("user data is not one file with two names: %+v, %+v", a, b)
		}
	})
	t.Run("the guest reads the password", func(t *testing.T) {
		shown, err := console.Show(t.Context(), "/cloudstack/password/vm_password.txt")
		if err != nil || string(shown[2]) != password {
			t.Errorf("shown %q, %v", shown[2], err)
		}
	})
	t.Run("strangers read the same", func(t *testing.T) { strangers(t, image, guest.Drive(2)) })
	t.Run("the image is known and private", func(t *testing.T) { imageIsKnown(t, c, vm.Id, image) })
	t.Run("uuid is one everywhere", func(t *testing.T) {
		if guest.Machine.UUID != vm.Id {
			t.Errorf("the guest's machine has uuid %s, the VM %s", guest.Machine.UUID, vm.Id)
		}
	})
	t.Run("stop and start", func(t *testing.T) { stopAndStart(t, c, vm, image) })
	t.Run("a guest that ends itself", func(t *testing.T) { guestEnds(t, c, vm, image) })
	t.Run("expunge leaves nothing", func(t *testing.T) {
		if err := c.Expunge(vm.Id); err != nil {
			t.Fatal(err)
		}
		if left := c.Left(t); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
		if _, _, err := c.Client.VirtualMachine.GetVirtualMachineByID(vm.Id); err == nil || !strings.Contains(err.Error(), "No match found") {
			t.Errorf("looked up after the end: %v", err)
		}
	})
	t.Run("no secret in the logs", func(t *testing.T) { noSecrets(t, c) })
}

// imageIsKnown compares the image with what the API says of it.
func imageIsKnown(t *testing.T, c *cloud.Test, id, image string) {
	content, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if got := drive(t, c, id); got != hex.EncodeToString(sum[:]) {
		t.Errorf("the API knows the drive as %q, its image has %x", got, sum)
	}
	info, err := os.Stat(image)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o640 {
		t.Errorf("the image has mode %o", info.Mode().Perm())
	}
}

// drive is the digest of the VM's drive as the API tells it.
func drive(t *testing.T, c *cloud.Test, id string) string {
	t.Helper()
	p := &cloudstack.CustomServiceParams{}
	p.SetParam("id", id)
	var answer struct {
		VirtualMachine []struct{ ConfigDriveSHA256 string }
	}
	custom := c.Client.Custom.(*cloudstack.CustomService)
	if err := custom.CustomRequest("listVirtualMachines", p, &answer); err != nil || len(answer.VirtualMachine) != 1 {
		t.Fatalf("list VM %s: %+v, %v", id, answer, err)
	}
	return answer.VirtualMachine[0].ConfigDriveSHA256
}

// stopAndStart: a stopped VM has no image anywhere, and the password was for
// one run.
func stopAndStart(t *testing.T, c *cloud.Test, vm *cloudstack.DeployVirtualMachineResponse, image string) {
	p := c.Client.VirtualMachine.NewStopVirtualMachineParams(vm.Id)
	stopped, err := c.Client.VirtualMachine.StopVirtualMachine(p)
	if err != nil || stopped.State != "Stopped" {
		t.Fatalf("stop: %+v, %v", stopped, err)
	}
	if _, err := os.Stat(image); !os.IsNotExist(err) {
		t.Errorf("the image of a stopped VM: %v", err)
	}
	if digest := drive(t, c, vm.Id); digest != "" {
		t.Errorf("a stopped VM has drive %s", digest)
	}
	started, err := c.Client.VirtualMachine.StartVirtualMachine(c.Client.VirtualMachine.NewStartVirtualMachineParams(vm.Id))
	if err != nil || started.State != "Running" {
		t.Fatalf("start: %+v, %v", started, err)
	}
	again, _ := report(t, c, vm.Instancename) // the console's log goes on: the first report is of the first run
	if again.Drive(2).Files["/cloudstack/password/vm_password.txt"].Size == 0 {
		t.Error("the first report has no password")
	}
	imageIsKnown(t, c, vm.Id, image)
	content, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), password) {
		t.Error("the password is on the drive of a second run")
	}
}

// guestEnds: a guest that powers itself off is found and tidied up.
func guestEnds(t *testing.T, c *cloud.Test, vm *cloudstack.DeployVirtualMachineResponse, image string) {
	console, err := c.Lab.Console(t.Context(), vm.Instancename)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := console.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for range 2 { // one for each run
		if _, err := console.Report(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := console.Send(ctx, "poweroff"); err != nil {
		t.Fatal(err)
	}
	waitState(ctx, t, c, vm.Id, "Stopped")
	if _, err := os.Stat(image); !os.IsNotExist(err) {
		t.Errorf("the image of a VM that ended: %v", err)
	}
}

func waitState(ctx context.Context, t *testing.T, c *cloud.Test, id, want string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		vm, _, err := c.Client.VirtualMachine.GetVirtualMachineByID(id)
		if err != nil {
			t.Fatal(err)
		}
		if vm.State == want {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("VM %s is %s, not %s", id, vm.State, want)
		case <-tick.C:
		}
	}
}

// noSecrets looks through all that the programs wrote, but for the sealed
// database: its bytes, too, must not show a secret.
func noSecrets(t *testing.T, c *cloud.Test) {
	secrets := []string{password, c.Secret, base64.StdEncoding.EncodeToString([]byte(password))}
	for _, dir := range []string{c.Dir(), c.PoolDir()} {
		err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(path, c.ConsoleDir()) {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, secret := range secrets {
				if strings.Contains(string(content), secret) {
					t.Errorf("%s shows a secret", path)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func tools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if !slices.ContainsFunc([]string{"/usr/bin/", "/bin/"}, func(dir string) bool {
			_, err := os.Stat(dir + name)
			return err == nil
		}) {
			t.Fatalf("%s is not installed: make packages", name)
		}
	}
}
