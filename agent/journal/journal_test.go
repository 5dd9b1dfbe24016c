package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging/logtest"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestAnActionFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	begin(t, j, start("a", 1), journal.Fresh)
	j = reopen(t, j, dir)
	begin(t, j, start("a", 1), journal.Resumed)
	finish(t, j, "a")
	j = reopen(t, j, dir)
	begin(t, j, start("a", 1), journal.Done)
	if results, _ := j.Unacknowledged(0); len(results) != 1 || !proto.Equal(results[0], result("a")) {
		t.Fatalf("after a restart the outcome is %v", results)
	}
	j.Acknowledge("a")
	if got := waiting(j); got != "" {
		t.Errorf("acknowledged, but still sent: %s", got)
	}
	j = reopen(t, j, dir)
	if got := waiting(j); got != "" {
		t.Errorf("acknowledged, but sent after a restart: %s", got)
	}
}

func TestARepeatThatCrossedTheAcknowledgementIsAnswered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	begin(t, j, start("a", 1), journal.Fresh)
	finish(t, j, "a")
	_, cursor := j.Unacknowledged(0)
	j.Acknowledge("a")
	j = reopen(t, j, dir)
	begin(t, j, start("a", 1), journal.Done)
	if got := waiting(j); got != "a" {
		t.Errorf("waiting: %q", got)
	}
	if again, _ := j.Unacknowledged(cursor - 1); len(again) != 1 {
		t.Errorf("behind the cursor wait %d outcomes", len(again))
	}
	for n := range journal.Remembered { // the oldest acknowledged is forgotten in the end
		id := fmt.Sprint("later-", n)
		begin(t, j, start(id, 1), journal.Fresh)
		finish(t, j, id)
		j.Acknowledge(id)
	}
	begin(t, j, start("a", 1), journal.Fresh)
}

func TestStaleEpochsAreRefusedForGood(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	begin(t, j, start("doubt", 3), journal.Fresh)
	begin(t, j, start("done", 3), journal.Fresh)
	finish(t, j, "done")
	begin(t, j, start("new", 5), journal.Fresh)
	for range 2 {
		begin(t, j, start("late", 4), journal.Stale)
		begin(t, j, start("doubt", 3), journal.Stale)
		begin(t, j, start("done", 3), journal.Done) // the same id has the same outcome
		begin(t, j, journal.Action{ID: "other", Subject: "vm-2", Epoch: 4}, journal.Fresh)
		j.Acknowledge("other")
		j.Acknowledge("new")
		if err := j.CompactNow(); err != nil {
			t.Fatal(err)
		}
		j = reopen(t, j, dir)
	}
}

func TestLateActionsAreRefusedButAnswered(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	begin(t, j, start("doubt", 1), journal.Fresh)
	begin(t, j, start("done", 1), journal.Fresh)
	finish(t, j, "done")
	for id, want := range map[string]journal.Verdict{"doubt": journal.Late, "new": journal.Late, "done": journal.Done} {
		a := start(id, 1)
		a.Deadline = time.Now().Add(-time.Second)
		begin(t, j, a, want)
	}
	refusal := &agentv1.Result{ActionId: "done"}
	j.Refuse(refusal)
	if results, _ := j.Unacknowledged(0); len(results) != 1 || !proto.Equal(results[0], result("done")) {
		t.Errorf("a refusal took the place of an outcome: %v", results)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	begin(t, j, start("doubt", 5), journal.Fresh)
	begin(t, j, journal.Action{ID: "done", Subject: "vm-2", Epoch: 5}, journal.Fresh)
	finish(t, j, "done")
	j.Age(journal.Retention - time.Minute)
	begin(t, j, start("late", 4), journal.Stale)
	j.Age(journal.Retention + time.Minute)
	begin(t, j, start("late", 4), journal.Fresh)
	begin(t, j, journal.Action{ID: "late-2", Subject: "vm-2", Epoch: 4}, journal.Stale) // "done" waits still
	if got := waiting(j); got != "done" {
		t.Errorf("waiting: %q", got)
	}
}

func TestOutcomesWaitInOrderBehindTheCursor(t *testing.T) {
	t.Parallel()
	j := open(t, t.TempDir())
	for _, id := range []string{"a", "b", "c"} {
		begin(t, j, start(id, 1), journal.Fresh)
	}
	finish(t, j, "b")
	finish(t, j, "a")
	_, cursor := j.Unacknowledged(0)
	j.Refuse(result("refused"))
	finish(t, j, "c")
	if got := waiting(j); got != "b a refused c" {
		t.Errorf("all: %q", got)
	}
	news, cursor := j.Unacknowledged(cursor)
	if len(news) != 2 || news[0].GetActionId() != "refused" || news[1].GetActionId() != "c" {
		t.Errorf("behind the cursor: %v", news)
	}
	if none, _ := j.Unacknowledged(cursor); len(none) != 0 {
		t.Errorf("at the end: %v", none)
	}
	select {
	case <-j.Ready():
	default:
		t.Error("nobody was woken")
	}
	if got := j.Stats(); got.Unacknowledged != 4 || got.InDoubt != 0 || got.Fences != 1 || got.Bytes == 0 {
		t.Errorf("stats: %+v", got)
	}
}

func TestFinishNeedsABeginning(t *testing.T) {
	t.Parallel()
	if err := open(t, t.TempDir()).Finish(result("never")); !fault.Is(err, fault.Internal) {
		t.Error(err)
	}
}

func TestOneProcessOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, dir)
	if _, err := journal.Open(dir, logtest.New(t)); !fault.Is(err, fault.Conflict) {
		t.Error(err)
	}
	if _, err := journal.Open(filepath.Join(dir, "none"), logtest.New(t)); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			a := journal.Action{ID: fmt.Sprint("a", n), Subject: fmt.Sprint("vm", n), Epoch: 1}
			if v, err := j.Begin(a); v != journal.Fresh || err != nil {
				t.Errorf("%s: %s, %v", a.ID, v, err)
			}
			if err := j.Finish(result(a.ID)); err != nil {
				t.Error(err)
			}
			if n%2 == 0 {
				j.Acknowledge(a.ID)
			}
		})
	}
	all.Wait()
	j = reopen(t, j, dir)
	if got := strings.Fields(waiting(j)); len(got) != 8 {
		t.Errorf("waiting after a restart: %q", got)
	}
}

func TestCompactionKeepsTheFileShortAndTheStateWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	begin(t, j, journal.Action{ID: "doubt", Kind: "stop_vm", Subject: "vm-2", Epoch: 7}, journal.Fresh)
	begin(t, j, start("unsent", 2), journal.Fresh)
	finish(t, j, "unsent")
	most := int64(0)
	for n := range 1500 {
		id := fmt.Sprint("n", n)
		begin(t, j, start(id, 2), journal.Fresh)
		finish(t, j, id)
		j.Acknowledge(id)
		most = max(most, j.Stats().Bytes)
	}
	if most > 512<<10 {
		t.Errorf("the journal grew to %d bytes", most)
	}
	j = reopen(t, j, dir)
	begin(t, j, journal.Action{ID: "doubt", Kind: "stop_vm", Subject: "vm-2", Epoch: 7}, journal.Resumed)
	begin(t, j, start("n1499", 2), journal.Done)
	begin(t, j, start("late", 1), journal.Stale)
	if got := waiting(j); got != "unsent n1499" {
		t.Errorf("waiting: %q", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.new")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOnlyTheOwnerReadsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := open(t, dir)
	check := func() {
		t.Helper()
		info, err := os.Stat(filepath.Join(dir, "journal"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	check()
	if err := j.CompactNow(); err != nil {
		t.Fatal(err)
	}
	check()
}
