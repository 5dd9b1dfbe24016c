// Package journal is the agent's memory of what it was told to do: an
// append-only file that outlives the process. An action is noted before it is
// begun, its outcome before it is sent, and both are forgotten once the
// controller has acknowledged the outcome. So an action whose id was seen
// before is answered, not run; one that was begun when the agent died is
// known to be in doubt; and an action of a stale owner (a lower epoch than
// the highest seen for its subject) is refused, also after a restart.
//
// The journal never holds what an action carries: only its id, kind, subject
// and epoch. Outcomes hold no secrets by protocol.
//
// What is kept, and how long:
//
//   - an outcome until it is acknowledged, and then while it is among the
//     last [Remembered] acknowledged ones, so that a repeat which crossed the
//     acknowledgement on the wire is answered and not run again;
//   - an action in doubt until a repeat has finished it, the controller
//     acknowledges it, its subject sees a higher epoch, or [Retention] is over;
//   - the highest epoch of a subject while one of its actions is kept, and for
//     [Retention] after its last one. Whatever is older than that has long
//     missed its deadline.
//
// In:  id, kind, subject and epoch of actions and their results, from package action.
// Out: verdicts, to package action; results that nobody acknowledged yet, to package link.
package journal

import (
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const (
	// Remembered is how many acknowledged outcomes are still known.
	Remembered = 512
	// Retention is how long epochs and actions in doubt are kept.
	Retention = 30 * 24 * time.Hour
)

// Action is what the journal may know of an action.
type Action struct {
	ID       string
	Kind     string
	Subject  string
	Epoch    uint64
	Deadline time.Time // zero: none; not written down
}

// Journal is safe for concurrent use. Two calls of Begin with one id must not
// overlap: the caller runs the actions of a subject one at a time.
type Journal struct {
	log   *slog.Logger
	lock  *lock
	ready chan struct{}

	writing sync.Mutex // held while the file is written; taken before mu
	file    *file

	mu     sync.Mutex
	state  *state
	outbox *outbox
	open   *batch  // what the next write will hold
	acks   []entry // acknowledgements that ride along with it
}

// Open reads the journal in a directory, and makes it where there is none.
// Only one process may have it open. A last record that was torn by a crash
// is cut off; any other damage is a fault that says where, and the journal
// does not open: the agent starts no work that it cannot account for.
func Open(dir string, log *slog.Logger) (*Journal, error) {
	l, err := takeLock(filepath.Join(dir, "journal.lock"))
	if err != nil {
		return nil, err
	}
	j, err := open(dir, log)
	if err != nil {
		l.release()
		return nil, err
	}
	j.lock = l
	return j, nil
}

func open(dir string, log *slog.Logger) (*Journal, error) {
	f, state, err := load(filepath.Join(dir, "journal"), log)
	if err != nil {
		return nil, err
	}
	j := &Journal{log: log, file: f, state: state, open: &batch{}, ready: make(chan struct{}, 1), outbox: newOutbox()}
	state.prune(time.Now())
	for _, result := range state.unacknowledged() {
		j.outbox.put(result)
	}
	j.compactIfDue()
	return j, nil
}

// Close writes the acknowledgements that still wait, and lets go of the file.
func (j *Journal) Close() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	defer j.lock.release()
	j.mu.Lock()
	left := &batch{entries: j.acks}
	j.acks = nil
	j.mu.Unlock()
	if len(left.entries) > 0 {
		j.write(left)
	}
	if err := j.file.close(); err != nil {
		return err
	}
	return left.err
}

// Begin notes that an action is about to be done. With a verdict of [Fresh]
// or [Resumed] the caller acts and calls [Journal.Finish]; with [Done] the
// outcome waits to be sent again; with [Stale] or [Late] nothing may be done. With an
// error nothing was noted, and the action must not be begun.
func (j *Journal) Begin(a Action) (Verdict, error) {
	j.mu.Lock()
	verdict := j.state.judge(a, time.Now())
	if verdict == Done {
		j.outbox.put(j.state.actions[a.ID].result)
	}
	j.mu.Unlock()
	if verdict == Done {
		j.wake()
	}
	if verdict != Fresh {
		return verdict, nil
	}
	return Fresh, j.commit(entry{Begin: &begun{ID: a.ID, Kind: a.Kind, Subject: a.Subject, Epoch: a.Epoch, At: time.Now().Unix()}})
}

// Finish notes the outcome of an action that was begun, after which it waits
// to be sent. With an error the action stays in doubt.
func (j *Journal) Finish(result *agentv1.Result) error {
	j.mu.Lock()
	_, known := j.state.actions[result.GetActionId()]
	j.mu.Unlock()
	if !known {
		return fault.New(fault.Internal, "action %s was never begun", result.GetActionId())
	}
	wire, err := proto.Marshal(result)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "the result of action %s cannot be encoded", result.GetActionId())
	}
	return j.commit(entry{Finish: &finished{ID: result.GetActionId(), Result: wire}})
}

// Refuse lets the outcome of an action that was not begun be sent. It is not
// written down: a repeat of the action is judged anew. It never takes the
// place of an outcome that was.
func (j *Journal) Refuse(result *agentv1.Result) {
	j.mu.Lock()
	if a := j.state.actions[result.GetActionId()]; a != nil && a.result != nil {
		result = a.result
	}
	j.outbox.put(result)
	j.mu.Unlock()
	j.wake()
}

// Acknowledge forgets an action: the controller holds its outcome. An unknown
// id is no mistake. The note reaches the disk with the next write; where it
// is lost the outcome is sent once more.
func (j *Journal) Acknowledge(id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.outbox.remove(id)
	if j.state.acknowledge(id) {
		j.acks = append(j.acks, entry{Acknowledge: id})
	}
}

// Unacknowledged gives the outcomes that wait for their acknowledgement, in
// the order in which they came, without those before the cursor; and the
// cursor for the next call. A new stream starts with cursor 0. The results
// must not be changed.
func (j *Journal) Unacknowledged(cursor uint64) ([]*agentv1.Result, uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.outbox.after(cursor)
}

// Ready wakes its one reader when an outcome was added.
func (j *Journal) Ready() <-chan struct{} { return j.ready }

func (j *Journal) wake() {
	select {
	case j.ready <- struct{}{}:
	default: // woken already
	}
}

// Stats are the journal's sizes.
type Stats struct {
	Bytes          int64
	Unacknowledged int
	InDoubt        int // begun, without an outcome: running, or cut short by a crash
	Fences         int
}

// Stats gives the sizes as they are now.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	return Stats{j.file.size.Load(), len(j.outbox.letters), j.state.inDoubt(), len(j.state.fences)}
}
