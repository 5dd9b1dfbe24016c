package journal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func open(t testing.TB, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, logtest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // a second close of a test that closed it itself
	return j
}

func reopen(t *testing.T, j *journal.Journal, dir string) *journal.Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

func start(id string, epoch uint64) journal.Action {
	return journal.Action{ID: id, Kind: "start_vm", Subject: "vm-1", Epoch: epoch}
}

func result(id string) *agentv1.Result {
	return &agentv1.Result{ActionId: id, VmId: "vm-1", Outcome: &agentv1.Result_Done{Done: &agentv1.Done{
		What: &agentv1.Done_StartVm{StartVm: &agentv1.StartVMDone{ConsoleLog: "/log/" + id}},
	}}}
}

func begin(t *testing.T, j *journal.Journal, a journal.Action, want journal.Verdict) {
	t.Helper()
	got, err := j.Begin(a)
	if err != nil || got != want {
		t.Fatalf("begin %s with epoch %d: %s, %v; want %s", a.ID, a.Epoch, got, err, want)
	}
}

func finish(t *testing.T, j *journal.Journal, id string) {
	t.Helper()
	if err := j.Finish(result(id)); err != nil {
		t.Fatal(err)
	}
}

// waiting are the ids of the outcomes that wait, in their order.
func waiting(j *journal.Journal) string {
	results, _ := j.Unacknowledged(0)
	var ids []string
	for _, r := range results {
		ids = append(ids, r.GetActionId())
	}
	return strings.Join(ids, " ")
}

func contents(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
