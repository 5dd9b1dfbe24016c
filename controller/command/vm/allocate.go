package vm

import (
	"context"
	"fmt"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// allocate checks the whole wish and makes the records of the VM. It runs in
// the transaction of the job: a refusal leaves nothing.
func (d Deps) allocate(ctx context.Context, p deployParams) (string, error) {
	owner, err := p.Owner(ctx, d.Store)
	if err != nil {
		return "", err
	}
	now := time.Now().UTC()
	vm := &resource.VM{
		ID: store.NewID[resource.VMID](), Owner: owner, UserID: access.From(ctx).UserID, State: resource.VMStopped,
		ZoneID: p.Zone, OfferingID: p.Offering, TemplateID: p.Template,
		Name: p.Name, DisplayName: p.DisplayName, Details: p.Details, Created: now, Updated: now,
	}
	template, err := d.template(ctx, vm)
	if err != nil {
		return "", err
	}
	vm.OSTypeID = template.OSTypeID
	if err := d.size(ctx, vm); err != nil {
		return "", err
	}
	networks, err := d.networks(ctx, vm, p)
	if err != nil {
		return "", err
	}
	if err := d.data(ctx, vm, p, template, networks[0]); err != nil {
		return "", err
	}
	if err := d.name(ctx, vm); err != nil {
		return "", err
	}
	if err := store.Insert(ctx, d.Store, vm); err != nil {
		return "", err
	}
	if err := d.connect(ctx, vm, networks, p); err != nil {
		return "", err
	}
	return string(vm.ID), d.disk(ctx, vm, template, p.RootSize)
}

// template must be whole, and of the VM's zone.
func (d Deps) template(ctx context.Context, vm *resource.VM) (*resource.Template, error) {
	zone, err := store.Get[resource.Zone](ctx, d.Store, vm.ZoneID)
	if err != nil {
		return nil, err
	}
	template, err := store.Get[resource.Template](ctx, d.Store, vm.TemplateID)
	switch {
	case err != nil:
		return nil, err
	case zone.Allocation != resource.AllocationEnabled && !access.From(ctx).Root():
		return nil, fault.New(fault.Denied, "Cannot perform this operation, Zone is currently disabled: %s", zone.Name)
	case template.ZoneID != vm.ZoneID:
		return nil, fault.New(fault.Invalid, "Template %s is not available in zone %s", template.ID, zone.Name)
	case template.State == resource.TemplateRefused:
		return nil, fault.New(fault.Invalid, "Template %s is not ready: %s", template.ID, template.Problem)
	case template.State != resource.TemplateReady:
		return nil, fault.New(fault.Invalid, "Template %s is not ready yet", template.ID)
	}
	return template, nil
}

// name gives the VM its number and names. A host name is free once per account
// and zone.
func (d Deps) name(ctx context.Context, vm *resource.VM) error {
	number, err := d.Store.Next(ctx, "vm")
	if err != nil {
		return err
	}
	account, err := store.Get[resource.Account](ctx, d.Store, vm.AccountID)
	if err != nil {
		return err
	}
	vm.Number, vm.InstanceName = number, fmt.Sprintf("i-%d-%d-VM", account.Number, number)
	if vm.Name == "" {
		vm.Name = "VM-" + string(vm.ID)
	}
	if vm.DisplayName == "" {
		vm.DisplayName = vm.Name
	}
	taken, err := store.Count[resource.VM](ctx, d.Store, store.Filter{
		"account_id": vm.AccountID, "zone_id": vm.ZoneID, "name": store.Fold(vm.Name),
	})
	if err != nil {
		return err
	}
	if taken > 0 {
		return fault.New(fault.Invalid, "The vm with hostName %s already exists in the network domain: %s", vm.Name, vm.ZoneID)
	}
	return nil
}

// disk makes the record of the root disk; the image is made at the first
// start.
func (d Deps) disk(ctx context.Context, vm *resource.VM, template *resource.Template, sizeGiB *int64) error {
	size := template.SizeBytes
	if sizeGiB != nil {
		size = *sizeGiB << 30
		if size < template.SizeBytes {
			return fault.New(fault.Invalid, "Root disk size %d GiB is smaller than the template's %d bytes", *sizeGiB, template.SizeBytes)
		}
	} else {
		offering, err := store.Get[resource.ServiceOffering](ctx, d.Store, vm.OfferingID)
		if err != nil {
			return err
		}
		size = max(size, int64(offering.RootGiB)<<30)
	}
	return store.Insert(ctx, d.Store, &resource.Volume{
		ID: store.NewID[resource.VolumeID](), Owner: vm.Owner, ZoneID: vm.ZoneID, VMID: vm.ID, TemplateID: template.ID,
		Name: fmt.Sprintf("ROOT-%d", vm.Number), Type: "ROOT", SizeBytes: size, State: resource.VolumeAllocated, Created: vm.Created,
	})
}

// data checks and keeps what the drive is to tell.
func (d Deps) data(ctx context.Context, vm *resource.VM, p deployParams, template *resource.Template, network *resource.Network) error {
	if err := d.userData(ctx, vm, p); err != nil {
		return err
	}
	if err := d.keys(ctx, vm, p); err != nil {
		return err
	}
	if err := d.password(ctx, vm, p, template); err != nil {
		return err
	}
	return d.needsUserDataService(ctx, vm, template, network)
}

// needsUserDataService refuses data that no drive could carry.
func (d Deps) needsUserDataService(ctx context.Context, vm *resource.VM, template *resource.Template, network *resource.Network) error {
	offering, err := store.Get[resource.NetworkOffering](ctx, d.Store, network.OfferingID)
	if err != nil || offering.Provides(resource.ServiceUserData, resource.ProviderConfigDrive) {
		return err
	}
	what := ""
	switch {
	case len(vm.UserData) > 0:
		what = "UserData is provided while deploying the VM"
	case len(vm.PublicKeys) > 0:
		what = "SSH keypair is provided while deploying the VM"
	case template.PasswordEnabled:
		what = fmt.Sprintf("template %s is password enabled", template.ID)
	default:
		return nil
	}
	return fault.New(fault.Invalid, "Unable to deploy VM as %s, but there is no support for %s service in the default network %s/%s",
		what, resource.ServiceUserData, network.Name, network.ID)
}

// size takes the offering's size, or the deployment's where the offering has
// none.
func (d Deps) size(ctx context.Context, vm *resource.VM) error {
	offering, err := store.Get[resource.ServiceOffering](ctx, d.Store, vm.OfferingID)
	if err != nil {
		return err
	}
	if offering.State != "Active" {
		return fault.New(fault.Invalid, "Service offering %s is not active", offering.ID)
	}
	if offering.Custom {
		return customSize(vm)
	}
	for _, name := range sizeDetails {
		if _, given := detail(vm.Details, name); given {
			return fault.New(fault.Invalid, "cpuNumber or cpuSpeed or memory should not be specified for static service offering")
		}
	}
	vm.CPUs, vm.MHz, vm.MemoryMiB = offering.CPUs, offering.MHz, offering.MemoryMiB
	return nil
}

// userDataLimit is the setting, in characters of Base64.
func (d Deps) userDataLimit(ctx context.Context) (int, error) {
	return setting.UserDataMaxLength.Global(ctx, d.Settings)
}
