package view

import (
	"context"
	"strings"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Template is CloudStack's template object.
type Template struct {
	ID              resource.TemplateID `json:"id" doc:"the id of the template"`
	Name            string              `json:"name" doc:"its name"`
	DisplayText     string              `json:"displaytext" doc:"more about it"`
	Account         string              `json:"account" doc:"the account that owns it"`
	DomainID        resource.DomainID   `json:"domainid" doc:"the id of the domain of its owner"`
	Domain          string              `json:"domain" doc:"the domain of its owner"`
	ZoneID          resource.ZoneID     `json:"zoneid" doc:"the zone it is in"`
	ZoneName        string              `json:"zonename" doc:"the name of the zone"`
	Format          string              `json:"format" doc:"QCOW2 or RAW"`
	Hypervisor      string              `json:"hypervisor" doc:"KVM"`
	URL             string              `json:"url,omitempty" doc:"where it came from; for admins"`
	Checksum        string              `json:"checksum,omitempty" doc:"the SHA-256 of its file"`
	Status          string              `json:"status" doc:"how far it has come, or why it was refused"`
	Ready           bool                `json:"isready" doc:"whether VMs can start from it"`
	Public          bool                `json:"ispublic" doc:"whether every account may use it"`
	Featured        bool                `json:"isfeatured" doc:"whether it is put forward to every account"`
	Extractable     bool                `json:"isextractable" doc:"whether it can be downloaded"`
	PasswordEnabled bool                `json:"passwordenabled" doc:"whether its guests take a password from the drive"`
	SSHKeyEnabled   bool                `json:"sshkeyenabled" doc:"whether its guests take an SSH key from the drive"`
	OSTypeID        string              `json:"ostypeid,omitempty" doc:"the kind of guest"`
	OSTypeName      string              `json:"ostypename,omitempty" doc:"the kind of guest"`
	TemplateType    string              `json:"templatetype" doc:"USER"`
	Size            int64               `json:"size,omitempty" doc:"the size of a disk made from it, in bytes"`
	PhysicalSize    int64               `json:"physicalsize,omitempty" doc:"the size of its file, in bytes"`
	Bits            int                 `json:"bits" doc:"64"`
	Arch            string              `json:"arch,omitempty" doc:"the guests' architecture"`
	Details         map[string]string   `json:"details,omitempty" doc:"its details"`
	CrossZones      bool                `json:"crossZones" doc:"false"`
	Tags            []struct{}          `json:"tags" doc:"its tags"`
	Created         Date                `json:"created" doc:"when it was registered"`
}

// ObjectName is CloudStack's.
func (Template) ObjectName() string { return "template" }

// Templates shows templates to the caller.
func Templates(ctx context.Context, s *store.Store, rows []resource.Template) ([]Template, error) {
	accounts, err := store.ByID(ctx, s, distinct(rows, func(t *resource.Template) resource.AccountID { return t.AccountID }),
		func(a *resource.Account) resource.AccountID { return a.ID })
	if err != nil {
		return nil, err
	}
	domains, err := store.ByID(ctx, s, distinct(rows, func(t *resource.Template) resource.DomainID { return t.DomainID }),
		func(d *resource.Domain) resource.DomainID { return d.ID })
	if err != nil {
		return nil, err
	}
	zones, err := store.ByID(ctx, s, distinct(rows, func(t *resource.Template) resource.ZoneID { return t.ZoneID }),
		func(z *resource.Zone) resource.ZoneID { return z.ID })
	if err != nil {
		return nil, err
	}
	views := make([]Template, len(rows))
	for i := range rows {
		views[i] = templateOf(&rows[i], access.From(ctx).Root())
		if account := accounts[rows[i].AccountID]; account != nil {
			views[i].Account = account.Name
		}
		if domain := domains[rows[i].DomainID]; domain != nil {
			views[i].Domain = domain.Name
		}
		if zone := zones[rows[i].ZoneID]; zone != nil {
			views[i].ZoneName = zone.Name
		}
	}
	return views, nil
}

func templateOf(t *resource.Template, root bool) Template {
	v := Template{
		ID: t.ID, Name: t.Name, DisplayText: t.DisplayText, DomainID: t.DomainID, ZoneID: t.ZoneID,
		Format: t.Format, Hypervisor: "KVM", Status: templateStatus(t), Ready: t.State == resource.TemplateReady,
		Public: t.Public, Featured: t.Featured, Extractable: t.Extractable,
		PasswordEnabled: t.PasswordEnabled, SSHKeyEnabled: t.SSHKeyEnabled,
		OSTypeID: t.OSTypeID, OSTypeName: t.OSTypeID, TemplateType: "USER", Size: t.SizeBytes, PhysicalSize: t.PhysicalBytes,
		Bits: t.Bits, Arch: t.Arch, Details: t.Details, Tags: []struct{}{}, Created: At(t.Created),
	}
	if t.SHA256 != "" {
		v.Checksum = "{SHA-256}" + t.SHA256
	}
	if root {
		v.URL = t.URL
	}
	return v
}

func templateStatus(t *resource.Template) string {
	switch t.State {
	case resource.TemplateReady:
		return "Download Complete"
	case resource.TemplateRefused:
		return strings.TrimSpace("Refused: " + t.Problem)
	}
	return "Not Installed"
}
