package template

import (
	"context"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type registerParams struct {
	Name            string            `param:"name,required" doc:"its name"`
	DisplayText     string            `param:"displaytext" max:"4096" doc:"more about it; its name where absent"`
	Format          format            `param:"format,required" doc:"QCOW2 or RAW"`
	Hypervisor      hypervisor        `param:"hypervisor,required" doc:"KVM"`
	URL             string            `param:"url,required" max:"2048" doc:"where it is to be fetched from: http, https, or for root a file on the hosts"`
	Zone            resource.ZoneID   `param:"zoneid,any" ref:"zone:use" doc:"the zone it is for, -1 for all"`
	Zones           []resource.ZoneID `param:"zoneids,any" ref:"zone:use" max:"0" doc:"the zones it is for"`
	OSTypeID        string            `param:"ostypeid" doc:"the kind of guest"`
	Public          bool              `param:"ispublic" doc:"whether every account may use it"`
	Featured        bool              `param:"isfeatured" roles:"Admin" doc:"whether it is put forward to every account"`
	Extractable     bool              `param:"isextractable" doc:"whether it can be downloaded"`
	PasswordEnabled bool              `param:"passwordenabled" doc:"whether its guests take a password from the drive"`
	SSHKeyEnabled   bool              `param:"sshkeyenabled" doc:"whether its guests take an SSH key from the drive"`
	Checksum        string            `param:"checksum" doc:"{SHA-256}, {SHA-512}, {SHA-1} or {MD5} and the digest of the file in hex"`
	Bits            *int              `param:"bits" doc:"64"`
	Arch            string            `param:"arch" doc:"the guests' architecture"`
	Details         map[string]string `param:"details" doc:"its details"`
}

type format string

func (format) Values() []string { return []string{"QCOW2", "RAW"} }

type hypervisor string

func (hypervisor) Values() []string { return []string{"KVM"} }

// Check wants one way of naming zones, and an address that can be fetched.
func (p *registerParams) Check() error {
	if (p.Zone == "") == (len(p.Zones) == 0) {
		return fault.New(fault.Invalid, "Either zoneid or zoneids must be specified, and not both")
	}
	where, err := url.Parse(p.URL)
	if err != nil {
		return fault.New(fault.Invalid, "The url %s cannot be read", p.URL)
	}
	switch where.Scheme {
	case "http", "https":
		if where.Host == "" {
			return fault.New(fault.Invalid, "The url %s names no host", p.URL)
		}
	case "file":
		if where.Host != "" || where.Path != path.Clean(where.Path) || where.Path == "/" || !path.IsAbs(where.Path) {
			return fault.New(fault.Invalid, "The url %s is not file:// and a clean absolute path", p.URL)
		}
	default:
		return fault.New(fault.Invalid, "The url %s has scheme %q; a template comes by http, https or file", p.URL, where.Scheme)
	}
	return nil
}

func register(d Deps) command.Command {
	return command.List(command.Info{
		Name: "registerTemplate", Summary: "Registers a template, which is then fetched in the background.", Since: "1.0",
		Roles: command.Everyone, Event: "TEMPLATE.CREATE",
	}, func(ctx context.Context, p registerParams) (command.Rows[view.Template], error) {
		var rows []resource.Template
		err := d.Store.InTx(ctx, func(ctx context.Context) (err error) {
			rows, err = d.register(ctx, p)
			return err
		})
		if err != nil {
			return command.Rows[view.Template]{}, err
		}
		views, err := view.Templates(ctx, d.Store, rows)
		return command.Rows[view.Template]{Total: len(views), Rows: views}, err
	})
}

// register makes a record and a job for each zone.
func (d Deps) register(ctx context.Context, p registerParams) ([]resource.Template, error) {
	caller := access.From(ctx)
	if !caller.Root() && strings.EqualFold(p.URL[:5], "file:") {
		return nil, fault.New(fault.Denied, "Only root may take a template from a host's own files")
	}
	zones, err := d.zones(ctx, p)
	if err != nil {
		return nil, err
	}
	var rows []resource.Template
	for _, zone := range zones {
		into, err := store.First[resource.Store](ctx, d.Store, store.Filter{"zone_id": zone.ID})
		if fault.Is(err, fault.NotFound) {
			return nil, fault.New(fault.Invalid, "Zone %s has no image store: add one first", zone.Name)
		}
		if err != nil {
			return nil, err
		}
		row := p.template(caller, zone.ID, into.ID)
		if err := store.Insert(ctx, d.Store, &row); err != nil {
			return nil, err
		}
		if _, err := d.Jobs.Enqueue(ctx, Fetch, caller.Owner(), caller.UserID, map[string]string{"id": string(row.ID)}); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (d Deps) zones(ctx context.Context, p registerParams) ([]resource.Zone, error) {
	ids := p.Zones
	if p.Zone != "" {
		ids = []resource.ZoneID{p.Zone}
	}
	if len(ids) == 1 && ids[0] == "-1" {
		return store.All[resource.Zone](ctx, d.Store, nil)
	}
	return store.All[resource.Zone](ctx, d.Store, store.Filter{"id": ids})
}

func (p *registerParams) template(caller access.Caller, zone resource.ZoneID, into resource.StoreID) resource.Template {
	row := resource.Template{
		ID: store.NewID[resource.TemplateID](), Owner: caller.Owner(), ZoneID: zone, StoreID: into,
		Name: p.Name, DisplayText: p.DisplayText, URL: p.URL, Format: string(p.Format), Checksum: p.Checksum, OSTypeID: p.OSTypeID,
		PasswordEnabled: p.PasswordEnabled, SSHKeyEnabled: p.SSHKeyEnabled,
		Public: p.Public, Featured: p.Featured, Extractable: p.Extractable, Bits: 64, Arch: p.Arch, Details: p.Details,
		State: resource.TemplateRegistered, Created: time.Now().UTC(),
	}
	if row.DisplayText == "" {
		row.DisplayText = row.Name
	}
	if p.Bits != nil {
		row.Bits = *p.Bits
	}
	return row
}

// Fetch is the kind of the job that brings a registered template in.
const Fetch = "fetchTemplate"

type fetchParams struct {
	Template resource.TemplateID `param:"id,required,subject" ref:"template:operate" doc:"the template to fetch"`
}

func fetch(d Deps) command.Command {
	return command.Async(command.Info{
		Name: Fetch, Summary: "Fetches a registered template.", Since: "1.0",
		Roles: command.RootOnly, Event: "TEMPLATE.CREATE", Timeout: 2 * time.Hour, Private: true,
	}, func(ctx context.Context, p fetchParams) (command.Success, error) {
		return command.Done(), d.Machines.FetchTemplate(ctx, command.JobFrom(ctx), p.Template)
	})
}
