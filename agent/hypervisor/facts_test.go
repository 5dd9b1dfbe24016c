package hypervisor_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/hypervisor"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// machine is the /proc, /sys and /dev of a host that has these.
type machine struct {
	flags   string // of the CPU
	devices []string
	nets    []string // "br0/bridge"
}

func (m machine) at(t *testing.T) func(*hypervisor.Config) {
	t.Helper()
	root := t.TempDir()
	proc, sys, dev := filepath.Join(root, "proc"), filepath.Join(root, "sys"), filepath.Join(root, "dev")
	for _, dir := range []string{proc, sys, dev} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cpuinfo := "processor\t: 0\nvendor_id\t: X\nflags\t\t: " + m.flags + "\nvmx flags\t: vnmi\n\nprocessor\t: 1\n"
	if err := os.WriteFile(filepath.Join(proc, "cpuinfo"), []byte(cpuinfo), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range m.devices {
		if err := os.WriteFile(filepath.Join(dev, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range m.nets {
		if err := os.MkdirAll(filepath.Join(sys, "class", "net", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return func(c *hypervisor.Config) { c.Proc, c.Sys, c.Dev = proc, sys, dev }
}

func TestFactsKVM(t *testing.T) {
	t.Parallel()
	good := machine{"fpu vmx sse", []string{"kvm"}, nil}
	amd := machine{"fpu svm", []string{"kvm"}, nil}
	trap := machine{"fpu sse", []string{"kvm"}, nil} // the device opens, and guests hang
	none := machine{"fpu vmx", nil, nil}
	for name, tt := range map[string]struct {
		machine machine
		uri     string
		choice  string
		why     string
	}{
		"Intel":                   {good, shared.URI(), "", ""},
		"AMD":                     {amd, shared.URI(), "auto", ""},
		"no flag":                 {trap, shared.URI(), "", "the CPU has neither vmx nor svm"},
		"no flag, but asked for":  {trap, shared.URI(), "kvm", ""},
		"no device":               {none, shared.URI(), "", "dev/kvm cannot be found: no such file"},
		"nothing, but asked for":  {machine{}, shared.URI(), "kvm", ""},
		"all, but not wanted":     {good, shared.URI(), "tcg", "configuration says so"},
		"libvirt does not offer":  {good, "test:///default", "", "libvirt does not offer it"},
		"not offered, asked for":  {good, "test:///default", "kvm", ""},
		"only the VMX flags line": {machine{"fpu", []string{"kvm"}, nil}, shared.URI(), "", "neither vmx nor svm"},
	} {
		t.Run(name, func(t *testing.T) {
			hv := shared.open(t, tt.machine.at(t), func(c *hypervisor.Config) { c.URI, c.Virtualization = tt.uri, tt.choice })
			facts, err := hv.Facts(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if facts.KVM != (tt.why == "") || !strings.Contains(facts.WhyNoKVM, tt.why) || (tt.why == "") != (facts.WhyNoKVM == "") {
				t.Errorf("got %v, %q; want %q", facts.KVM, facts.WhyNoKVM, tt.why)
			}
		})
	}
}

func TestFactsBridges(t *testing.T) {
	t.Parallel()
	m := machine{nets: []string{"lo", "cloudbr1/bridge", "eth0", "cloudbr0/bridge", "vnet3/brport"}}
	facts, err := shared.open(t, m.at(t)).Facts(t.Context())
	if want := []string{"cloudbr0", "cloudbr1"}; err != nil || !slices.Equal(facts.Bridges, want) {
		t.Errorf("got %v, %v; want %v", facts.Bridges, err, want)
	}
}

// The facts of the machine that the tests run on, against its own words.
func TestFactsOfThisMachine(t *testing.T) {
	t.Parallel()
	facts, err := shared.open(t).Facts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", facts)
	says := func(name string, args ...string) string {
		out, err := exec.CommandContext(t.Context(), name, args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	if cpus := says("nproc", "--all"); cpus != strconv.FormatUint(uint64(facts.CPUs), 10) {
		t.Errorf("%d CPUs, and nproc says %s", facts.CPUs, cpus)
	}
	if arch := says("uname", "-m"); facts.Arch != arch {
		t.Errorf("architecture %s, and uname says %s", facts.Arch, arch)
	}
	if text := says("libvirtd", "--version"); !strings.Contains(text, facts.LibvirtVersion) {
		t.Errorf("libvirt %s, and libvirtd says %s", facts.LibvirtVersion, text)
	}
	if text := says("qemu-system-"+facts.Arch, "--version"); !strings.Contains(text, "version "+facts.HypervisorVersion) {
		t.Errorf("QEMU %s, and it says %s", facts.HypervisorVersion, text)
	}
	if memory := says("awk", "/^MemTotal:/ {print $2}", "/proc/meminfo"); memory != strconv.FormatUint(facts.MemoryBytes>>10, 10) {
		t.Errorf("%d bytes of memory, and the kernel says %s KiB", facts.MemoryBytes, memory)
	}
	if facts.MHz == 0 || !slices.Contains(facts.Bridges, shared.Bridge()) {
		t.Errorf("got %+v; want the bridge %s", facts, shared.Bridge())
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	_, err := hypervisor.Open(t.Context(), hypervisor.Config{URI: shared.URI(), Virtualization: "xen"}, slog.New(slog.DiscardHandler))
	if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), `"xen"`) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hypervisor.Open(ctx, hypervisor.Config{URI: shared.URI()}, slog.New(slog.DiscardHandler)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// Every call is observed once, by libvirt's name for it and with its end.
func TestObserve(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	hv := shared.open(t, func(c *hypervisor.Config) {
		c.Observe = func(call string, took time.Duration, err error) {
			mu.Lock()
			defer mu.Unlock()
			if took <= 0 {
				t.Errorf("%s took %s", call, took)
			}
			seen = append(seen, call+" "+fault.Of(err).String())
		}
	})
	if _, err := hv.VMs(t.Context()); err != nil {
		t.Error(err)
	}
	if _, _, err := hv.VM(t.Context(), "not a uuid"); err == nil {
		t.Error("nonsense was looked up")
	}
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"ConnectListAllDomains none", "DomainLookupByUUID internal"}; !slices.Equal(seen, want) {
		t.Errorf("got %q; want %q", seen, want)
	}
}

// Many more calls at a time than connections all get their answer.
func TestManyCalls(t *testing.T) {
	t.Parallel()
	hv := shared.open(t)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, err := hv.VMs(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
