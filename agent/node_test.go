package agent_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/agent/link/linktest"
	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const vmID = "6c4d1d5e-7b1f-4c50-9f0e-0b6b3c0a1f11"

// node is a host that has joined, and can be started and stopped.
type node struct {
	t      *testing.T
	fleet  *linktest.Fleet
	host   *sim.Host
	config agent.Config
	stop   func() error
	http   string
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{t: t, fleet: linktest.New(t), host: sim.New(sim.Config{}), config: agent.Default()}
	n.config.StateDir = t.TempDir()
	n.config.Metrics.Listen = "127.0.0.1:0"
	n.config.DrainTime = 10 * time.Second
	if _, err := agent.Join(t.Context(), joinRequest(n.fleet, n.config.StateDir)); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) start() {
	n.t.Helper()
	a, err := agent.New(n.config, agent.Host{Hypervisor: n.host, Storage: n.host}, agent.NewMetrics(), logtest.New(n.t))
	if err != nil {
		n.t.Fatal(err)
	}
	n.http = "http://" + a.MetricsAddress()
	ctx, cancel := context.WithCancel(n.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stopped := false
	n.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	n.t.Cleanup(func() {
		if err := n.stop(); err != nil {
			n.t.Error(err)
		}
	})
}

// get reads a page without keeping a connection.
func (n *node) get(path string) (int, string) {
	n.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	request, err := http.NewRequestWithContext(n.t.Context(), http.MethodGet, n.http+path, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func startVM(id string) *agentv1.Action {
	return &agentv1.Action{Id: id, Subject: vmID, Epoch: 1, Act: &agentv1.Action_StartVm{StartVm: &agentv1.StartVM{
		VmId: vmID, InstanceName: "i-2-1-VM", Cpus: 1, MemoryBytes: 1 << 30,
	}}}
}

func buildDrive(id string) *agentv1.Action {
	return &agentv1.Action{Id: id, Subject: vmID, Epoch: 1, Act: &agentv1.Action_BuildDrive{BuildDrive: &agentv1.BuildDrive{
		VmId: vmID, InstanceName: "i-2-1-VM", Place: &agentv1.Place{Kind: agentv1.Place_KIND_HOST_CACHE},
		Items: []*agentv1.DataItem{{Directory: "metadata", Name: "vm-id", Content: []byte(vmID)}},
	}}}
}
