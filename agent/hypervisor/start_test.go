package hypervisor_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/agent/hypervisor"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestStart(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	spec.UserISO, spec.Drive = shared.image(t), domain.Drive{Path: shared.image(t), SHA256: "ab"}

	began := time.Now()
	start(t, hv, spec)
	t.Logf("started in %s", time.Since(began))

	booted(t, spec) // from its disk, since the user's ISO cannot boot
	want := domain.VM{ID: spec.VM, Name: spec.Name, State: domain.Running, Epoch: 7, DriveSHA256: "ab"}
	if vm, found, err := hv.VM(t.Context(), spec.VM); vm != want || !found || err != nil {
		t.Errorf("got %+v, %v, %v; want %+v", vm, found, err, want)
	}
	if vms, err := hv.VMs(t.Context()); !contains(vms, want) || err != nil {
		t.Errorf("%+v is not among %+v, %v", want, vms, err)
	}
	media := shared.virsh(t, "domblklist", spec.Name)
	for target, path := range map[string]string{"hdc": spec.UserISO, "hdd": spec.Drive.Path, "vda": spec.Disks[0].Path} {
		if !matches(media, target, path) {
			t.Errorf("drive %s does not hold %s:\n%s", target, path, media)
		}
	}
	if persistent := shared.virsh(t, "list", "--persistent", "--all", "--name"); strings.Contains(persistent, spec.Name) {
		t.Error("the domain has a definition that outlives it")
	}
}

func TestStartAgain(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	start(t, hv, spec)
	process := shared.virsh(t, "domid", spec.Name)

	for name, tt := range map[string]struct {
		change func(*domain.Spec)
		kind   fault.Kind
		says   string
	}{
		"same epoch":           {func(*domain.Spec) {}, fault.None, ""},
		"older epoch":          {func(s *domain.Spec) { s.Epoch = 6 }, fault.Conflict, "newer owner (epoch 7, this is 6)"},
		"newer epoch":          {func(s *domain.Spec) { s.Epoch = 8 }, fault.Conflict, "still runs from before (epoch 7, this is 8)"},
		"another VM's name":    {func(s *domain.Spec) { s.VM = "0c6a3c5e-9a4e-4c58-8d4f-2f6f0f4c1d11" }, fault.Conflict, "runs on this host"},
		"nonsense, same VM":    {func(s *domain.Spec) { s.CPUs = 0 }, fault.Invalid, "0"},
		"other disks, same VM": {func(s *domain.Spec) { s.Disks = nil }, fault.None, ""}, // what runs, runs
	} {
		t.Run(name, func(t *testing.T) {
			again := spec
			tt.change(&again)
			err := hv.Start(t.Context(), again)
			if fault.Of(err) != tt.kind || !strings.Contains(fault.Message(err), tt.says) {
				t.Errorf("got %v: %v; want %v that says %q", fault.Of(err), err, tt.kind, tt.says)
			}
			if now := shared.virsh(t, "domid", spec.Name); now != process {
				t.Errorf("domain %s became domain %s", process, now)
			}
		})
	}
}

func TestStartReplacesStaleDefinition(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*domain.Spec){
		"of the same VM":                func(s *domain.Spec) { s.Epoch = 3 },
		"of another VM of ours by name": func(s *domain.Spec) { s.VM = "5b1b1c0a-93a2-4a27-8d0c-0a6ff0f7a111" },
	} {
		t.Run(name, func(t *testing.T) {
			hv := shared.open(t)
			spec := shared.guest(t, deaf)
			stale := spec
			change(&stale)
			shared.define(t, stale)
			if vm, _, err := hv.VM(t.Context(), stale.VM); vm.State != domain.Stopped || err != nil {
				t.Errorf("a definition is %v, %v", vm.State, err)
			}
			start(t, hv, spec)
			if all := shared.virsh(t, "list", "--persistent", "--all", "--name"); strings.Contains(all, spec.Name) {
				t.Errorf("the stale definition still stands: %s", all)
			}
		})
	}
}

func TestStartLeavesStrangersAlone(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	spec := shared.guest(t, deaf)
	shared.define(t, spec, func(text string) string { return strings.ReplaceAll(text, domain.Namespace, "https://example.org/") })
	t.Cleanup(func() { shared.virsh(t, "undefine", spec.Name) })

	err := hv.Start(t.Context(), spec)
	if !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Message(err), "not Cairn's") {
		t.Errorf("got %v", err)
	}
	if _, found, err := hv.VM(t.Context(), spec.VM); found || err != nil {
		t.Errorf("a stranger is taken for a VM: %v, %v", found, err)
	}
	if _, err := hv.Stop(t.Context(), spec.VM, true, 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("stop of a stranger: %v", err)
	}
}

// What is missing on the host is the host's trouble, not ours and not the user's.
func TestStartWithout(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	for name, test := range map[string]struct {
		change func(*domain.Spec)
		told   bool // paths are the operator's; a bridge's name may be anybody's
	}{
		"its disk":   {func(s *domain.Spec) { s.Disks[0].Path = "/nowhere/disk" }, false},
		"its drive":  {func(s *domain.Spec) { s.Drive.Path = "/nowhere/drive.iso" }, false},
		"its bridge": {func(s *domain.Spec) { s.NICs[0].Bridge = "nowhere" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			spec := shared.guest(t, deaf)
			test.change(&spec)
			err := hv.Start(t.Context(), spec)
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "nowhere") || strings.Contains(fault.Message(err), "nowhere") != test.told {
				t.Errorf("got %v %q: %v; want an unavailable one whose cause names what is missing", fault.Of(err), fault.Message(err), err)
			}
			if _, found, err := hv.VM(t.Context(), spec.VM); found || err != nil {
				t.Errorf("half a VM is left: %v, %v", found, err)
			}
		})
	}
}

// A host whose control groups have no say over CPUs still runs VMs.
func TestStartWithoutCPUShares(t *testing.T) {
	t.Parallel()
	own := ownHost(t)
	path := filepath.Join(own.Dir(), "etc", "qemu.conf")
	conf, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	conf = bytes.ReplaceAll(conf, []byte("cgroup_controllers = []"), []byte(`cgroup_controllers = ["devices"]`))
	if err := os.WriteFile(path, conf, 0o600); err != nil {
		t.Fatal(err)
	}
	own.stopDaemon(t)
	own.startDaemon(t)
	hv := own.open(t)
	spec := own.guest(t, deaf)
	start(t, hv, spec)
	if text := own.virsh(t, "dumpxml", spec.Name); strings.Contains(text, "<shares>") {
		t.Error("the host took the shares: the test proves nothing")
	}
}

// start starts a VM and ends it after the test.
func start(t *testing.T, hv *hypervisor.Host, spec domain.Spec) {
	t.Helper()
	t.Cleanup(func() { _, _ = hv.Stop(within(t, 20*time.Second), spec.VM, true, 0) })
	if err := hv.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

// define leaves a definition on the host, as an operator might.
func (h host) define(t *testing.T, spec domain.Spec, change ...func(string) string) {
	t.Helper()
	text, err := domain.XML(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		text = c(text)
	}
	path := filepath.Join(t.TempDir(), "domain.xml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.virsh(t, "define", path)
}

func contains(vms []domain.VM, want domain.VM) bool {
	for _, vm := range vms {
		if vm == want {
			return true
		}
	}
	return false
}

// matches looks for a line of domblklist.
func matches(list, target, path string) bool {
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == target && fields[1] == path {
			return true
		}
	}
	return false
}
