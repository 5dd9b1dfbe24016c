package view

import "github.com/cairn-kvm/cairn/controller/resource"

// Zone is CloudStack's zone object.
type Zone struct {
	ID            resource.ZoneID     `json:"id" doc:"the id of the zone"`
	Name          string              `json:"name" doc:"its name"`
	Allocation    resource.Allocation `json:"allocationstate" doc:"whether VMs may be placed in it"`
	NetworkType   string              `json:"networktype" doc:"Advanced"`
	DNS1          string              `json:"dns1" doc:"the first DNS server of the guests"`
	DNS2          string              `json:"dns2,omitempty" doc:"the second one"`
	InternalDNS1  string              `json:"internaldns1" doc:"the first DNS server of the site"`
	InternalDNS2  string              `json:"internaldns2,omitempty" doc:"the second one"`
	IP6DNS1       string              `json:"ip6dns1,omitempty" doc:"the first DNS server of the guests, by IPv6"`
	IP6DNS2       string              `json:"ip6dns2,omitempty" doc:"the second one"`
	GuestCIDR     string              `json:"guestcidraddress,omitempty" doc:"the address range of isolated networks"`
	Domain        string              `json:"domain,omitempty" doc:"the DNS domain of its networks"`
	LocalStorage  bool                `json:"localstorageenabled" doc:"whether disks may lie on a host's own storage"`
	SecurityGroup bool                `json:"securitygroupsenabled" doc:"false: there are none"`
	DHCPProvider  string              `json:"dhcpprovider" doc:"who answers DHCP"`
	Type          string              `json:"type" doc:"Core"`
	Tags          []struct{}          `json:"tags" doc:"its tags"`
	Created       Date                `json:"created" doc:"when it was made"`
}

// ObjectName is CloudStack's.
func (Zone) ObjectName() string { return "zone" }

// ZoneOf shows a zone. Only root sees the site's own DNS servers.
func ZoneOf(z *resource.Zone, root bool) Zone {
	v := Zone{
		ID: z.ID, Name: z.Name, Allocation: z.Allocation, NetworkType: z.NetworkType,
		DNS1: z.DNS1, DNS2: z.DNS2, IP6DNS1: z.IP6DNS1, IP6DNS2: z.IP6DNS2,
		GuestCIDR: z.GuestCIDR, Domain: z.Domain, LocalStorage: z.LocalStorage,
		DHCPProvider: resource.ProviderConfigDrive, Type: "Core", Tags: []struct{}{}, Created: At(z.Created),
	}
	if root {
		v.InternalDNS1, v.InternalDNS2 = z.InternalDNS1, z.InternalDNS2
	}
	return v
}
