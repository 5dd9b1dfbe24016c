package action

import (
	"context"
	"errors"
	"fmt"
	"time"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// undoTime is how long taking back one step may take, whatever became of the
// action's own deadline.
const undoTime = 30 * time.Second

// step is one change of the host. It leaves nothing behind when it fails, and
// finds its work done when it is repeated.
type step struct {
	name string
	do   func(context.Context) error
	undo func(context.Context) error // nil: there is nothing to take back
}

// plan is what an action is made of. The steps fill done.
type plan struct {
	steps []step
	done  *agentv1.Done
}

// execute does the steps in their order. When one fails, those before it are
// taken back, last first — unless the agent is being stopped: then what
// stands is left for the repeat to find.
func execute(ctx context.Context, steps []step, before func(step string) error) error {
	for i, s := range steps {
		err := before(s.name)
		if err == nil {
			err = s.do(ctx)
		}
		if err == nil {
			continue
		}
		err = fmt.Errorf("%s: %w", s.name, err)
		if interrupted(ctx) {
			return err
		}
		return errors.Join(err, undo(ctx, steps[:i]))
	}
	return nil
}

func undo(ctx context.Context, steps []step) error {
	var all error
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i].undo != nil {
			all = errors.Join(all, undoStep(ctx, steps[i]))
		}
	}
	return all
}

func undoStep(ctx context.Context, s step) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if err := s.undo(ctx); err != nil {
		return fmt.Errorf("take back %q: %w", s.name, err)
	}
	return nil
}
