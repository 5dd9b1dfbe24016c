// Package cloud runs a whole cloud of real processes on a lab host: the
// controller's and the agent's programs, set up through the API by a stock
// CloudStack client. The demo, the end-to-end tests, the crash tests and the
// benchmarks all start from it.
//
// In:  the programs, a lab host, guest images.
// Out: a running cloud: its client, its ids, its processes to kill and start.
package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/apache/cloudstack-go/v2/cloudstack"
)

// Host is a KVM host to run an agent on. See package lab.
type Host interface {
	Name() string
	Bridge() string
	Command(ctx context.Context, name string, args ...string) *exec.Cmd
}

// Config says where a cloud is to be. All folders are made.
type Config struct {
	Bin    string // folder of the two programs
	Dir    string // logs, databases, consoles
	Images string // pools, stores and drives: the user that QEMU runs as must reach it
	Host   Host
	Keep   bool   // the processes outlive this one
	API    string // the API's address; empty: a free port of 127.0.0.1
}

// Cloud is a running cloud with one host.
type Cloud struct {
	cfg        Config
	Controller *Process
	Agent      *Process
	Client     *cloudstack.CloudStackClient
	Endpoint   string
	Key        string
	Secret     string

	Zone, Pod, Cluster, Pool, Store string // ids
	Offering, Network               string
}

// Up starts a cloud and furnishes it: a zone with a pod, a cluster, a pool, a
// store, an offering, a network with a config drive, and the host.
func Up(ctx context.Context, cfg Config) (*Cloud, error) {
	c := &Cloud{cfg: cfg}
	if err := c.up(ctx); err != nil {
		return nil, errors.Join(err, c.Down())
	}
	return c, nil
}

func (c *Cloud) up(ctx context.Context) error {
	for _, dir := range []string{c.cfg.Dir, c.cfg.Images, c.pool(), c.store(), c.incoming(), c.ConsoleDir()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := c.startController(ctx); err != nil {
		return fmt.Errorf("start controller: %w", err)
	}
	if err := c.furnish(); err != nil {
		return fmt.Errorf("furnish the cloud: %w", err)
	}
	if err := c.startAgent(ctx); err != nil {
		return fmt.Errorf("start agent: %w", err)
	}
	return nil
}

// Down ends the processes and waits for them.
func (c *Cloud) Down() error {
	var failures []error
	for _, process := range []*Process{c.Agent, c.Controller} {
		if process != nil {
			failures = append(failures, process.Stop())
		}
	}
	return errors.Join(failures...)
}

func (c *Cloud) pool() string  { return filepath.Join(c.cfg.Images, "pool") }
func (c *Cloud) store() string { return filepath.Join(c.cfg.Images, "store") }

// incoming is the only folder of the machine that templates may come from.
func (c *Cloud) incoming() string { return filepath.Join(c.cfg.Images, "incoming") }

// Dir is where logs and databases are.
func (c *Cloud) Dir() string { return c.cfg.Dir }

// PoolDir is where the disks lie.
func (c *Cloud) PoolDir() string { return c.pool() }

// DriveDir is where the host keeps its drives.
func (c *Cloud) DriveDir() string { return filepath.Join(c.cacheDir(), "configdrive") }

func (c *Cloud) cacheDir() string { return filepath.Join(c.cfg.Images, "cache") }

// ConsoleDir is where the guests' serial consoles are recorded.
func (c *Cloud) ConsoleDir() string { return filepath.Join(c.cfg.Dir, "console") }

// freePort finds an address that nobody listens on.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
