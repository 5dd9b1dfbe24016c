package action

import (
	"context"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// deleteVolume removes a volume; one that is not there is done.
func deleteVolume(host Host, a *agentv1.DeleteVolume) (plan, error) {
	remove := func(ctx context.Context) error {
		return host.Storage.DeleteVolume(ctx, a.GetVolumeId(), placeOf(a.GetPool()))
	}
	return plan{
		steps: []step{{name: "delete volume", do: remove}},
		done:  &agentv1.Done{What: &agentv1.Done_DeleteVolume{DeleteVolume: &agentv1.DeleteVolumeDone{}}},
	}, all(checkName("volume id", a.GetVolumeId()), checkPlace("the pool", a.GetPool()))
}
