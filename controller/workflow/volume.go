package workflow

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

func (m Machines) rootVolume(ctx context.Context, vm resource.VMID) (*resource.Volume, error) {
	return store.First[resource.Volume](ctx, m.Store, store.Filter{"vm_id": vm, "type": "ROOT"})
}

// volumeStep makes the root disk at the VM's first start.
func (m Machines) volumeStep(j *resource.Job) Step[machine] {
	const step = "volume"
	return Step[machine]{
		Name: step,
		Do: func(ctx context.Context, s *machine) error {
			volume, err := m.rootVolume(ctx, s.VM)
			if err != nil || volume.State == resource.VolumeReady {
				return err
			}
			s.MadeVolume = true
			act, err := m.createVolume(ctx, volume)
			if err != nil {
				return err
			}
			action := s.action(j, step)
			action.Act = &agentv1.Action_CreateVolume{CreateVolume: act}
			done, err := m.Dispatch.Do(ctx, j.ID, s.Host, action)
			if err != nil {
				return err
			}
			made := done.GetCreateVolume()
			volume.Path, volume.SizeBytes, volume.Format = made.GetPath(), int64(made.GetSizeBytes()), made.GetFormat()
			volume.State = resource.VolumeReady
			return store.Update(ctx, m.Store, volume, "path", "size_bytes", "format", "state")
		},
		Undo: func(ctx context.Context, s *machine) error {
			volume, err := m.rootVolume(ctx, s.VM)
			if err != nil || !s.MadeVolume {
				return err
			}
			volume.State, volume.Path = resource.VolumeAllocated, ""
			if err := store.Update(ctx, m.Store, volume, "state", "path"); err != nil {
				return err
			}
			action := s.undo(j, step)
			action.Act, err = m.deleteVolume(ctx, volume)
			if err != nil {
				return err
			}
			return m.Dispatch.Undo(ctx, j.ID, s.Host, dispatch.ID(j.ID, step), action)
		},
	}
}

func (m Machines) createVolume(ctx context.Context, volume *resource.Volume) (*agentv1.CreateVolume, error) {
	template, err := store.Get[resource.Template](ctx, m.Store, volume.TemplateID)
	if err != nil {
		return nil, err
	}
	from, err := m.storePlace(ctx, template.StoreID)
	if err != nil {
		return nil, err
	}
	pool, err := m.poolPlace(ctx, volume.PoolID)
	return &agentv1.CreateVolume{
		VolumeId: string(volume.ID), Pool: pool, SizeBytes: uint64(volume.SizeBytes),
		TemplateId: string(template.ID), TemplateStore: from,
		TemplateSha256: template.SHA256, TemplateFormat: imageFormat(template.Format),
	}, err
}

func (m Machines) deleteVolume(ctx context.Context, volume *resource.Volume) (*agentv1.Action_DeleteVolume, error) {
	pool, err := m.poolPlace(ctx, volume.PoolID)
	return &agentv1.Action_DeleteVolume{DeleteVolume: &agentv1.DeleteVolume{VolumeId: string(volume.ID), Pool: pool}}, err
}

// removeVolumesStep removes the disks of a VM for good. A pool that no host
// reaches now is left to the host that used it last.
func (m Machines) removeVolumesStep(j *resource.Job) Step[machine] {
	return Step[machine]{
		Name: "remove-volumes",
		Do: func(ctx context.Context, s *machine) error {
			volumes, err := store.All[resource.Volume](ctx, m.Store, store.Filter{"vm_id": s.VM})
			if err != nil {
				return err
			}
			for i := range volumes {
				if err := m.removeVolume(ctx, j, s, &volumes[i]); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (m Machines) removeVolume(ctx context.Context, j *resource.Job, s *machine, volume *resource.Volume) error {
	if volume.PoolID == "" {
		return nil
	}
	host, err := m.hostOf(ctx, s, volume)
	if err != nil || host == "" {
		return err
	}
	step := "remove-volume-" + string(volume.ID)
	action := s.undo(j, step)
	if action.Act, err = m.deleteVolume(ctx, volume); err != nil {
		return err
	}
	return m.leave(ctx, j, host, step, action)
}

// hostOf finds a host that reaches the volume's pool: one that is there, else
// the last one of the VM.
func (m Machines) hostOf(ctx context.Context, s *machine, volume *resource.Volume) (resource.HostID, error) {
	vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
	if err != nil {
		return "", err
	}
	pool, err := store.Get[resource.Pool](ctx, m.Store, volume.PoolID)
	if err != nil {
		return "", err
	}
	hosts, err := store.All[resource.Host](ctx, m.Store, store.Filter{"zone_id": pool.ZoneID, "cluster_id": pool.ClusterID, "state": resource.HostUp})
	if err != nil {
		return "", err
	}
	last := vm.LastHostID
	for _, host := range hosts {
		if host.ID == vm.LastHostID || last == "" {
			return host.ID, nil
		}
	}
	if pool.Type != resource.PoolFilesystem && len(hosts) > 0 {
		return hosts[0].ID, nil
	}
	return last, nil
}

// leave has a host do something that must not hold the job up: it waits for a
// while, and goes on when the host cannot do it now. It then stays to be done,
// before all that the job has the host do for the VM after it.
func (m Machines) leave(ctx context.Context, j *resource.Job, host resource.HostID, step string, action *agentv1.Action) error {
	err := m.Dispatch.Undo(ctx, j.ID, host, dispatch.ID(j.ID, step), action)
	if fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
		m.Log.WarnContext(ctx, "left for the host to do", "job", j.ID, "host", host, "action", action.GetId(), "err", err)
		return nil
	}
	return err
}

func imageFormat(format string) string {
	if format == "RAW" {
		return "raw"
	}
	return "qcow2"
}
