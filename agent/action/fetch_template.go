package action

import (
	"context"

	"github.com/cairn-kvm/cairn/agent/storage"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// fetchTemplate brings a template into a store, if it is an image.
func fetchTemplate(host Host, a *agentv1.FetchTemplate) (plan, error) {
	told := new(agentv1.FetchTemplateDone)
	fetch := func(ctx context.Context) error {
		template, err := host.Storage.FetchTemplate(ctx, storage.TemplateSpec{
			ID:       a.GetTemplateId(),
			URL:      a.GetUrl(),
			Format:   a.GetFormat(),
			Checksum: a.GetChecksum(),
			Store:    placeOf(a.GetStore()),
		})
		told.Path, told.Sha256 = template.Path, template.SHA256
		told.SizeBytes, told.PhysicalBytes = template.SizeBytes, template.PhysicalBytes
		return err
	}
	return plan{
		steps: []step{{name: "fetch template", do: fetch}},
		done:  &agentv1.Done{What: &agentv1.Done_FetchTemplate{FetchTemplate: told}},
	}, all(checkName("template id", a.GetTemplateId()), checkPlace("the store", a.GetStore()))
}
