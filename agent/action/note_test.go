package action_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairn-kvm/cairn/agent/journal"
	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func TestAPanicIsAFault(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	r := on(t, sim.New(sim.Config{}), t.TempDir(), &logged, "action panicked")
	r.Before(func(_, _ string) error { panic("broken step") })
	if got := r.do(remove("a", "vm-1")).GetFault(); got.GetKind() != agentv1.Kind_KIND_INTERNAL || strings.Contains(got.GetMessage(), "broken step") {
		t.Errorf("answered with %v", got)
	}
	if !strings.Contains(logged.String(), "broken step") || !strings.Contains(logged.String(), "TestAPanicIsAFault") {
		t.Errorf("logged %s", logged.String())
	}
}

func TestSecretsStayOutOfLogAndJournal(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	host := sim.New(sim.Config{})
	r := on(t, host, t.TempDir(), &logged, "action panicked")
	good := samples()["build_drive"].action
	r.done(good)
	host.Fail("PutImage", 1, errors.New("disk on fire"))
	r.do(withID(good, "fails"))
	broken := withID(good, "invalid")
	broken.GetBuildDrive().Items = append(broken.GetBuildDrive().GetItems(), &agentv1.DataItem{
		Directory: "../" + "password", Name: "vm_password", Content: []byte(password),
	})
	r.do(broken)
	r.Before(func(_, _ string) error { panic("at the disco") })
	r.do(withID(good, "panics"))
	r.do(withID(good, "late"))

	noted, err := os.ReadFile(filepath.Join(r.dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	if len(noted) == 0 || logged.Len() == 0 {
		t.Fatal("nothing was written: this test sees nothing")
	}
	for where, text := range map[string][]byte{"journal": noted, "log": logged.Bytes()} {
		if bytes.Contains(text, []byte(password)) {
			t.Errorf("the %s shows the password", where)
		}
	}
}

// fakeJournal is a journal whose answers a test sets.
type fakeJournal struct {
	mu      sync.Mutex
	begin   error
	finish  []error // one for each call, then nil
	results chan *agentv1.Result
}

func newFakeJournal() *fakeJournal { return &fakeJournal{results: make(chan *agentv1.Result, 16)} }

func (j *fakeJournal) Begin(journal.Action) (journal.Verdict, error) { return journal.Fresh, j.begin }

func (j *fakeJournal) Finish(r *agentv1.Result) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.finish) > 0 {
		err := j.finish[0]
		j.finish = j.finish[1:]
		return err
	}
	j.results <- r
	return nil
}

func (j *fakeJournal) Refuse(r *agentv1.Result) { j.results <- r }

func TestAFullDiskDelaysTheOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := fault.New(fault.NoCapacity, "the disk is full")
		j := newFakeJournal()
		j.finish = []error{full, full, full}
		r := newRunner(sim.New(sim.Config{}), j, quiet)
		if err := r.Submit(t.Context(), remove("a", "vm-1")); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		if got := <-j.results; got.GetDone() == nil || time.Since(started) != 3*time.Second {
			t.Errorf("after %s came %v", time.Since(started), got)
		}
		j.begin = full
		if err := r.Submit(t.Context(), remove("b", "vm-1")); err != nil {
			t.Fatal(err)
		}
		if got := (<-j.results).GetFault(); got.GetKind() != agentv1.Kind_KIND_NO_CAPACITY {
			t.Errorf("what cannot be noted is answered with %v", got)
		}
		select {
		case err := <-r.Broken():
			t.Errorf("a full disk broke the agent: %v", err)
		default:
		}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnUnusableJournalIsTold(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*fakeJournal, error){
		"begin":  func(j *fakeJournal, err error) { j.begin = err },
		"finish": func(j *fakeJournal, err error) { j.finish = []error{err, err} },
	} {
		j := newFakeJournal()
		lost := fault.New(fault.Unavailable, "the disk is lost")
		spoil(j, lost)
		host := sim.New(sim.Config{})
		r := newRunner(host, j, quiet)
		for _, id := range []string{"a", "b"} {
			if err := r.Submit(t.Context(), remove(id, "vm-1")); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-r.Broken(); !errors.Is(err, lost) {
			t.Errorf("%s: told %v", name, err)
		}
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if name == "begin" && host.AllCalls() != 0 {
			t.Error("an action that was not noted was done")
		}
	}
}
