package view

import (
	"context"
	"strconv"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// vmSurroundings is what VMs refer to, by id.
type vmSurroundings struct {
	accounts  map[resource.AccountID]*resource.Account
	domains   map[resource.DomainID]*resource.Domain
	users     map[resource.UserID]*resource.User
	zones     map[resource.ZoneID]*resource.Zone
	hosts     map[resource.HostID]*resource.Host
	templates map[resource.TemplateID]*resource.Template
	offerings map[resource.ServiceOfferingID]*resource.ServiceOffering
	networks  map[resource.NetworkID]*resource.Network
	nics      map[resource.VMID][]resource.NIC
	jobs      map[resource.VMID]*resource.Job
}

// surroundings looks all of it up, with one statement for each kind.
func surroundings(ctx context.Context, s *store.Store, vms []resource.VM) (*vmSurroundings, error) {
	a := &vmSurroundings{nics: map[resource.VMID][]resource.NIC{}, jobs: map[resource.VMID]*resource.Job{}}
	ids := distinct(vms, func(vm *resource.VM) resource.VMID { return vm.ID })
	nics, err := store.All[resource.NIC](ctx, s, store.Filter{"vm_id": ids})
	if err != nil {
		return nil, err
	}
	for _, nic := range nics {
		a.nics[nic.VMID] = append(a.nics[nic.VMID], nic)
	}
	jobs, err := store.All[resource.Job](ctx, s, store.Filter{
		"instance_id": ids, "status": []resource.JobStatus{resource.JobPending, resource.JobRunning},
	})
	if err != nil {
		return nil, err
	}
	for i := range jobs {
		a.jobs[resource.VMID(jobs[i].InstanceID)] = &jobs[i]
	}
	load(ctx, s, &err, &a.accounts, distinct(vms, func(vm *resource.VM) resource.AccountID { return vm.AccountID }),
		func(row *resource.Account) resource.AccountID { return row.ID })
	load(ctx, s, &err, &a.domains, distinct(vms, func(vm *resource.VM) resource.DomainID { return vm.DomainID }),
		func(row *resource.Domain) resource.DomainID { return row.ID })
	load(ctx, s, &err, &a.users, distinct(vms, func(vm *resource.VM) resource.UserID { return vm.UserID }),
		func(row *resource.User) resource.UserID { return row.ID })
	load(ctx, s, &err, &a.zones, distinct(vms, func(vm *resource.VM) resource.ZoneID { return vm.ZoneID }),
		func(row *resource.Zone) resource.ZoneID { return row.ID })
	load(ctx, s, &err, &a.hosts, distinct(vms, func(vm *resource.VM) resource.HostID { return vm.HostID }),
		func(row *resource.Host) resource.HostID { return row.ID })
	load(ctx, s, &err, &a.templates, distinct(vms, func(vm *resource.VM) resource.TemplateID { return vm.TemplateID }),
		func(row *resource.Template) resource.TemplateID { return row.ID })
	load(ctx, s, &err, &a.offerings, distinct(vms, func(vm *resource.VM) resource.ServiceOfferingID { return vm.OfferingID }),
		func(row *resource.ServiceOffering) resource.ServiceOfferingID { return row.ID })
	load(ctx, s, &err, &a.networks, distinct(nics, func(nic *resource.NIC) resource.NetworkID { return nic.NetworkID }),
		func(row *resource.Network) resource.NetworkID { return row.ID })
	return a, err
}

// load fills one map, unless something has failed already.
func load[T any, ID ~string](ctx context.Context, s *store.Store, failure *error, into *map[ID]*T, ids []ID, of func(*T) ID) {
	if *failure == nil {
		*into, *failure = store.ByID(ctx, s, ids, of)
	}
}

func distinct[T any, ID ~string](rows []T, of func(*T) ID) []ID {
	seen := make(map[ID]bool, len(rows))
	ids := []ID{}
	for i := range rows {
		if id := of(&rows[i]); id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// name fills in the names of what the VM refers to.
func (a *vmSurroundings) name(v *VirtualMachine, vm *resource.VM) {
	if account := a.accounts[vm.AccountID]; account != nil {
		v.Account = account.Name
	}
	if domain := a.domains[vm.DomainID]; domain != nil {
		v.Domain, v.DomainPath = domain.Name, DomainPath(domain)
	}
	if user := a.users[vm.UserID]; user != nil {
		v.Username = user.Name
	}
	if zone := a.zones[vm.ZoneID]; zone != nil {
		v.ZoneName = zone.Name
	}
	if template := a.templates[vm.TemplateID]; template != nil {
		v.TemplateName, v.TemplateDisplayText = template.Name, template.DisplayText
		v.PasswordEnabled = template.PasswordEnabled
	}
	if offering := a.offerings[vm.OfferingID]; offering != nil {
		v.OfferingName = offering.Name
	}
}

func (a *vmSurroundings) nic(nic *resource.NIC) NIC {
	v := NIC{
		ID: nic.ID, NetworkID: nic.NetworkID, DeviceID: strconv.Itoa(nic.Device), MAC: nic.MAC,
		IPAddress: nic.IPv4, Netmask: nic.Netmask, Gateway: nic.Gateway,
		IP6Address: nic.IPv6, IP6Gateway: nic.IPv6Gateway, MTU: nic.MTU, Default: nic.Default, TrafficType: "Guest",
	}
	if network := a.networks[nic.NetworkID]; network != nil {
		v.NetworkName, v.Type = network.Name, string(network.GuestType)
	}
	return v
}
