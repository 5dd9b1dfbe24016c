package controller

import (
	"github.com/cairn-kvm/cairn/controller/command/cluster"
	"github.com/cairn-kvm/cairn/controller/command/discovery"
	"github.com/cairn-kvm/cairn/controller/command/host"
	"github.com/cairn-kvm/cairn/controller/command/imagestore"
	jobs "github.com/cairn-kvm/cairn/controller/command/job"
	"github.com/cairn-kvm/cairn/controller/command/network"
	"github.com/cairn-kvm/cairn/controller/command/networkoffering"
	"github.com/cairn-kvm/cairn/controller/command/offering"
	"github.com/cairn-kvm/cairn/controller/command/pod"
	"github.com/cairn-kvm/cairn/controller/command/pool"
	settings "github.com/cairn-kvm/cairn/controller/command/setting"
	"github.com/cairn-kvm/cairn/controller/command/sshkey"
	"github.com/cairn-kvm/cairn/controller/command/template"
	"github.com/cairn-kvm/cairn/controller/command/vm"
	"github.com/cairn-kvm/cairn/controller/command/zone"
	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/place"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/workflow"
)

// declare fills the catalogue: this is the API's table of contents.
func (c *Controller) declare(values setting.Settings, dispatcher *dispatch.Dispatcher) {
	s := c.state.store
	machines := workflow.Machines{
		Engine:   workflow.Engine{Store: s, Log: c.log.With("part", "workflow")},
		Dispatch: dispatcher, Place: place.Placer{Store: s, Settings: values}, Settings: values,
	}
	c.catalog.Add(
		zone.Commands(zone.Deps{Store: s}),
		pod.Commands(pod.Deps{Store: s}),
		cluster.Commands(cluster.Deps{Store: s}),
		host.Commands(host.Deps{Store: s}),
		pool.Commands(pool.Deps{Store: s}),
		imagestore.Commands(imagestore.Deps{Store: s}),
		offering.Commands(offering.Deps{Store: s}),
		networkoffering.Commands(networkoffering.Deps{Store: s}),
		network.Commands(network.Deps{Store: s}),
		template.Commands(template.Deps{Store: s, Machines: machines, Jobs: c.catalog}),
		sshkey.Commands(sshkey.Deps{Store: s}),
		vm.Commands(vm.Deps{Store: s, Settings: values, Machines: machines}),
		jobs.Commands(jobs.Deps{Store: s}),
		settings.Commands(settings.Deps{Settings: values}),
		discovery.Commands(discovery.Deps{Catalog: c.catalog}),
	)
}
