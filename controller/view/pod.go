package view

import (
	"context"
	"net/netip"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Pod is CloudStack's pod object. A pod has one range of addresses or none;
// the object has lists of their parts and of the ranges.
type Pod struct {
	ID           resource.PodID      `json:"id" doc:"the id of the pod"`
	Name         string              `json:"name" doc:"its name"`
	ZoneID       resource.ZoneID     `json:"zoneid" doc:"the zone it is in"`
	ZoneName     string              `json:"zonename" doc:"the name of the zone"`
	Gateway      string              `json:"gateway,omitempty" doc:"the gateway of its subnet"`
	Netmask      string              `json:"netmask,omitempty" doc:"the netmask of its subnet"`
	StartIP      []string            `json:"startip" doc:"the first addresses of its ranges"`
	EndIP        []string            `json:"endip" doc:"the last addresses of its ranges"`
	VLANID       []string            `json:"vlanid" doc:"the VLANs of its ranges"`
	ForSystemVMs []string            `json:"forsystemvms" doc:"whether its ranges are for system VMs, which there are not: 0"`
	IPRanges     []IPRange           `json:"ipranges" doc:"its ranges of addresses"`
	Allocation   resource.Allocation `json:"allocationstate" doc:"whether VMs may be placed in it"`
}

// ObjectName is CloudStack's.
func (Pod) ObjectName() string { return "pod" }

// IPRange is a range of addresses of a pod.
type IPRange struct {
	StartIP      string `json:"startip" doc:"the first address"`
	EndIP        string `json:"endip" doc:"the last address"`
	Gateway      string `json:"gateway" doc:"the gateway"`
	CIDR         string `json:"cidr" doc:"the subnet"`
	VLANID       string `json:"vlanid" doc:"the VLAN"`
	ForSystemVMs string `json:"forsystemvms" doc:"0"`
}

// Pods shows pods.
func Pods(ctx context.Context, s *store.Store, rows []resource.Pod) ([]Pod, error) {
	in, err := locate(ctx, s, rows, func(p *resource.Pod) location { return location{zone: p.ZoneID} })
	if err != nil {
		return nil, err
	}
	views := make([]Pod, len(rows))
	for i := range rows {
		views[i] = podOf(&rows[i], in.zone(rows[i].ZoneID))
	}
	return views, nil
}

// PodOf shows one pod.
func PodOf(ctx context.Context, s *store.Store, row *resource.Pod) (Pod, error) {
	return one(ctx, s, row, Pods)
}

// untagged is how a range says that it is in no VLAN.
const untagged = "vlan://untagged"

func podOf(p *resource.Pod, zone string) Pod {
	v := Pod{
		ID: p.ID, Name: p.Name, ZoneID: p.ZoneID, ZoneName: zone, Gateway: p.Gateway, Netmask: p.Netmask, Allocation: p.Allocation,
		StartIP: []string{}, EndIP: []string{}, VLANID: []string{}, ForSystemVMs: []string{}, IPRanges: []IPRange{},
	}
	if p.StartIP == "" {
		return v
	}
	v.StartIP, v.EndIP = append(v.StartIP, p.StartIP), append(v.EndIP, p.EndIP)
	v.VLANID, v.ForSystemVMs = append(v.VLANID, untagged), append(v.ForSystemVMs, "0")
	v.IPRanges = append(v.IPRanges, IPRange{
		StartIP: p.StartIP, EndIP: p.EndIP, Gateway: p.Gateway, CIDR: cidr(p.Gateway, p.Netmask), VLANID: untagged, ForSystemVMs: "0",
	})
	return v
}

// cidr is the subnet of an IPv4 gateway; "" where there is none.
func cidr(gateway, netmask string) string {
	address, err := netip.ParseAddr(gateway)
	mask, maskErr := netip.ParseAddr(netmask)
	if err != nil || maskErr != nil {
		return ""
	}
	return netip.PrefixFrom(address, ones(mask)).Masked().String()
}

// ones counts the leading ones of a netmask.
func ones(mask netip.Addr) int {
	count := 0
	for _, octet := range mask.AsSlice() {
		for ; octet&0x80 != 0; octet <<= 1 {
			count++
		}
	}
	return count
}
