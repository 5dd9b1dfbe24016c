package bench

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

// Deploys is how long it takes from the request to a running VM.
type Deploys struct{ Ours, Virsh time.Duration } // medians

// MeasureDeploys deploys a VM through the API until its job has ended, and in
// turn has virsh define and start the same XML with copies of its disk and
// drive on the same host.
func MeasureDeploys(ctx context.Context, c *cloud.Cloud, host *lab.Host, template, dir string) (figures Deploys, err error) {
	const turns = 7
	patient := cloudstack.NewClient(c.Endpoint, c.Key, c.Secret, false) // does not wait for jobs
	turn, xml, last := 0, "", ""
	rival := rival{host: host, dir: dir}
	ours := func() error {
		turn++
		if last, err = deployed(ctx, c, patient, template, fmt.Sprintf("bench%d", turn)); err != nil {
			return err
		}
		return nil
	}
	var times [2][]time.Duration
	for range turns {
		start := time.Now()
		if err := ours(); err != nil {
			return figures, err
		}
		times[0] = append(times[0], time.Since(start))
		if xml, err = rival.prepare(ctx, c, last); err != nil {
			return figures, err
		}
		if err := c.Expunge(last); err != nil {
			return figures, err
		}
		start = time.Now()
		if err := rival.run(ctx, xml); err != nil {
			return figures, err
		}
		times[1] = append(times[1], time.Since(start))
		if err := rival.clear(ctx); err != nil {
			return figures, err
		}
	}
	return Deploys{median(times[0]), median(times[1])}, nil
}

// deployed asks for a VM and polls its job until it has ended.
func deployed(ctx context.Context, c *cloud.Cloud, patient *cloudstack.CloudStackClient, template, name string) (string, error) {
	p := c.Deployment(template, name)
	p.SetUserdata(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 14000)))
	accepted, err := patient.VirtualMachine.DeployVirtualMachine(p)
	if err != nil {
		return "", err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		job, err := c.Client.Asyncjob.QueryAsyncJobResult(c.Client.Asyncjob.NewQueryAsyncJobResultParams(accepted.JobID))
		switch {
		case err != nil:
			return "", err
		case job.Jobstatus == 1:
			return accepted.Id, nil
		case job.Jobstatus == 2:
			return "", fmt.Errorf("deploy: %s", job.Jobresult)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-tick.C:
		}
	}
}

// rival is virsh on the same host.
type rival struct {
	host *lab.Host
	dir  string
}

const rivalName = "rival"

var identity = regexp.MustCompile(`(?s)<name>.*?</name>|<uuid>.*?</uuid>|<entry name='(uuid|serial)'>.*?</entry>|<metadata>.*?</metadata>`)

// prepare gives the VM's XML as a definition of another domain, with copies of
// its disk and its drive.
func (r rival) prepare(ctx context.Context, c *cloud.Cloud, id string) (string, error) {
	vm, _, err := c.Client.VirtualMachine.GetVirtualMachineByID(id)
	if err != nil {
		return "", err
	}
	xml, err := r.host.Exec(ctx, "virsh", "dumpxml", "--inactive", vm.Instancename)
	if err != nil {
		return "", err
	}
	for _, source := range regexp.MustCompile(`file='([^']+)'`).FindAllStringSubmatch(xml, -1) {
		path := source[1]
		if strings.HasSuffix(path, ".log") || strings.Contains(path, "/template/") {
			continue
		}
		copied := filepath.Join(filepath.Dir(path), "rival-"+filepath.Base(path)) // a disk finds its template beside it
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(copied, content, 0o644); err != nil { //nolint:gosec // QEMU's user reads it
			return "", err
		}
		xml = strings.ReplaceAll(xml, path, copied)
	}
	xml = identity.ReplaceAllStringFunc(xml, func(part string) string {
		if strings.HasPrefix(part, "<name>") {
			return "<name>" + rivalName + "</name>"
		}
		return ""
	})
	file := filepath.Join(r.dir, "rival.xml")
	return file, os.WriteFile(file, []byte(xml), 0o600)
}

func (r rival) run(ctx context.Context, file string) error {
	if _, err := r.host.Exec(ctx, "virsh", "define", file); err != nil {
		return err
	}
	_, err := r.host.Exec(ctx, "virsh", "start", rivalName)
	return err
}

func (r rival) clear(ctx context.Context) error {
	_, destroyed := r.host.Exec(ctx, "virsh", "destroy", rivalName)
	_, undefined := r.host.Exec(ctx, "virsh", "undefine", rivalName)
	return errors.Join(destroyed, undefined)
}
