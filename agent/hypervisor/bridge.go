package hypervisor

import (
	"path/filepath"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// bridges lists the host's Linux bridges, sorted by name.
func bridges(sys string) ([]string, error) {
	pattern := filepath.Join(sys, "class", "net", "*", "bridge")
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err, "the bridges below %s cannot be listed", sys)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = filepath.Base(filepath.Dir(path))
	}
	return names, nil
}
