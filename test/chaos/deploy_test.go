package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/test/lab"
	"github.com/cairn-kvm/cairn/test/lab/cloud"
)

// rounds is how many moments of a deployment each program is killed at.
const rounds = 10

// TestDeathDuringDeployment kills the controller and the agent, ten times
// each, at a random moment of a deployment. The job ends, once; the VM runs
// with its drive, or it failed and nothing is left behind.
func TestDeathDuringDeployment(t *testing.T) {
	probe, err := lab.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := cloud.StartTest(t, true)
	template := c.Template(t, "probe", probe)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // moments, not secrets
	whole := timeDeployment(t, c, template)
	t.Logf("an undisturbed deployment takes %s", whole)
	for round := range rounds {
		for name, victim := range map[string]*cloud.Process{"controller": c.Controller, "agent": c.Agent} {
			moment := time.Duration(random.Float64() * float64(whole))
			t.Run(fmt.Sprintf("%d %s at %dms", round, name, moment.Milliseconds()), func(t *testing.T) {
				die(t, c, template, fmt.Sprintf("vm%d-%s", round, name), victim, moment)
			})
		}
	}
}

// submit asks for a deployment and gives the ids of VM and job at once.
func submit(t *testing.T, c *cloud.Test, template, name string) (vm, job string) {
	t.Helper()
	p := c.Deployment(template, name)
	p.SetUserdata(base64.StdEncoding.EncodeToString([]byte("user data of " + name)))
	patient := cloudstack.NewClient(c.Endpoint, c.Key, c.Secret, false) // does not wait for jobs
	accepted, err := patient.VirtualMachine.DeployVirtualMachine(p)
	if err != nil {
		t.Fatal(err)
	}
	return accepted.Id, accepted.JobID
}

func timeDeployment(t *testing.T, c *cloud.Test, template string) time.Duration {
	t.Helper()
	start := time.Now()
	vm, job := submit(t, c, template, "undisturbed")
	if status := await(t, c, job); status != 1 {
		t.Fatalf("the undisturbed deployment ended with status %d", status)
	}
	took := time.Since(start)
	expunged(t, c, vm)
	return took
}

func die(t *testing.T, c *cloud.Test, template, name string, victim *cloud.Process, moment time.Duration) {
	vm, job := submit(t, c, template, name)
	<-time.After(moment) // the moment is what the test is about
	if err := victim.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	status := await(t, c, job)
	switch status {
	case 1:
		runsWithItsDrive(t, c, vm)
	case 2:
		if left := c.Left(t); len(left) > 0 {
			t.Errorf("the job failed and left behind %q", left)
		}
	}
	t.Logf("job ended with status %d", status)
	expunged(t, c, vm)
}

// await polls the job until it ends, through the death of the controller, and
// checks that it stays ended.
func await(t *testing.T, c *cloud.Test, job string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := c.Client.Asyncjob.QueryAsyncJobResult(c.Client.Asyncjob.NewQueryAsyncJobResultParams(job))
		if err == nil && answer.Jobstatus != 0 {
			return answer.Jobstatus
		}
		select {
		case <-ctx.Done():
			t.Fatalf("job %s does not end: %v", job, err)
		case <-tick.C:
		}
	}
}

// runsWithItsDrive: one domain, one disk, one image; the image is the one that
// the API, and the domain's metadata, know.
func runsWithItsDrive(t *testing.T, c *cloud.Test, id string) {
	t.Helper()
	vm, _, err := c.Client.VirtualMachine.GetVirtualMachineByID(id)
	if err != nil || vm.State != "Running" {
		t.Fatalf("VM %s: %+v, %v", id, vm, err)
	}
	image := filepath.Join(c.DriveDir(), vm.Instancename+".iso")
	content, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "user data of ") {
		t.Error("the drive has no user data")
	}
	xml, err := c.Lab.Exec(t.Context(), "virsh", "dumpxml", vm.Instancename)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if !strings.Contains(xml, hex.EncodeToString(sum[:])) || !strings.Contains(xml, image) {
		t.Errorf("the domain has another drive:\n%s", xml)
	}
	if left := c.Left(t); len(left) != 3 {
		t.Errorf("beside one domain, one image and one disk there is more: %q", left)
	}
}

func expunged(t *testing.T, c *cloud.Test, id string) {
	t.Helper()
	if err := c.Expunge(id); err != nil {
		t.Fatalf("expunge: %v", err)
	}
	if left := c.Left(t); len(left) > 0 {
		t.Fatalf("expunged, it left behind %q", left)
	}
}
