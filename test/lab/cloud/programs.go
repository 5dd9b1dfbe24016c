package cloud

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"
)

const controllerConfig = `state_dir = %q
[api]
listen = %q
[agents]
listen = %q
[jobs]
host_grace = "20s"
`

const agentConfig = `state_dir = %q
cache_dir = %q
drain_time = "5s"
[guest]
bridge = %q
console_dir = %q
image_group = "kvm"
[template]
file_roots = [%q]
[metrics]
listen = ""
`

func (c *Cloud) file(name string) string    { return filepath.Join(c.cfg.Dir, name) }
func (c *Cloud) program(name string) string { return filepath.Join(c.cfg.Bin, name) }

// startController makes a new controller's state and serves it.
func (c *Cloud) startController(ctx context.Context) error {
	api := c.cfg.API
	agents, err := freePort()
	if err == nil && api == "" {
		api, err = freePort()
	}
	if err != nil {
		return err
	}
	text := fmt.Sprintf(controllerConfig, c.file("controller"), api, agents)
	if err := os.WriteFile(c.file("controller.toml"), []byte(text), 0o600); err != nil {
		return err
	}
	keys, err := c.run(ctx, c.program("cairn-controller"), "--config", c.file("controller.toml"), "init")
	if err != nil {
		return err
	}
	c.readKeys(keys)
	c.Controller = &Process{log: c.file("controller.log"), keep: c.cfg.Keep, make: func() *exec.Cmd {
		return exec.Command(c.program("cairn-controller"), "--config", c.file("controller.toml"), "serve")
	}}
	if err := c.Controller.Start(); err != nil {
		return err
	}
	c.Client = cloudstack.NewAsyncClient(c.Endpoint, c.Key, c.Secret, false)
	if err := os.WriteFile(c.file("agents.address"), []byte(agents), 0o600); err != nil {
		return err
	}
	return c.Controller.listens(ctx, api)
}

func (c *Cloud) readKeys(text string) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		switch name {
		case "CLOUDSTACK_ENDPOINT":
			c.Endpoint = value
		case "CLOUDSTACK_KEY":
			c.Key = value
		case "CLOUDSTACK_SECRET":
			c.Secret = value
		}
	}
}

// startAgent has the host join and runs its agent there.
func (c *Cloud) startAgent(ctx context.Context) error {
	agents, err := os.ReadFile(c.file("agents.address"))
	if err != nil {
		return err
	}
	text := fmt.Sprintf(agentConfig, c.file("agent"), c.cacheDir(), c.cfg.Host.Bridge(), c.ConsoleDir(), c.incoming())
	if err := os.WriteFile(c.file("agent.toml"), []byte(text), 0o600); err != nil {
		return err
	}
	token, err := c.run(ctx, c.program("cairn-controller"), "--config", c.file("controller.toml"), "join-token", "--cluster", c.Cluster)
	if err != nil {
		return err
	}
	_, err = c.run(ctx, c.program("cairn-agent"), "--config", c.file("agent.toml"), "join",
		"--controller", string(agents), "--token", strings.TrimSpace(token), "--name", c.cfg.Host.Name())
	if err != nil {
		return err
	}
	c.Agent = &Process{log: c.file("agent.log"), keep: c.cfg.Keep, make: func() *exec.Cmd {
		return c.cfg.Host.Command(context.WithoutCancel(ctx), c.program("cairn-agent"), "--config", c.file("agent.toml"), "run")
	}}
	if err := c.Agent.Start(); err != nil {
		return err
	}
	return c.hostUp(ctx)
}

// hostUp waits until the controller sees the host.
func (c *Cloud) hostUp(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		hosts, err := c.Client.Host.ListHosts(c.Client.Host.NewListHostsParams())
		if err == nil && hosts.Count == 1 && hosts.Hosts[0].State == "Up" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the host does not come up: %w", ctx.Err())
		case <-c.Agent.Ended():
			return fmt.Errorf("the agent ended; its log is %s", c.Agent.log)
		case <-tick.C:
		}
	}
}

// run runs a program to its end and gives its output.
func (c *Cloud) run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(name), args[2], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return string(out), nil
}

func fields(text string) []string { return strings.Fields(text) }
