package template

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type listParams struct {
	command.Paging
	command.Owned
	Filter choice              `param:"templatefilter,required" doc:"featured, self, selfexecutable, sharedexecutable, executable, community or all"`
	ID     resource.TemplateID `param:"id" ref:"template:use" doc:"only this template"`
	Name   string              `param:"name" doc:"only the template of this name"`
	Zone   resource.ZoneID     `param:"zoneid" ref:"zone:use" doc:"only templates in this zone"`
}

type choice string

func (choice) Values() []string {
	return []string{"featured", "self", "selfexecutable", "sharedexecutable", "executable", "community", "all"}
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listTemplates", Summary: "Lists templates.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.Template], error) {
		filter, err := p.filter(ctx, d.Store)
		if err != nil {
			return command.Rows[view.Template]{}, err
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.Template) ([]view.Template, error) {
			return view.Templates(ctx, d.Store, rows)
		})
	})
}

// filter: an id was checked already, so that it needs no other limit.
func (p listParams) filter(ctx context.Context, s *store.Store) (store.Filter, error) {
	filter := store.Filter{
		"id": p.ID, "name": store.Fold(p.Name), "zone_id": p.Zone, "keyword": store.AnyLike(p.Keyword, "name", "display_text"),
	}
	if p.ID != "" {
		return filter, nil
	}
	own, err := p.Scope(ctx, s)
	if err != nil {
		return nil, err
	}
	caller := access.From(ctx)
	switch p.Filter {
	case "all":
		if !caller.Root() {
			return nil, fault.New(fault.Denied, "Filter all can be specified by root admin only")
		}
	case "featured":
		filter["featured"] = true
	case "community":
		filter["public"], filter["featured"] = true, store.Exactly(false)
	case "executable":
		filter["either"] = store.Either(own, store.Filter{"public": true}, store.Filter{"featured": true})
		filter["state"] = resource.TemplateReady
	case "selfexecutable":
		filter["state"] = resource.TemplateReady
		fallthrough
	default:
		for column, value := range own {
			filter[column] = value
		}
	}
	return filter, nil
}
