package journal

import (
	"cmp"
	"slices"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// maxLetters bounds the outcomes that wait in memory. Those that were written
// down are found again at the next start; a refusal is found again when the
// action is repeated.
const maxLetters = 4096

// outbox orders the outcomes that wait for their acknowledgement by the time
// at which they came, or came again.
type outbox struct {
	letters map[string]letter // by action id
	last    uint64
}

type letter struct {
	number uint64
	result *agentv1.Result
}

func newOutbox() *outbox { return &outbox{letters: map[string]letter{}} }

func (o *outbox) put(result *agentv1.Result) {
	o.last++
	o.letters[result.GetActionId()] = letter{o.last, result}
	if len(o.letters) > maxLetters {
		o.remove(o.inOrder()[0].result.GetActionId())
	}
}

func (o *outbox) remove(id string) { delete(o.letters, id) }

func (o *outbox) after(cursor uint64) ([]*agentv1.Result, uint64) {
	var results []*agentv1.Result
	for _, l := range o.inOrder() {
		if l.number > cursor {
			results = append(results, l.result)
		}
	}
	return results, o.last
}

func (o *outbox) inOrder() []letter {
	list := make([]letter, 0, len(o.letters))
	for _, l := range o.letters {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b letter) int { return cmp.Compare(a.number, b.number) })
	return list
}
