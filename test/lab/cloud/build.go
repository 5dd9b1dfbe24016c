package cloud

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Build builds the two programs into a folder, with the race detector where
// it is asked for.
func Build(ctx context.Context, dir string, race bool) error {
	args := []string{"build", "-tags", "libvirt_dlopen", "-o", dir + "/"}
	if race {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./controller/cmd/cairn-controller", "./agent/cmd/cairn-agent")...)
	_, file, _, _ := runtime.Caller(0)
	cmd.Dir = filepath.Join(filepath.Dir(file), "..", "..", "..")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build the programs: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return nil
}
