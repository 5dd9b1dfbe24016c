package configdrive

import (
	"maps"
	"slices"
	"strings"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// untold are the items of the metadata directory that meta_data.json leaves
// out, or has under another name. Every other one is a parameter of the user
// data, or keeps its name.
var untold = map[string]bool{
	publicKeys: true, vmID: true, instanceID: true, localHostname: true, displayName: true, availabilityZone: true,
	"metadata/service-offering": true, "metadata/local-ipv4": true, "metadata/public-ipv4": true,
	"metadata/public-hostname": true, "metadata/cloud-identifier": true,
}

// reserved are the members of meta_data.json with a meaning for OpenStack's
// guests, some of which refuse the whole drive if it is not the one they expect.
var reserved = map[string]bool{
	"uuid": true, "hostname": true, "name": true, "availability_zone": true, "keys": true, "public_keys": true,
	"launch_index": true, "project_id": true, "random_seed": true, "admin_pass": true, "meta": true, "files": true,
	"devices": true, "network_config": true, "dedicated_cpus": true, "dsmode": true,
}

// sshKey is a member of meta_data.json's keys.
type sshKey struct {
	Type string `json:"type"`
	Data string `json:"data"`
	Name string `json:"name"`
}

// addMetaData adds meta_data.json. Its members sort by name.
func (t *tree) addMetaData(v values, windows bool) error {
	document := make(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(v)) {
		name, found := strings.CutPrefix(key, "metadata/")
		if !found || untold[key] {
			continue
		}
		if reserved[name] {
			return fault.New(fault.Invalid, "item %q has a name that meta_data.json reserves", key)
		}
		document[name] = v[key]
	}
	if err := identity(document, v); err != nil {
		return err
	}
	if list := keys(v[publicKeys]); len(list) > 0 {
		byName := make(map[string]string, len(list))
		for _, k := range list {
			byName[k.Name] = k.Data
		}
		document["keys"], document["public_keys"] = list, byName
	}
	secret := windows && v.password() != ""
	if secret { // cloudbase-init takes the password from here and from nowhere else
		document["admin_pass"] = v.password()
	}
	return t.addJSON("meta_data.json", document, mode(secret))
}

// identity sets what tells one VM from another. cloud-init refuses a drive
// without a uuid, and takes another one for another VM.
func identity(document map[string]any, v values) error {
	uuid := first(v, vmID, instanceID)
	if uuid == "" {
		return fault.New(fault.Invalid, "there is no item %q: guests refuse a drive without it", vmID)
	}
	document["uuid"] = uuid
	for member, value := range map[string]string{
		"hostname": v[localHostname], "name": first(v, displayName, localHostname), "availability_zone": v[availabilityZone],
	} {
		if value != "" {
			document[member] = value
		}
	}
	return nil
}

// first is the first of the items that has a value.
func first(v values, keys ...string) string {
	for _, key := range keys {
		if v[key] != "" {
			return v[key]
		}
	}
	return ""
}
