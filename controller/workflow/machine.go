package workflow

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/job"
	"github.com/cairn-kvm/cairn/controller/place"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// Machines are the workflows of VMs and of the templates they start from.
type Machines struct {
	Engine
	Dispatch *dispatch.Dispatcher
	Place    place.Placer
	Settings setting.Settings
}

// machine is the state of the workflows of one VM.
type machine struct {
	VM         resource.VMID   `json:"vm"`
	Host       resource.HostID `json:"host,omitempty"`
	Pool       resource.PoolID `json:"pool,omitempty"`
	Epoch      int64           `json:"epoch,omitempty"`
	Deploy     bool            `json:"deploy,omitempty"` // a failure leaves the VM in Error, not Stopped
	Forced     bool            `json:"forced,omitempty"`
	Ended      bool            `json:"ended,omitempty"`      // the guest ended itself: there is only to tidy up
	Placed     bool            `json:"placed,omitempty"`     // the VM's place is this workflow's to free
	MadeVolume bool            `json:"madevolume,omitempty"` // it is this workflow's to remove
	Wish       place.Wish      `json:"wish"`
	Drive      drive           `json:"drive"`
}

type drive struct {
	Path   string `json:"path,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// change loads the VM, changes it and writes it back, in one transaction.
func (m Machines) change(ctx context.Context, id resource.VMID, change func(ctx context.Context, vm *resource.VM) error) error {
	return m.Store.InTx(ctx, func(ctx context.Context) error {
		vm, err := store.Get[resource.VM](ctx, m.Store, id)
		if err != nil {
			return err
		}
		if err := change(ctx, vm); err != nil {
			return err
		}
		vm.Updated = time.Now().UTC()
		return store.Update(ctx, m.Store, vm)
	})
}

// action frames what a host shall do for the VM. Its id is the job's and the
// step's, so that doing the step again is the same action.
func (s *machine) action(j *resource.Job, step string) *agentv1.Action {
	return &agentv1.Action{
		Id: dispatch.ID(j.ID, step), Subject: string(s.VM), Epoch: uint64(s.Epoch),
		Deadline: timestamppb.New(j.Started.Add(j.Timeout)),
	}
}

// undo frames the counterpart of a step's action. It has no deadline but
// time enough: a host that comes back late shall still do it.
func (s *machine) undo(j *resource.Job, step string) *agentv1.Action {
	return &agentv1.Action{
		Id: dispatch.ID(j.ID, step) + "/undo", Subject: string(s.VM), Epoch: uint64(s.Epoch),
		Deadline: timestamppb.New(time.Now().Add(365 * 24 * time.Hour)),
	}
}

// poolPlace is where a pool lies for its hosts.
func (m Machines) poolPlace(ctx context.Context, id resource.PoolID) (*agentv1.Place, error) {
	pool, err := store.Get[resource.Pool](ctx, m.Store, id)
	if err != nil {
		return nil, err
	}
	return &agentv1.Place{Kind: agentv1.Place_KIND_DIRECTORY, Id: string(pool.ID), Path: pool.Path}, nil
}

func (m Machines) storePlace(ctx context.Context, id resource.StoreID) (*agentv1.Place, error) {
	s, err := store.Get[resource.Store](ctx, m.Store, id)
	if err != nil {
		return nil, err
	}
	return &agentv1.Place{Kind: agentv1.Place_KIND_DIRECTORY, Id: string(s.ID), Path: s.Path}, nil
}

// hostCache is where the drives lie.
var hostCache = &agentv1.Place{Kind: agentv1.Place_KIND_HOST_CACHE}

// Start places the VM, makes its root disk if it has none yet and its drive,
// and starts it.
func (m Machines) Start(ctx context.Context, j *resource.Job, id resource.VMID, deploy bool, wish place.Wish) error {
	state := &machine{VM: id, Deploy: deploy, Wish: wish}
	err := Run(ctx, m.Engine, j, Flow[machine]{
		Name: "start VM " + string(id),
		Steps: []Step[machine]{
			m.placeStep(),
			m.volumeStep(j),
			m.driveStep(j),
			m.startStep(j),
			m.runningStep(),
		},
	}, state)
	return explain(ctx, err)
}

// Stop stops the VM and removes its drive. Forced pulls the plug, and counts
// the VM as stopped even when its host is away.
func (m Machines) Stop(ctx context.Context, j *resource.Job, id resource.VMID, forced bool) error {
	return m.stop(ctx, j, &machine{VM: id, Forced: forced})
}

// Reap does for a VM whose guest shut itself down what Stop does for the
// others. A VM that runs after all is left alone.
func (m Machines) Reap(ctx context.Context, j *resource.Job, id resource.VMID) error {
	return m.stop(ctx, j, &machine{VM: id, Ended: true})
}

func (m Machines) stop(ctx context.Context, j *resource.Job, state *machine) error {
	return Run(ctx, m.Engine, j, Flow[machine]{
		Name: "stop VM " + string(state.VM),
		Steps: []Step[machine]{
			m.stoppingStep(),
			m.stopStep(j),
			m.removeDriveStep(j),
			m.stoppedStep(),
		},
	}, state)
}

// Destroy stops the VM by force if it runs, and marks it destroyed; with
// expunge nothing of it is left: no domain, drive, disk, address or row.
func (m Machines) Destroy(ctx context.Context, j *resource.Job, id resource.VMID, expunge bool) error {
	steps := []Step[machine]{
		m.stoppingStep(),
		m.stopStep(j),
		m.removeDriveStep(j),
		m.stoppedStep(),
		m.destroyedStep(),
	}
	if expunge {
		steps = append(steps, m.removeVolumesStep(j), m.expungedStep())
	}
	return Run(ctx, m.Engine, j, Flow[machine]{Name: "destroy VM " + string(id), Steps: steps}, &machine{VM: id, Forced: true})
}

// explain makes a deadline's cause the error, so that the user reads which
// limit it was.
func explain(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !job.Interrupted(ctx) {
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return err
}
