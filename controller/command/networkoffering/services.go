package networkoffering

import (
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// provision says who is to provide a service.
type provision struct {
	Service  string `param:"service,required" doc:"the service"`
	Provider string `param:"provider,required" doc:"who provides it: ConfigDrive"`
}

// services are CloudStack's; those that a config drive provides come first.
var services = []string{
	resource.ServiceUserData, resource.ServiceDHCP, resource.ServiceDNS,
	"Vpn", "Firewall", "Lb", "SourceNat", "StaticNat", "PortForwarding", "SecurityGroup", "NetworkACL", "Connectivity", "Gateway",
	"BaremetalPxeService",
}

// provided is how many of the services have a provider.
const provided = 3

// service gives the known spelling of a name, and whether it has a provider.
func service(name string) (known string, has bool, err error) {
	at := slices.IndexFunc(services, func(service string) bool { return strings.EqualFold(service, name) })
	if at < 0 {
		return "", false, fault.New(fault.Invalid, "Invalid service %s", name)
	}
	return services[at], at < provided, nil
}

// providers maps each supported service to who provides it. There is one
// provider, so that it also has the services for which none was named.
func providers(supported []string, provisions []provision) (map[string]string, error) {
	named, err := namedProviders(supported, provisions)
	if err != nil {
		return nil, err
	}
	for _, name := range supported {
		known, has, err := service(name)
		switch {
		case err != nil:
			return nil, err
		case !has:
			return nil, fault.New(fault.Invalid, "Service %s has no provider in this version; provided: %s", known, strings.Join(services[:provided], ", "))
		}
		named[known] = resource.ProviderConfigDrive
	}
	return named, nil
}

// namedProviders checks the pairs of service and provider.
func namedProviders(supported []string, provisions []provision) (map[string]string, error) {
	named := map[string]string{}
	for _, p := range provisions {
		known, has, err := service(p.Service)
		switch {
		case err != nil:
			return nil, err
		case !slices.ContainsFunc(supported, func(name string) bool { return strings.EqualFold(name, known) }):
			return nil, fault.New(fault.Invalid, "Service %s is not enabled for the network offering, can't add a provider to it", known)
		case !strings.EqualFold(p.Provider, resource.ProviderConfigDrive):
			return nil, fault.New(fault.Invalid, "Invalid service provider: %s", p.Provider)
		case !has:
			return nil, fault.New(fault.Invalid, "Provider %s does not support service %s", resource.ProviderConfigDrive, known)
		case named[known] != "":
			return nil, fault.New(fault.Invalid, "In the current release only one provider can be specified for the service %s", known)
		}
		named[known] = resource.ProviderConfigDrive
	}
	return named, nil
}
