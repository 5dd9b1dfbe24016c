package lab

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Up brings up a host that outlives this process, for a person to look at.
// [Host.Stop], or Down from any process, ends it.
func Up(ctx context.Context, dir, name string) (*Host, error) {
	path, err := script("host.sh")
	if err != nil {
		return nil, err
	}
	out, err := output(exec.CommandContext(ctx, path, "up", dir, name))
	if err != nil {
		return nil, fmt.Errorf("start host %s in %s: %w", name, dir, err)
	}
	facts, err := readFacts(strings.NewReader(out + "ready\n"))
	if err != nil {
		return nil, err
	}
	h := &Host{script: path, facts: facts}
	h.stop = sync.OnceValue(func() error { return Down(context.WithoutCancel(ctx), filepath.Join(dir, name)) })
	return h, nil
}

// Down ends the host of a folder, its guests and all that runs on it, and
// removes the folder.
func Down(ctx context.Context, dir string) error {
	path, err := script("host.sh")
	if err != nil {
		return err
	}
	if _, err := output(exec.CommandContext(ctx, path, "down", dir)); err != nil {
		return fmt.Errorf("end host %s: %w", dir, err)
	}
	return nil
}

func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}
