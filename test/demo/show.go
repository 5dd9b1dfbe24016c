package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

// show deploys the demo's VMs and tells what their guests say.
type show struct {
	teller
	cloud *cloud.Cloud
	host  *lab.Host
}

const (
	password     = "Cairn-demo-1"
	greeting     = "written by the user data\n"
	greetingFile = "/etc/cairn.d/greeting"
	userData     = "#cloud-config\nwrite_files:\n- path: /etc/cairn.d/greeting\n  content: |\n    " + greeting
)

func (s show) deploy(ctx context.Context, debian, probe string) error {
	public, err := newKey()
	if err != nil {
		return err
	}
	key := s.cloud.Client.SSH.NewRegisterSSHKeyPairParams("demo", public)
	if _, err := s.cloud.Client.SSH.RegisterSSHKeyPair(key); err != nil {
		return err
	}
	if err := s.probe(ctx, probe); err != nil {
		return fmt.Errorf("probe guest: %w", err)
	}
	if err := s.debian(ctx, debian, public); err != nil {
		return fmt.Errorf("debian guest: %w", err)
	}
	return nil
}

// start deploys a VM from an image with a key, a password and user data, and
// gives its domain's name.
func (s show) start(ctx context.Context, name, image, offering string) (string, error) {
	s.say("registering the template of %s", name)
	template, err := s.cloud.AddTemplate(ctx, name, image)
	if err != nil {
		return "", err
	}
	p := s.cloud.Deployment(template, name)
	p.SetServiceofferingid(offering)
	p.SetKeypair("demo")
	p.SetPassword(password)
	p.SetUserdata(base64.StdEncoding.EncodeToString([]byte(userData)))
	vm, err := s.cloud.Client.VirtualMachine.DeployVirtualMachine(p)
	if err != nil {
		return "", err
	}
	s.say("deployed %s: %s, %s, %s", name, vm.Id, vm.State, vm.Instancename)
	return vm.Instancename, nil
}

// probe shows the drive as the kernel of a guest sees it.
func (s show) probe(ctx context.Context, image string) error {
	domain, err := s.start(ctx, "probe", image, s.cloud.Offering)
	if err != nil {
		return err
	}
	console, err := s.host.Console(ctx, domain)
	if err != nil {
		return err
	}
	defer func() { _ = console.Close() }() // it was only read
	report, err := waiting(ctx, s.teller, "the probe's report", console.Report)
	if err != nil {
		return err
	}
	first, second := report.Drive(1), report.Drive(2)
	s.say("the probe guest reports: first CD drive (the user's) %s; second: label %q, %d bytes, with", emptiness(first.Medium), second.Label, second.Size)
	fmt.Println("          mode   size SHA-256       path")
	for _, path := range slices.Sorted(maps.Keys(second.Files)) {
		file := second.Files[path]
		if !file.Folder {
			fmt.Printf("          %04o %6d %s  %s\n", file.Mode, file.Size, short(file.SHA256), path)
		}
	}
	shown, err := console.Show(ctx, "/cloudstack/password/vm_password.txt")
	if err != nil {
		return err
	}
	if got := string(shown[2]); first.Medium || got != password {
		return fmt.Errorf("the first drive has a medium (%v), or the second's password %q is not the VM's", first.Medium, got)
	}
	s.say("it read %q from cloudstack/password/vm_password.txt of the second drive: the password that the VM was deployed with", password)
	return nil
}

func emptiness(medium bool) string {
	if medium {
		return "taken"
	}
	return "empty"
}

func short(digest string) string { return digest[:min(12, len(digest))] }

// debian shows what cloud-init made of the drive.
func (s show) debian(ctx context.Context, image, public string) error {
	offering, err := s.cloud.AddOffering("debian", 2, 1024)
	if err != nil {
		return err
	}
	domain, err := s.start(ctx, "web1", image, offering)
	if err != nil {
		return err
	}
	console, err := s.host.Console(ctx, domain)
	if err != nil {
		return err
	}
	defer func() { _ = console.Close() }() // it was only read
	report, err := waiting(ctx, s.teller, "the Debian guest and its cloud-init (emulated, without KVM, this takes about a minute)", console.Report)
	if err != nil {
		return err
	}
	keys := report.User("debian").Keys
	s.say("the Debian guest reports: host name %q, password of debian %s, data source %s",
		report.Hostname, report.User("debian").Password, report.DataSource)
	fmt.Printf("          authorized key of debian: %s\n          %s: %q\n", strings.Join(keys, ", "), greetingFile, report.Written[greetingFile])
	for _, nic := range report.NICs {
		fmt.Printf("          %s %s %s\n", nic.Name, nic.MAC, strings.Join(nic.Addresses, " "))
	}
	var wrong []error
	if report.Hostname != "web1" {
		wrong = append(wrong, fmt.Errorf("the host name is %q, not web1", report.Hostname))
	}
	if !slices.ContainsFunc(keys, func(key string) bool { return strings.Contains(key, strings.Fields(public)[1]) }) {
		wrong = append(wrong, errors.New("the key is not among the authorized ones"))
	}
	if string(report.Written[greetingFile]) != greeting {
		wrong = append(wrong, errors.New("the user data wrote nothing"))
	}
	return errors.Join(wrong...)
}

// waiting calls f and prints a line every ten seconds until it returns.
func waiting[T any](ctx context.Context, t teller, what string, f func(context.Context) (T, error)) (T, error) {
	done := make(chan struct{})
	told := make(chan struct{})
	go func() {
		defer close(told)
		tick := time.NewTicker(10 * time.Second)
		defer tick.Stop()
		for t.say("waiting for %s", what); ; {
			select {
			case <-done:
				return
			case <-tick.C:
				t.say("… still waiting")
			}
		}
	}()
	result, err := f(ctx)
	close(done)
	<-told
	return result, err
}
