package configdrive_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// What a drive's readers ask of it, from their own rules. Files are those of a
// drive by path.

// cloudInit reads a drive as cloud-init's ConfigDrive data source does, and
// refuses what it refuses.
func cloudInit(files map[string]string) error {
	for path := range files {
		if version, found := strings.CutPrefix(path, "openstack/"); found && !strings.HasPrefix(version, "latest/") {
			return fmt.Errorf("%s: a version beside latest wins over it", path)
		}
	}
	var meta map[string]any
	if err := json.Unmarshal([]byte(files["openstack/latest/meta_data.json"]), &meta); err != nil || meta == nil {
		return fmt.Errorf("meta_data.json: %w", err)
	}
	if uuid, _ := meta["uuid"].(string); uuid == "" {
		return fmt.Errorf("uuid is %v", meta["uuid"])
	}
	for _, member := range []string{"random_seed", "files", "network_config"} {
		if meta[member] != nil {
			return fmt.Errorf("%s is %v", member, meta[member])
		}
	}
	publicKeys, _ := meta["public_keys"].(map[string]any)
	for name, key := range publicKeys {
		if text, _ := key.(string); text == "" || strings.ContainsAny(text, "\r\n") {
			return fmt.Errorf("public key %q is %q: each must be one", name, key)
		}
	}
	return errors.Join(vendorData(files["openstack/latest/vendor_data.json"]), networkData(files))
}

// vendorData accepts an object whose only member is a cloud-config.
func vendorData(text string) error {
	var vendor map[string]any
	if err := json.Unmarshal([]byte(text), &vendor); err != nil {
		return fmt.Errorf("vendor_data.json: %w", err)
	}
	if len(vendor) == 0 {
		return nil
	}
	if config, _ := vendor["cloud-init"].(string); len(vendor) > 1 || !strings.HasPrefix(config, "#cloud-config\n") {
		return fmt.Errorf("vendor_data.json is %q", text)
	}
	return nil
}

// passwordSet is the password that the vendor data gives the default user. The
// escapes that are used in YAML have the same meaning in Go.
func passwordSet(text string) (string, error) {
	var vendor map[string]string
	if err := json.Unmarshal([]byte(text), &vendor); err != nil || len(vendor) == 0 {
		return "", err
	}
	line, found := strings.CutPrefix(vendor["cloud-init"], "#cloud-config\npassword: ")
	quoted, ends := strings.CutSuffix(line, "\nchpasswd:\n  expire: false\n")
	if !found || !ends || strings.ContainsAny(quoted, "\r\n") || regexp.MustCompile(`[^ -~]`).MatchString(quoted) {
		return "", fmt.Errorf("cloud-config is %q", vendor["cloud-init"])
	}
	return strconv.Unquote(quoted)
}

// networkData applies Nova's API schema of network_data.json, and what cloud-init
// does with it: a document without networks takes a guest off the net.
func networkData(files map[string]string) error {
	text, there := files["openstack/latest/network_data.json"]
	if !there {
		return nil
	}
	var document map[string][]map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return fmt.Errorf("network_data.json: %w", err)
	}
	for _, member := range []string{"links", "networks", "services"} {
		if document[member] == nil {
			return fmt.Errorf("network_data.json has no %s: %s", member, text)
		}
	}
	links, err := checkLinks(document["links"])
	if err != nil {
		return err
	}
	for _, s := range document["services"] {
		if _, err := netip.ParseAddr(fmt.Sprint(s["address"])); err != nil || s["type"] != "dns" || len(s) != 2 {
			return fmt.Errorf("service %v: %w", s, err)
		}
	}
	return checkNetworks(document["networks"], links)
}

func checkLinks(links []map[string]any) (ids map[string]bool, err error) {
	ids = make(map[string]bool)
	macs := make(map[string]bool)
	for _, l := range links {
		id, _ := l["id"].(string)
		mac, _ := l["ethernet_mac_address"].(string)
		if id == "" || ids[id] || macs[mac] || l["type"] != "phy" || !regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`).MatchString(mac) {
			return nil, fmt.Errorf("link %v", l)
		}
		if mtu, there := l["mtu"]; there {
			if n, ok := mtu.(float64); !ok || n < 1 || n > 65535 {
				return nil, fmt.Errorf("link %v", l)
			}
		}
		ids[id], macs[mac] = true, true
	}
	return ids, nil
}

func checkNetworks(networks []map[string]any, links map[string]bool) error {
	ids, defaults := make(map[string]bool), make(map[string]int)
	for _, n := range networks {
		id, _ := n["id"].(string)
		_, networkID := n["network_id"].(string)
		link, _ := n["link"].(string)
		if id == "" || ids[id] || !networkID || !links[link] {
			return fmt.Errorf("network %v", n)
		}
		ids[id] = true
		kind, _ := n["type"].(string)
		if err := checkAddresses(kind, n); err != nil {
			return fmt.Errorf("network %v: %w", n, err)
		}
		if n["routes"] != nil {
			defaults[kind]++
		}
	}
	if len(networks) == 0 || defaults["ipv4"] > 1 || defaults["ipv6"] > 1 {
		return fmt.Errorf("%d networks, default routes %v", len(networks), defaults)
	}
	return nil
}

// checkAddresses looks at a network by its type. All routes are default ones.
func checkAddresses(kind string, n map[string]any) error {
	everywhere, fits := "0.0.0.0", netip.Addr.Is4
	switch kind {
	case "ipv4_dhcp", "ipv6_dhcp":
		if n["ip_address"] != nil || n["netmask"] != nil || n["routes"] != nil {
			return errors.New("addresses beside DHCP")
		}
		return nil
	case "ipv4":
	case "ipv6":
		everywhere, fits = "::", netip.Addr.Is6
	default:
		return errors.New("type")
	}
	for _, member := range []string{"ip_address", "netmask"} {
		if a, err := netip.ParseAddr(fmt.Sprint(n[member])); err != nil || !fits(a) {
			return fmt.Errorf("%s: %w", member, err)
		}
	}
	routes, _ := n["routes"].([]any)
	for _, r := range routes {
		route, _ := r.(map[string]any)
		gateway, err := netip.ParseAddr(fmt.Sprint(route["gateway"]))
		if err != nil || !fits(gateway) || route["network"] != everywhere || route["netmask"] != everywhere || len(routes) > 1 {
			return fmt.Errorf("route %v: %w", r, err)
		}
	}
	return nil
}
