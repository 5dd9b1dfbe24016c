package view

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Host is CloudStack's host object.
type Host struct {
	ID                  resource.HostID     `json:"id" doc:"the id of the host"`
	Name                string              `json:"name" doc:"its name"`
	State               resource.HostState  `json:"state" doc:"whether its agent is there: Connecting, Up or Disconnected"`
	ResourceState       resource.Allocation `json:"resourcestate" doc:"whether VMs may be placed on it"`
	Type                string              `json:"type" doc:"Routing"`
	IPAddress           string              `json:"ipaddress,omitempty" doc:"where its agent dials from"`
	ZoneID              resource.ZoneID     `json:"zoneid" doc:"the zone it is in"`
	ZoneName            string              `json:"zonename" doc:"the name of the zone"`
	PodID               resource.PodID      `json:"podid" doc:"the pod it is in"`
	PodName             string              `json:"podname" doc:"the name of the pod"`
	ClusterID           resource.ClusterID  `json:"clusterid" doc:"the cluster it is in"`
	ClusterName         string              `json:"clustername" doc:"the name of the cluster"`
	ClusterType         string              `json:"clustertype" doc:"CloudManaged"`
	Hypervisor          string              `json:"hypervisor" doc:"KVM"`
	HypervisorVersion   string              `json:"hypervisorversion,omitempty" doc:"the version of its QEMU"`
	Version             string              `json:"version,omitempty" doc:"the version of its agent"`
	Arch                string              `json:"arch,omitempty" doc:"its architecture"`
	Capabilities        string              `json:"capabilities" doc:"hvm"`
	CPUs                int                 `json:"cpunumber" doc:"how many CPUs it has"`
	MHz                 int64               `json:"cpuspeed" doc:"the speed of each, in MHz"`
	CPUAllocated        string              `json:"cpuallocated" doc:"how many CPUs its VMs have, in percent of its own; above 100 where it is overcommitted"`
	MemoryTotal         int64               `json:"memorytotal" doc:"its memory, in bytes"`
	MemoryAllocated     int64               `json:"memoryallocated" doc:"the memory of its VMs, in bytes"`
	MemoryAllocatedByte int64               `json:"memoryallocatedbytes" doc:"the same"`
	MemoryAllocatedPart string              `json:"memoryallocatedpercentage" doc:"the same, in percent of its own"`
	Details             map[string]string   `json:"details" doc:"kvm: whether it has hardware virtualisation; bridges: what its VMs can be connected to; vms: how many it carries"`
	Created             Date                `json:"created" doc:"when it joined"`
	LastPinged          *Date               `json:"lastpinged,omitempty" doc:"when its agent was heard last"`
}

// ObjectName is CloudStack's.
func (Host) ObjectName() string { return "host" }

// HostType is what every host is: one that runs VMs.
const HostType = "Routing"

// Hosts shows hosts and what their VMs take of them.
func Hosts(ctx context.Context, s *store.Store, rows []resource.Host) ([]Host, error) {
	in, err := locate(ctx, s, rows, func(h *resource.Host) location { return location{h.ZoneID, h.PodID, h.ClusterID} })
	if err != nil {
		return nil, err
	}
	use, err := s.HostUse(ctx, distinct(rows, func(h *resource.Host) resource.HostID { return h.ID }))
	if err != nil {
		return nil, err
	}
	views := make([]Host, len(rows))
	for i := range rows {
		h := &rows[i]
		views[i] = hostOf(h, use[h.ID])
		views[i].ZoneName, views[i].PodName, views[i].ClusterName = in.zone(h.ZoneID), in.pod(h.PodID), in.cluster(h.ClusterID)
	}
	return views, nil
}

func hostOf(h *resource.Host, use store.Use) Host {
	taken := use.MemoryMiB << 20
	v := Host{
		ID: h.ID, Name: h.Name, State: h.State, ResourceState: h.Allocation, Type: HostType, IPAddress: h.Address,
		ZoneID: h.ZoneID, PodID: h.PodID, ClusterID: h.ClusterID, ClusterType: ClusterType,
		Hypervisor: Hypervisor, HypervisorVersion: h.HypervisorVersion, Version: h.AgentVersion, Arch: h.Arch, Capabilities: "hvm",
		CPUs: h.CPUs, MHz: int64(h.MHz), CPUAllocated: percent(int64(use.CPUs), int64(h.CPUs)),
		MemoryTotal: h.MemoryBytes, MemoryAllocated: taken, MemoryAllocatedByte: taken, MemoryAllocatedPart: percent(taken, h.MemoryBytes),
		Details: map[string]string{
			"kvm": strconv.FormatBool(h.KVM), "bridges": strings.Join(h.Bridges, ","), "vms": strconv.Itoa(use.VMs),
		},
		Created: At(h.Created),
	}
	if !h.Seen.IsZero() {
		v.LastPinged = AtOrNil(&h.Seen)
	}
	return v
}

// percent is CloudStack's form of a part of a host.
func percent(part, whole int64) string {
	if whole == 0 {
		return "0.00%"
	}
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(whole))
}
