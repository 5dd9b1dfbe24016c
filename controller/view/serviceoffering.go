package view

import "github.com/cairn-kvm/cairn/controller/resource"

// ServiceOffering is CloudStack's service offering object. One without a size
// leaves it to the deployment.
type ServiceOffering struct {
	ID               resource.ServiceOfferingID `json:"id" doc:"the id of the offering"`
	Name             string                     `json:"name" doc:"its name"`
	DisplayText      string                     `json:"displaytext" doc:"more about it"`
	State            string                     `json:"state" doc:"Active or Inactive"`
	CPUs             int                        `json:"cpunumber,omitempty" doc:"how many CPUs a VM has"`
	MHz              int                        `json:"cpuspeed,omitempty" doc:"the speed of each, in MHz"`
	Memory           int                        `json:"memory,omitempty" doc:"the memory of a VM, in MiB"`
	Customized       bool                       `json:"iscustomized" doc:"whether the deployment says the size"`
	RootDiskSize     int64                      `json:"rootdisksize,omitempty" doc:"the size of the root disk in GiB, where larger than the template's"`
	StorageType      string                     `json:"storagetype" doc:"shared or local"`
	ProvisioningType string                     `json:"provisioningtype" doc:"thin"`
	HostTags         string                     `json:"hosttags,omitempty" doc:"the tags of hosts for it, separated by commas"`
	StorageTags      string                     `json:"storagetags,omitempty" doc:"the tags of pools for it, separated by commas"`
	OfferHA          bool                       `json:"offerha" doc:"whether VMs are to be highly available"`
	LimitCPUUse      bool                       `json:"limitcpuuse" doc:"whether a VM has the speed at most"`
	IsSystem         bool                       `json:"issystem" doc:"false"`
	DefaultUse       bool                       `json:"defaultuse" doc:"false"`
	IsVolatile       bool                       `json:"isvolatile" doc:"false"`
	DynamicScaling   bool                       `json:"dynamicscalingenabled" doc:"false"`
	CustomizedIOPS   bool                       `json:"iscustomizediops" doc:"false"`
	Created          Date                       `json:"created" doc:"when it was made"`
}

// ObjectName is CloudStack's.
func (ServiceOffering) ObjectName() string { return "serviceoffering" }

// ServiceOfferingOf shows an offering.
func ServiceOfferingOf(o *resource.ServiceOffering) ServiceOffering {
	return ServiceOffering{
		ID: o.ID, Name: o.Name, DisplayText: o.DisplayText, State: o.State,
		CPUs: o.CPUs, MHz: o.MHz, Memory: o.MemoryMiB, Customized: o.Custom, RootDiskSize: int64(o.RootGiB),
		StorageType: o.StorageType, ProvisioningType: "thin", HostTags: o.HostTags, StorageTags: o.StorageTags,
		OfferHA: o.OfferHA, LimitCPUUse: o.LimitCPUUse, Created: At(o.Created),
	}
}
