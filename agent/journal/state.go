package journal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Verdict is what the journal says about an action that is to be begun.
type Verdict int

const (
	Fresh   Verdict = iota // never seen: noted now
	Resumed                // begun earlier, without an outcome: look at what stands
	Done                   // finished earlier: its outcome is sent again
	Stale                  // of a lower epoch than one seen for its subject
	Late                   // its deadline is over
)

func (v Verdict) String() string {
	return [...]string{"fresh", "resumed", "done", "stale", "late"}[v]
}

// state is what the entries of the file add up to. Replaying the same entries
// gives the same state.
type state struct {
	actions  map[string]*action
	fences   map[string]fence
	acked    []string // ids of acknowledged actions, oldest first, at most Remembered
	sequence uint64   // counts begins and finishes
}

type action struct {
	begun
	result       *agentv1.Result // nil: in doubt
	order        uint64          // of the latest entry about it
	acknowledged bool
}

type fence struct {
	epoch uint64
	at    int64
}

func newState() *state {
	return &state{actions: map[string]*action{}, fences: map[string]fence{}}
}

func (s *state) judge(a Action, now time.Time) Verdict {
	known := s.actions[a.ID]
	switch {
	case known != nil && known.result != nil:
		return Done // whatever has changed since: the same id has the same outcome
	case !a.Deadline.IsZero() && now.After(a.Deadline):
		return Late
	case a.Epoch < s.fences[a.Subject].epoch:
		return Stale
	case known != nil:
		return Resumed
	}
	return Fresh
}

// apply replays one entry.
func (s *state) apply(e entry) error {
	switch {
	case e.Begin != nil:
		s.begin(*e.Begin)
	case e.Finish != nil:
		return s.finish(*e.Finish)
	case e.Acknowledge != "":
		s.acknowledge(e.Acknowledge)
	case e.Fence != nil:
		s.raise(e.Fence.Subject, e.Fence.Epoch, e.Fence.At)
	default:
		return fmt.Errorf("it has an entry without content")
	}
	return nil
}

func (s *state) begin(b begun) {
	s.sequence++
	s.actions[b.ID] = &action{begun: b, order: s.sequence}
	s.raise(b.Subject, b.Epoch, b.At)
}

func (s *state) finish(f finished) error {
	a := s.actions[f.ID]
	if a == nil {
		return nil // acknowledged or outdated while it ran: nobody asks for it any more
	}
	result := new(agentv1.Result)
	if err := proto.Unmarshal(f.Result, result); err != nil {
		return fmt.Errorf("the result of action %s cannot be read: %w", f.ID, err)
	}
	s.sequence++
	a.result, a.order = result, s.sequence
	return nil
}

// acknowledge reports whether it changed anything.
func (s *state) acknowledge(id string) bool {
	a := s.actions[id]
	if a == nil || a.acknowledged {
		return false
	}
	if a.result == nil {
		delete(s.actions, id)
		return true
	}
	a.acknowledged = true
	s.acked = append(s.acked, id)
	if len(s.acked) > Remembered {
		delete(s.actions, s.acked[0])
		s.acked = s.acked[1:]
	}
	return true
}

// raise lifts the fence of a subject. What is in doubt below it can never be
// taken up again, and is forgotten.
func (s *state) raise(subject string, epoch uint64, at int64) {
	old, known := s.fences[subject]
	s.fences[subject] = fence{max(old.epoch, epoch), max(old.at, at)}
	if !known || epoch <= old.epoch {
		return
	}
	maps.DeleteFunc(s.actions, func(_ string, a *action) bool {
		return a.Subject == subject && a.result == nil && a.Epoch < epoch
	})
}

// prune forgets what is older than the retention.
func (s *state) prune(now time.Time) {
	limit := now.Add(-Retention).Unix()
	maps.DeleteFunc(s.actions, func(_ string, a *action) bool { return a.result == nil && a.At < limit })
	kept := map[string]bool{}
	for _, a := range s.actions {
		kept[a.Subject] = true
	}
	maps.DeleteFunc(s.fences, func(subject string, f fence) bool { return f.at < limit && !kept[subject] })
}

// entries are the shortest list that adds up to this state.
func (s *state) entries() []entry {
	var list []entry
	for subject, f := range s.fences {
		list = append(list, entry{Fence: &fenced{subject, f.epoch, f.at}})
	}
	for _, a := range s.inOrder() {
		list = append(list, a.entries()...)
	}
	for _, id := range s.acked {
		list = append(list, s.actions[id].entries()...)
		list = append(list, entry{Acknowledge: id})
	}
	return list
}

func (a *action) entries() []entry {
	list := []entry{{Begin: &a.begun}}
	if a.result == nil {
		return list
	}
	wire, err := proto.Marshal(a.result)
	if err != nil {
		panic(err) // it was unmarshalled from a wire form: it has one
	}
	return append(list, entry{Finish: &finished{a.ID, wire}})
}

// inOrder are the actions that are not acknowledged, oldest entry first.
func (s *state) inOrder() []*action {
	var list []*action
	for _, a := range s.actions {
		if !a.acknowledged {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, func(a, b *action) int { return cmp.Compare(a.order, b.order) })
	return list
}

func (s *state) unacknowledged() []*agentv1.Result {
	var list []*agentv1.Result
	for _, a := range s.inOrder() {
		if a.result != nil {
			list = append(list, a.result)
		}
	}
	return list
}

func (s *state) inDoubt() (n int) {
	for _, a := range s.actions {
		if a.result == nil {
			n++
		}
	}
	return n
}
