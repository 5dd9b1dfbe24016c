package workflow

import (
	"context"
	"strings"

	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/vmdata"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// locationHost is CloudStack's word for a drive in the host's cache.
const locationHost = "HOST"

// driveStep has the host build the drive from the records as they are now.
func (m Machines) driveStep(j *resource.Job) Step[machine] {
	const step = "drive"
	return Step[machine]{
		Name: step,
		Do: func(ctx context.Context, s *machine) error {
			if err := m.claimDrive(ctx, s.VM); err != nil {
				return err
			}
			act, err := m.buildDrive(ctx, s)
			if err != nil {
				return err
			}
			action := s.action(j, step)
			action.Act = &agentv1.Action_BuildDrive{BuildDrive: act}
			done, err := m.Dispatch.Do(ctx, j.ID, s.Host, action)
			if err != nil {
				return err
			}
			s.Drive = drive{done.GetBuildDrive().GetPath(), done.GetBuildDrive().GetSha256()}
			return m.change(ctx, s.VM, func(_ context.Context, vm *resource.VM) error {
				vm.DrivePlace, vm.DriveSHA256 = locationHost, s.Drive.SHA256
				return nil
			})
		},
		Undo: func(ctx context.Context, s *machine) error {
			vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
			if err != nil || s.Host == "" {
				return err
			}
			action := s.undo(j, step)
			action.Act = deleteDrive(vm)
			if err := m.Dispatch.Undo(ctx, j.ID, s.Host, dispatch.ID(j.ID, step), action); err != nil {
				return err
			}
			return m.forgetDrive(ctx, s.VM)
		},
	}
}

// claimDrive records where the drive is about to lie, before it does: whatever
// happens then, whoever removes the VM looks there.
func (m Machines) claimDrive(ctx context.Context, id resource.VMID) error {
	return m.change(ctx, id, func(_ context.Context, vm *resource.VM) error {
		vm.DrivePlace = locationHost
		return nil
	})
}

func (m Machines) forgetDrive(ctx context.Context, id resource.VMID) error {
	return m.change(ctx, id, func(_ context.Context, vm *resource.VM) error {
		vm.DrivePlace, vm.DriveSHA256 = "", ""
		return nil
	})
}

func deleteDrive(vm *resource.VM) *agentv1.Action_DeleteDrive {
	return &agentv1.Action_DeleteDrive{DeleteDrive: &agentv1.DeleteDrive{
		VmId: string(vm.ID), InstanceName: vm.InstanceName, Place: hostCache,
	}}
}

// removeDriveStep removes the drive where it lies. A host that is away has it
// to do when it is back.
func (m Machines) removeDriveStep(j *resource.Job) Step[machine] {
	const step = "remove-drive"
	return Step[machine]{
		Name: step,
		Do: func(ctx context.Context, s *machine) error {
			vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
			if err != nil || s.Host == "" {
				return err
			}
			action := s.undo(j, step)
			action.Act = deleteDrive(vm)
			return m.leave(ctx, j, s.Host, step, action)
		},
	}
}

// buildDrive collects all that the drive tells.
func (m Machines) buildDrive(ctx context.Context, s *machine) (*agentv1.BuildDrive, error) {
	vm, err := store.Get[resource.VM](ctx, m.Store, s.VM)
	if err != nil {
		return nil, err
	}
	facts, err := m.facts(ctx, vm)
	if err != nil {
		return nil, err
	}
	label, err := setting.ConfigDriveLabel.Global(ctx, m.Settings)
	if err != nil {
		return nil, err
	}
	nics, err := m.nics(ctx, vm.ID)
	if err != nil {
		return nil, err
	}
	act := &agentv1.BuildDrive{
		VmId: string(vm.ID), InstanceName: vm.InstanceName, Label: label, Place: hostCache, Nics: nics, Windows: facts.Windows,
	}
	for _, item := range vmdata.List(facts) {
		act.Items = append(act.Items, &agentv1.DataItem{Directory: item.Directory, Name: item.Name, Content: item.Content})
	}
	return act, nil
}

func (m Machines) facts(ctx context.Context, vm *resource.VM) (vmdata.Facts, error) {
	facts := vmdata.Facts{VM: vm}
	offering, err := store.Get[resource.ServiceOffering](ctx, m.Store, vm.OfferingID)
	if err != nil {
		return facts, err
	}
	zone, err := store.Get[resource.Zone](ctx, m.Store, vm.ZoneID)
	if err != nil {
		return facts, err
	}
	if facts.UserData, err = m.Store.UnsealBytes(vm.UserData); err != nil {
		return facts, err
	}
	if facts.Password, err = m.Store.Unseal(vm.Password); err != nil {
		return facts, err
	}
	if facts.CloudIdentifier, err = setting.CloudIdentifier.Global(ctx, m.Settings); err != nil {
		return facts, err
	}
	if facts.NIC, err = m.defaultNIC(ctx, vm.ID); err != nil {
		return facts, err
	}
	if facts.HostName, err = m.exposedHost(ctx, vm); err != nil {
		return facts, err
	}
	facts.OfferingText, facts.ZoneName = offering.DisplayText, zone.Name
	facts.Windows = strings.Contains(strings.ToLower(vm.OSTypeID), "windows")
	return facts, nil
}

// exposedHost is the host's name, where guests may learn it.
func (m Machines) exposedHost(ctx context.Context, vm *resource.VM) (string, error) {
	exposed, err := setting.ExposeHostName.Global(ctx, m.Settings)
	if err != nil || !exposed {
		return "", err
	}
	host, err := store.Get[resource.Host](ctx, m.Store, vm.HostID)
	if err != nil {
		return "", err
	}
	return host.Name, nil
}
