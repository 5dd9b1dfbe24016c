package agent_test

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestAnActionFromControllerToHostAndBack(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.start()
	s := n.fleet.Next()
	if s.Host != "host-1" || s.Hello.GetFacts().GetCpus() != 16 {
		t.Errorf("%s said %v", s.Host, s.Hello)
	}
	if got := s.Report(); !got.GetComplete() || len(got.GetVms()) != 0 {
		t.Errorf("reported %v", got)
	}
	s.Act(buildDrive("job/drive"))
	drive := s.Result().GetDone().GetBuildDrive()
	if drive.GetSizeBytes() == 0 || !drive.GetWritten() {
		t.Fatalf("answered %v", drive)
	}
	start := startVM("job/start")
	start.GetStartVm().Drive = &agentv1.DriveMedium{Path: drive.GetPath(), Sha256: drive.GetSha256()}
	s.Act(start)
	if got := s.Result().GetDone().GetStartVm(); got == nil || got.GetEmulated() {
		t.Errorf("answered %v", got)
	}
	for report := s.Report(); ; report = s.Report() {
		if vms := report.GetVms(); len(vms) == 1 && vms[0].GetVmId() == vmID && vms[0].GetDriveSha256() == drive.GetSha256() {
			break
		}
	}
}

func TestResultsSurviveTheAgent(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.start()
	s := n.fleet.Next()
	s.Act(startVM("job/start"))
	s.Result() // and not acknowledged
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	n.start()
	s = n.fleet.Next()
	if got := s.Result(); got.GetActionId() != "job/start" || got.GetDone() == nil {
		t.Errorf("after a restart comes %v", got)
	}
	s.Act(startVM("job/start"))
	if got := s.Result(); got.GetDone() == nil {
		t.Errorf("the repeat is answered with %v", got)
	}
	if got := n.host.Calls("Start"); got != 1 {
		t.Errorf("the VM was started %d times", got)
	}
}

func TestStopWaitsForRunningActionsAndTellsTheirOutcome(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.start()
	s := n.fleet.Next()
	hold := n.host.Hold("Start")
	s.Act(startVM("job/start"))
	<-hold.Reached()
	stopped := make(chan error, 1)
	go func() { stopped <- n.stop() }()
	select {
	case err := <-stopped:
		t.Fatalf("it stopped in the middle of an action: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	hold.Release()
	if got := s.Result(); got.GetDone() == nil {
		t.Errorf("the outcome is %v", got)
	}
	s.Acknowledge("job/start")
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	<-s.Gone()
	if !s.Left {
		t.Error("the agent went without a farewell")
	}
}

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	n.start()
	s := n.fleet.Next()
	s.Report()
	s.Act(startVM("job/start"))
	s.Act(buildDrive(""))
	s.Result()
	s.Result()
	if code, text := n.get("/healthz"); code != http.StatusOK || text != "ok\n" {
		t.Errorf("health: %d %q", code, text)
	}
	_, text := n.get("/metrics")
	for _, line := range []string{
		`cairn_agent_actions_total{fault="none",kind="start_vm"} 1`,
		`cairn_agent_actions_total{fault="malformed",kind="build_drive"} 1`,
		`cairn_agent_action_duration_seconds_count{kind="start_vm"} 1`,
		"cairn_agent_connected 1", "cairn_agent_reconnects_total 0", "cairn_agent_build_info{",
		`cairn_agent_reports_total{complete="true"}`, `cairn_agent_reports_total{complete="false"} 0`,
		"cairn_agent_journal_unacknowledged_results 2", "cairn_agent_journal_unfinished_actions 0", "cairn_agent_journal_bytes",
		"cairn_agent_certificate_expiry_timestamp_seconds", "cairn_agent_last_complete_report_timestamp_seconds", "process_resident_memory_bytes",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("metrics do not say %s", line)
		}
	}
	n.fleet.Stop()
	<-s.Gone()
	for code := http.StatusOK; code == http.StatusOK; {
		code, text = n.get("/healthz")
	}
	if !strings.Contains(text, "is away") {
		t.Errorf("without the controller: %q", text)
	}
}

func TestWhatMustNotStart(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	fresh := func() error {
		_, err := agent.New(n.config, agent.Host{Hypervisor: n.host, Storage: n.host}, agent.NewMetrics(), logtest.New(t))
		return err
	}
	n.start()
	n.fleet.Next()
	if err := fresh(); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second agent: %v", err)
	}
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(n.config.StateDir, "journal")
	if err := os.WriteFile(journal, bytes.Repeat([]byte("x"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fresh(); !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), journal) {
		t.Errorf("with a damaged journal: %v", err)
	}
	if err := os.Remove(journal); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	n.config.Metrics.Listen = taken.Addr().String()
	if err := fresh(); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "metrics.listen") {
		t.Errorf("with its port taken: %v", err)
	}
	n.config.Metrics.Listen = ""
	n.start() // nothing of the attempts is left open
	n.fleet.Next()
}

func TestSystemdIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	n := newNode(t)
	n.start()
	n.fleet.Next()
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	var told []string
	for !strings.Contains(strings.Join(told, " "), "STOPPING=1") {
		message := make([]byte, 4096)
		if err := socket.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		length, err := socket.Read(message)
		if err != nil {
			t.Fatalf("after %q: %v", told, err)
		}
		told = append(told, string(message[:length]))
	}
	if told[0] != "READY=1" || !strings.HasPrefix(told[1], "WATCHDOG=1\nSTATUS=") {
		t.Errorf("told %q", told)
	}
}
