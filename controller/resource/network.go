package resource

import "strings"

type (
	NetworkID         string
	NetworkOfferingID string
	NICID             string
)

// GuestType is the kind of a guest network.
type GuestType string

const (
	Isolated GuestType = "Isolated"
	Shared   GuestType = "Shared"
	L2       GuestType = "L2"
)

// Values lists the words of the wire.
func (GuestType) Values() []string { return []string{"Isolated", "Shared", "L2"} }

// Services of a network that the config drive can provide.
const (
	ServiceUserData = "UserData"
	ServiceDHCP     = "Dhcp"
	ServiceDNS      = "Dns"

	ProviderConfigDrive = "ConfigDrive"
)

// Who may use a network.
const (
	ACLAccount = "Account" // its owner
	ACLDomain  = "Domain"  // every account of every domain
)

// NetworkOffering is a kind of network that tenants can have. Providers maps
// a service to who provides it, "" for nobody.
type NetworkOffering struct {
	ID              NetworkOfferingID `bun:"id,pk"`
	Name            string            `bun:"name"`
	DisplayText     string            `bun:"display_text"`
	GuestType       GuestType         `bun:"guest_type"`
	TrafficType     string            `bun:"traffic_type"`
	Providers       map[string]string `bun:"providers"`
	SpecifyVLAN     bool              `bun:"specify_vlan"`
	SpecifyIPRanges bool              `bun:"specify_ip_ranges"`
	Availability    string            `bun:"availability"`
	ConserveMode    bool              `bun:"conserve_mode"`
	Persistent      bool              `bun:"persistent"`
	Enabled         bool              `bun:"enabled"`
	Created         Time              `bun:"created"`
}

// Provides reports whether the offering has the service from a provider.
func (o NetworkOffering) Provides(service, provider string) bool {
	return o.Providers[service] == provider
}

// Serves reports whether the offering has a provider for each of the services,
// whatever the case of their names.
func (o NetworkOffering) Serves(services []string) bool {
	for _, wanted := range services {
		served := false
		for name, provider := range o.Providers {
			served = served || provider != "" && strings.EqualFold(name, wanted)
		}
		if !served {
			return false
		}
	}
	return true
}

// Network is a layer-2 segment, with addresses to give out when it is Shared.
type Network struct {
	ID NetworkID `bun:"id,pk"`
	Owner
	Name        string            `bun:"name"`
	DisplayText string            `bun:"display_text"`
	ZoneID      ZoneID            `bun:"zone_id"`
	OfferingID  NetworkOfferingID `bun:"offering_id"`
	GuestType   GuestType         `bun:"guest_type"`
	ACLType     string            `bun:"acl_type"`
	Bridge      string            `bun:"bridge"` // empty: each agent's guest bridge
	VLAN        string            `bun:"vlan"`
	MTU         int               `bun:"mtu"`
	Gateway     string            `bun:"gateway"`
	Netmask     string            `bun:"netmask"`
	StartIP     string            `bun:"start_ip"`
	EndIP       string            `bun:"end_ip"`
	IP6Gateway  string            `bun:"ip6_gateway"`
	IP6CIDR     string            `bun:"ip6_cidr"`
	StartIP6    string            `bun:"start_ip6"`
	EndIP6      string            `bun:"end_ip6"`
	DNS1        string            `bun:"dns1"`
	DNS2        string            `bun:"dns2"`
	Created     Time              `bun:"created"`
}

// NIC joins a VM to a network. An address is taken as long as its row stands.
type NIC struct {
	ID          NICID     `bun:"id,pk"`
	VMID        VMID      `bun:"vm_id"`
	NetworkID   NetworkID `bun:"network_id"`
	Device      int       `bun:"device"`
	MAC         string    `bun:"mac"`
	IPv4        string    `bun:"ipv4,nullzero"`
	Netmask     string    `bun:"netmask"`
	Gateway     string    `bun:"gateway"`
	IPv6        string    `bun:"ipv6,nullzero"`
	IPv6Prefix  int       `bun:"ipv6_prefix"`
	IPv6Gateway string    `bun:"ipv6_gateway"`
	MTU         int       `bun:"mtu"`
	Default     bool      `bun:"is_default"`
	Created     Time      `bun:"created"`
}
