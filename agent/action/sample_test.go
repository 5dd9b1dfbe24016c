package action_test

import (
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

const (
	templateURL = "http://images.example/debian.qcow2"
	vmID        = "6c4d1d5e-7b1f-4c50-9f0e-0b6b3c0a1f11"
	password    = "correct-horse-battery"
)

func pool() *agentv1.Place {
	return &agentv1.Place{Kind: agentv1.Place_KIND_DIRECTORY, Id: "pool-1", Path: "/pools/one"}
}

func store() *agentv1.Place {
	return &agentv1.Place{Kind: agentv1.Place_KIND_DIRECTORY, Id: "store-1", Path: "/stores/one"}
}

func cache() *agentv1.Place { return &agentv1.Place{Kind: agentv1.Place_KIND_HOST_CACHE} }

// sample is one action of a kind, and the kinds of those that make the host
// ready for it.
type sample struct {
	needs  []string
	action *agentv1.Action
}

// samples has one for each kind that the protocol knows.
func samples() map[string]sample {
	act := func(kind string, a *agentv1.Action) *agentv1.Action {
		a.Id, a.Subject, a.Epoch = "job/"+kind, vmID, 1
		return a
	}
	return map[string]sample{
		"fetch_template": {nil, act("fetch_template", &agentv1.Action{Act: &agentv1.Action_FetchTemplate{FetchTemplate: &agentv1.FetchTemplate{
			TemplateId: "template-1", Url: templateURL, Format: "qcow2", Store: store(),
		}}})},
		"delete_template": {[]string{"fetch_template"}, act("delete_template", &agentv1.Action{Act: &agentv1.Action_DeleteTemplate{
			DeleteTemplate: &agentv1.DeleteTemplate{TemplateId: "template-1", Store: store()},
		}})},
		"create_volume": {[]string{"fetch_template"}, act("create_volume", &agentv1.Action{Act: &agentv1.Action_CreateVolume{
			CreateVolume: &agentv1.CreateVolume{
				VolumeId: "volume-1", Pool: pool(), SizeBytes: 2 << 30,
				TemplateId: "template-1", TemplateStore: store(), TemplateFormat: "qcow2",
			},
		}})},
		"delete_volume": {[]string{"fetch_template", "create_volume"}, act("delete_volume", &agentv1.Action{Act: &agentv1.Action_DeleteVolume{
			DeleteVolume: &agentv1.DeleteVolume{VolumeId: "volume-1", Pool: pool()},
		}})},
		"build_drive": {nil, act("build_drive", &agentv1.Action{Act: &agentv1.Action_BuildDrive{BuildDrive: buildDrive()}})},
		"delete_drive": {[]string{"build_drive"}, act("delete_drive", &agentv1.Action{Act: &agentv1.Action_DeleteDrive{
			DeleteDrive: &agentv1.DeleteDrive{VmId: vmID, InstanceName: "i-2-1-VM", Place: cache()},
		}})},
		"start_vm": {[]string{"fetch_template", "create_volume", "build_drive"}, act("start_vm", &agentv1.Action{Act: &agentv1.Action_StartVm{StartVm: startVM()}})},
		"stop_vm": {[]string{"fetch_template", "create_volume", "build_drive", "start_vm"}, act("stop_vm", &agentv1.Action{Act: &agentv1.Action_StopVm{
			StopVm: &agentv1.StopVM{VmId: vmID, InstanceName: "i-2-1-VM"},
		}})},
	}
}

func buildDrive() *agentv1.BuildDrive {
	return &agentv1.BuildDrive{
		VmId: vmID, InstanceName: "i-2-1-VM", Place: cache(),
		Items: []*agentv1.DataItem{
			{Directory: "userdata", Name: "user_data", Content: []byte("#cloud-config\n")},
			{Directory: "metadata", Name: "vm-id", Content: []byte(vmID)},
			{Directory: "password", Name: "vm_password", Content: []byte(password)},
		},
		Nics: []*agentv1.NIC{{
			Id: "nic-1", Mac: "02:00:00:00:00:01", NetworkId: "network-1", Ipv4: "192.0.2.10", Netmask: "255.255.255.0",
			Gateway: "192.0.2.1", Dns: []string{"192.0.2.2"}, Default: true,
		}},
	}
}

func startVM() *agentv1.StartVM {
	return &agentv1.StartVM{
		VmId: vmID, InstanceName: "i-2-1-VM", Cpus: 2, CpuMhz: 1000, MemoryBytes: 1 << 30,
		Disks: []*agentv1.Disk{{VolumeId: "volume-1", Path: "/pools/one/volume-1", Format: "qcow2"}},
		Nics:  []*agentv1.NIC{{Id: "nic-1", Mac: "02:00:00:00:00:01"}},
		Drive: &agentv1.DriveMedium{Path: "/var/cache/cairn/configdrive/i-2-1-VM.iso", Sha256: "abc"},
	}
}

// prepare makes the host ready for the action of a kind.
func (r *rig) prepare(kind string) *agentv1.Action {
	r.t.Helper()
	all := samples()
	for _, need := range all[kind].needs {
		r.done(withID(all[need].action, "before/"+need))
	}
	return all[kind].action
}
