package vm

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

var sizeDetails = []string{"cpuNumber", "cpuSpeed", "memory"}

// Limits of a custom size.
const (
	maxCPUs   = 1024
	maxMHz    = 100_000
	minMemory = 32
	maxMemory = 1 << 24 // MiB
)

// detail finds a detail whatever the case of its name.
func detail(details map[string]string, name string) (string, bool) {
	for key, value := range details {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}

func customSize(vm *resource.VM) error {
	for _, field := range []struct {
		name            string
		lowest, highest int
		into            *int
	}{
		{"cpuNumber", 1, maxCPUs, &vm.CPUs}, {"cpuSpeed", 1, maxMHz, &vm.MHz}, {"memory", minMemory, maxMemory, &vm.MemoryMiB},
	} {
		text, given := detail(vm.Details, field.name)
		if !given {
			return fault.New(fault.Invalid, "Need to specify custom parameter values cpu, cpu speed and memory when using custom offering")
		}
		value, err := strconv.Atoi(text)
		if err != nil || value < field.lowest || value > field.highest {
			return fault.New(fault.Invalid, "Invalid %s %s: not a number from %d to %d", field.name, text, field.lowest, field.highest)
		}
		*field.into = value
	}
	return nil
}

var hostName = regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

// checkHostName wants a label of RFC 952 and RFC 1123 that starts with a
// letter; the empty name will be made.
func checkHostName(name string) error {
	if name != "" && !hostName.MatchString(name) {
		return fault.New(fault.Invalid, "Invalid name. Vm name can contain ASCII letters 'a' through 'z', the digits '0' through '9', "+
			"and the hyphen ('-'), must be between 1 and 63 characters long, and can't start or end with \"-\" and can't start with digit: %s", name)
	}
	return nil
}
