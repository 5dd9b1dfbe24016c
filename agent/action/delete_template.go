package action

import (
	"context"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// deleteTemplate removes a template from a store; one that is not there is done.
func deleteTemplate(host Host, a *agentv1.DeleteTemplate) (plan, error) {
	remove := func(ctx context.Context) error {
		return host.Storage.DeleteTemplate(ctx, a.GetTemplateId(), placeOf(a.GetStore()))
	}
	return plan{
		steps: []step{{name: "delete template", do: remove}},
		done:  &agentv1.Done{What: &agentv1.Done_DeleteTemplate{DeleteTemplate: &agentv1.DeleteTemplateDone{}}},
	}, all(checkName("template id", a.GetTemplateId()), checkPlace("the store", a.GetStore()))
}
