package hypervisor

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	auto = "auto"
	kvm  = "kvm"
	tcg  = "tcg"
)

func checkVirtualization(choice string) error {
	if !slices.Contains([]string{auto, kvm, tcg}, choice) {
		return fault.New(fault.Invalid, "virtualization is %q, and can be auto, kvm or tcg", choice)
	}
	return nil
}

// whyNoKVM says why guests do not run on hardware; "" where they do. All three
// must agree, for each alone is wrong somewhere: /dev/kvm opens on machines
// whose CPU has no virtualisation, where a Linux guest then hangs; the CPU may
// have it while the firmware denies it; and QEMU may be built without.
func (h *Host) whyNoKVM(arch string, offers error) string {
	switch h.config.Virtualization {
	case kvm:
		return ""
	case tcg:
		return "the agent's configuration says so"
	}
	device := filepath.Join(h.config.Dev, "kvm")
	if _, err := os.Stat(device); err != nil {
		return fmt.Sprintf("%s cannot be found: %v", device, errors.Unwrap(err))
	}
	if why := h.whyNoFlag(arch); why != "" {
		return why
	}
	if offers != nil {
		return fmt.Sprintf("libvirt does not offer it: %v", offers)
	}
	return ""
}

// whyNoFlag looks for the CPU's own word. Only x86 has one: on ARM, /dev/kvm
// exists only where the kernel was started at the level that it needs.
func (h *Host) whyNoFlag(arch string) string {
	if arch != "x86_64" {
		return ""
	}
	path := filepath.Join(h.config.Proc, "cpuinfo")
	flags, err := cpuFlags(path)
	switch {
	case err != nil:
		return fmt.Sprintf("the CPU's features cannot be read: %v", err)
	case !slices.Contains(flags, "vmx") && !slices.Contains(flags, "svm"):
		return fmt.Sprintf("the CPU has neither vmx nor svm in %s", path)
	}
	return ""
}

// cpuFlags are those of the first CPU: all CPUs of a host have the same.
func cpuFlags(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if key, flags, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(key) == "flags" {
			return strings.Fields(flags), nil
		}
	}
	return nil, lines.Err()
}

// gone tells an answer that did not come from an answer that says no.
func gone(err error) bool {
	var lv libvirt.Error
	return errors.As(err, &lv) && kindOf(lv) == fault.Unavailable
}
