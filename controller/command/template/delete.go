package template

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

type deleteParams struct {
	Template resource.TemplateID `param:"id,required,subject" ref:"template:operate" doc:"the template to delete"`
	Forced   bool                `param:"forced" doc:"even while VMs have disks from it"`
}

func remove(d Deps) command.Command {
	return command.Async(command.Info{
		Name: "deleteTemplate", Summary: "Deletes a template; disks that were made from it stay.", Since: "1.0",
		Roles: command.Everyone, Event: "TEMPLATE.DELETE", Timeout: 30 * time.Minute,
	}, func(ctx context.Context, p deleteParams) (command.Success, error) {
		used, err := store.Count[resource.VM](ctx, d.Store, store.Filter{"template_id": p.Template})
		if err != nil {
			return command.Success{}, err
		}
		if used > 0 && !p.Forced {
			return command.Success{}, fault.New(fault.Conflict, "The template %s cannot be deleted: %d VMs use it", p.Template, used)
		}
		return command.Done(), d.Machines.RemoveTemplate(ctx, command.JobFrom(ctx), p.Template)
	})
}
