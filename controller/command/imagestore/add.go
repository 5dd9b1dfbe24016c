package imagestore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type addParams struct {
	Provider string          `param:"provider,required" doc:"Directory, or NFS where the directory is a mount of it"`
	URL      string          `param:"url,required" max:"2048" doc:"file:///path: a directory that the hosts of the zone share"`
	Name     string          `param:"name" doc:"the name of the store, its URL where absent"`
	Zone     resource.ZoneID `param:"zoneid,required" ref:"zone:use" doc:"the zone it is in"`
}

var providers = []string{"Directory", "NFS"}

func (p *addParams) Check() error {
	known := slices.IndexFunc(providers, func(name string) bool { return strings.EqualFold(name, p.Provider) })
	if known < 0 {
		return fault.New(fault.Unsupported, "An image store of provider %s is not supported in this version; supported: %s",
			p.Provider, strings.Join(providers, ", "))
	}
	p.Provider = providers[known]
	if p.Name == "" {
		p.Name = p.URL
	}
	_, _, err := command.Directory(p.URL, "file")
	return err
}

func add(d Deps) command.Command {
	return command.Sync(command.Info{
		Name: "addImageStore", Summary: "Adds an image store.", Since: "1.0", Roles: command.RootOnly, Event: "IMAGE.STORE.CREATE",
	}, func(ctx context.Context, p addParams) (view.ImageStore, error) {
		_, path, err := command.Directory(p.URL, "file")
		if err != nil {
			return view.ImageStore{}, err
		}
		row := &resource.Store{
			ID: store.NewID[resource.StoreID](), Name: p.Name, Provider: p.Provider, ZoneID: p.Zone, URL: p.URL, Path: path,
			Created: time.Now().UTC(),
		}
		if err := d.Store.InTx(ctx, func(ctx context.Context) error { return d.insert(ctx, row) }); err != nil {
			return view.ImageStore{}, err
		}
		return view.ImageStoreOf(ctx, d.Store, row)
	})
}

func (d Deps) insert(ctx context.Context, row *resource.Store) error {
	other, err := store.First[resource.Store](ctx, d.Store, store.Filter{"zone_id": row.ZoneID, "path": row.Path})
	if err == nil {
		return fault.New(fault.Conflict, "Image store %s uses the directory %s already", other.ID, row.Path)
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	err = store.Insert(ctx, d.Store, row)
	if fault.Is(err, fault.Conflict) {
		return fault.New(fault.Invalid, "An image store with the name %s exists already", row.Name)
	}
	return err
}
