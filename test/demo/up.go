package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

// within bounds the whole demo: a first run builds the guests.
const within = 15 * time.Minute

// up starts the cloud anew, deploys, shows, and leaves it running.
func (d demo) up(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	t := teller{time.Now()}
	if len(d.pids()) > 0 {
		t.say("ending the demo that runs, with its VMs and keys")
	}
	if err := d.down(ctx); err != nil {
		return fmt.Errorf("end the demo before: %w", err)
	}
	if err := os.RemoveAll(d.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			if errors.Is(ctx.Err(), context.Canceled) {
				err = errors.New("interrupted")
			}
			err = errors.Join(err, d.down(context.WithoutCancel(ctx)))
			t.say("everything was ended")
		}
	}()
	t.say("guest images: a Debian with cloud-init and a probe (the first time takes a minute or two)")
	debian, probe, err := guests(ctx)
	if err != nil {
		return err
	}
	t.say("a KVM host with its own libvirtd")
	if err := os.MkdirAll(d.images, 0o755); err != nil {
		return err
	}
	host, err := lab.Up(ctx, filepath.Join(d.images, "lab"), "kvm1")
	if err != nil {
		return err
	}
	t.say("controller and agent")
	c, err := cloud.Up(ctx, cloud.Config{Bin: d.bin, Dir: d.dir, Images: d.images, Host: host, Keep: true, API: apiAddress(ctx)})
	if err != nil {
		return err
	}
	if err := d.remember(c); err != nil {
		return err
	}
	t.say("API at %s; source .demo/env for its keys", c.Endpoint)
	s := show{teller: t, cloud: c, host: host}
	if err := s.deploy(ctx, debian.Disk, probe.Disk); err != nil {
		return err
	}
	t.say("the cloud is left running: source .demo/env; logs, database and consoles are in .demo/; make demo-down ends it")
	return nil
}

// apiAddress is CloudStack's usual port, or any while that is taken.
func apiAddress(ctx context.Context) string {
	const usual = "127.0.0.1:8080"
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", usual)
	if err != nil || listener.Close() != nil {
		return ""
	}
	return usual
}

func guests(ctx context.Context) (debian, probe lab.Guest, err error) {
	if debian, err = lab.Debian(ctx); err != nil {
		return debian, probe, err
	}
	probe, err = lab.Probe(ctx)
	return debian, probe, err
}

// remember writes what a client needs, and what down needs.
func (d demo) remember(c *cloud.Cloud) error {
	env := fmt.Sprintf("export CLOUDSTACK_ENDPOINT=%s\nexport CLOUDSTACK_KEY=%s\nexport CLOUDSTACK_SECRET=%s\n", c.Endpoint, c.Key, c.Secret)
	if err := os.WriteFile(filepath.Join(d.dir, "env"), []byte(env), 0o600); err != nil {
		return err
	}
	pids := fmt.Sprintf("%d %d\n", c.Agent.PID(), c.Controller.PID())
	return os.WriteFile(filepath.Join(d.dir, "pids"), []byte(pids), 0o600)
}

// newKey makes an SSH key pair and gives its public half, on one line.
func newKey() (string, error) {
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))) + " demo@cairn", nil
}
