package action

import (
	"context"

	"github.com/cairn-kvm/cairn/agent/storage"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// createVolume makes a root disk over a template.
func createVolume(host Host, a *agentv1.CreateVolume) (plan, error) {
	told := new(agentv1.CreateVolumeDone)
	create := func(ctx context.Context) error {
		volume, err := host.Storage.CreateVolume(ctx, storage.VolumeSpec{
			ID:             a.GetVolumeId(),
			Pool:           placeOf(a.GetPool()),
			SizeBytes:      a.GetSizeBytes(),
			TemplateID:     a.GetTemplateId(),
			TemplateStore:  placeOf(a.GetTemplateStore()),
			TemplateSHA256: a.GetTemplateSha256(),
			TemplateFormat: a.GetTemplateFormat(),
		})
		told.Path, told.SizeBytes, told.Format = volume.Path, volume.SizeBytes, volume.Format
		return err
	}
	checked := all(
		checkName("volume id", a.GetVolumeId()),
		checkName("template id", a.GetTemplateId()),
		checkPlace("the pool", a.GetPool()),
		checkPlace("the template's store", a.GetTemplateStore()),
	)
	return plan{
		steps: []step{{name: "create volume", do: create}},
		done:  &agentv1.Done{What: &agentv1.Done_CreateVolume{CreateVolume: told}},
	}, checked
}
