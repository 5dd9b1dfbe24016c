package view

import "github.com/cairn-kvm/cairn/internal/version"

// CloudStackVersion is the version whose API this is: clients branch on it.
const CloudStackVersion = "4.22.0.0"

// Capability is CloudStack's set of what a cloud can do.
type Capability struct {
	CloudStackVersion     string `json:"cloudstackversion" doc:"the version of CloudStack whose API this is"`
	CairnVersion          string `json:"cairnversion" doc:"the version of Cairn"`
	DynamicRoles          bool   `json:"dynamicrolesenabled" doc:"false"`
	SecurityGroups        bool   `json:"securitygroupsenabled" doc:"false: there are none"`
	KVMSnapshot           bool   `json:"kvmsnapshotenabled" doc:"false"`
	RegionSecondary       bool   `json:"regionsecondaryenabled" doc:"false"`
	UserPublicTemplate    bool   `json:"userpublictemplateenabled" doc:"whether users may register public templates"`
	UserExpungeRecover    bool   `json:"allowuserexpungerecovervm" doc:"whether users may expunge VMs"`
	UserViewDestroyed     bool   `json:"allowuserviewdestroyedvm" doc:"whether users see destroyed VMs"`
	UserViewAllAccounts   bool   `json:"allowuserviewalldomainaccounts" doc:"false"`
	ProjectInviteRequired bool   `json:"projectinviterequired" doc:"false"`
	CustomDiskMinSize     int64  `json:"customdiskofferingminsize" doc:"in GiB"`
	CustomDiskMaxSize     int64  `json:"customdiskofferingmaxsize" doc:"in GiB"`
	DefaultPageSize       int64  `json:"defaultuipagesize" doc:"rows on a page of the UI"`
}

// ObjectName is CloudStack's.
func (Capability) ObjectName() string { return "capability" }

// Capabilities tells what this version can do.
func Capabilities() Capability {
	return Capability{
		CloudStackVersion: CloudStackVersion, CairnVersion: version.String(),
		UserPublicTemplate: true, UserExpungeRecover: true,
		CustomDiskMinSize: 1, CustomDiskMaxSize: 1024, DefaultPageSize: 20,
	}
}
