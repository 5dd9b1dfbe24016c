package offering

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type createParams struct {
	Name        string      `param:"name,required" doc:"the name of the offering"`
	DisplayText string      `param:"displaytext" max:"4096" doc:"more about it, its name where absent"`
	CPUs        *int        `param:"cpunumber" doc:"how many CPUs a VM has, 1 to 1024; without cpunumber, cpuspeed and memory, the deployment says the size"`
	MHz         *int        `param:"cpuspeed" doc:"the speed of each CPU in MHz, 1 to 100000"`
	Memory      *int        `param:"memory" doc:"the memory of a VM in MiB, 32 to 16777216"`
	Customized  *bool       `param:"customized" doc:"whether the deployment says the size; it must agree with the size given here"`
	RootGiB     *int64      `param:"rootdisksize" doc:"the size of the root disk in GiB, 1 to 65536, where larger than the template's"`
	StorageType storageType `param:"storagetype" doc:"shared or local; shared where absent"`
	HostTags    string      `param:"hosttags" doc:"the tags of hosts for it, separated by commas"`
	StorageTags string      `param:"tags" doc:"the tags of pools for it, separated by commas"`
	OfferHA     bool        `param:"offerha" doc:"whether VMs are to be highly available"`
	LimitCPUUse bool        `param:"limitcpuuse" doc:"whether a VM has the speed at most"`
}

type storageType string

func (storageType) Values() []string { return []string{"shared", "local"} }

func (p *createParams) Check() error {
	if p.DisplayText == "" {
		p.DisplayText = p.Name
	}
	if p.StorageType == "" {
		p.StorageType = "shared"
	}
	if p.RootGiB != nil && (*p.RootGiB < 1 || *p.RootGiB > 1<<16) {
		return fault.New(fault.Invalid, "Service offering %s: specify the root disk size between 1 and %d GiB, not %d", p.Name, 1<<16, *p.RootGiB)
	}
	custom := p.custom()
	switch {
	case !custom && (p.CPUs == nil || p.MHz == nil || p.Memory == nil):
		return fault.New(fault.Invalid, "Service offering %s: specify all of cpunumber, cpuspeed and memory, or none of them for a custom one", p.Name)
	case p.Customized != nil && *p.Customized != custom:
		return fault.New(fault.Invalid, "Service offering %s: a customized one has no cpunumber, cpuspeed and memory, every other has all of them", p.Name)
	case custom:
		return nil
	}
	return p.checkSize()
}

func (p *createParams) custom() bool { return p.CPUs == nil && p.MHz == nil && p.Memory == nil }

func (p *createParams) checkSize() error {
	for _, bound := range []struct {
		what            string
		value           int
		lowest, highest int
	}{
		{"cpu number", *p.CPUs, 1, 1024}, {"cpu speed", *p.MHz, 1, 100_000}, {"memory", *p.Memory, 32, 1 << 24},
	} {
		if bound.value < bound.lowest || bound.value > bound.highest {
			return fault.New(fault.Invalid, "Service offering %s: specify the %s value between %d and %d, not %d",
				p.Name, bound.what, bound.lowest, bound.highest, bound.value)
		}
	}
	return nil
}

func create(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "createServiceOffering", Summary: "Creates a service offering.", Since: "1.0", Roles: command.RootOnly, Event: "SERVICE.OFFERING.CREATE",
	}, func(ctx context.Context, p createParams) (view.ServiceOffering, error) {
		row := &resource.ServiceOffering{
			ID: store.NewID[resource.ServiceOfferingID](), Name: p.Name, DisplayText: p.DisplayText, Custom: p.custom(),
			StorageType: string(p.StorageType), HostTags: p.HostTags, StorageTags: p.StorageTags,
			OfferHA: p.OfferHA, LimitCPUUse: p.LimitCPUUse, State: active, Created: time.Now().UTC(),
		}
		if !row.Custom {
			row.CPUs, row.MHz, row.MemoryMiB = *p.CPUs, *p.MHz, *p.Memory
		}
		if p.RootGiB != nil {
			row.RootGiB = int(*p.RootGiB)
		}
		if err := store.Insert(ctx, d.Store, row); err != nil {
			return view.ServiceOffering{}, err
		}
		return view.ServiceOfferingOf(row), nil
	})
}
