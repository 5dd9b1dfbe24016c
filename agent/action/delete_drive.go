package action

import (
	"context"

	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// deleteDrive removes a VM's image; one that is not there is done.
func deleteDrive(host Host, a *agentv1.DeleteDrive) (plan, error) {
	remove := func(ctx context.Context) error {
		return host.Storage.DeleteImage(ctx, placeOf(a.GetPlace()), a.GetInstanceName())
	}
	return plan{
		steps: []step{{name: "delete image", do: remove}},
		done:  &agentv1.Done{What: &agentv1.Done_DeleteDrive{DeleteDrive: &agentv1.DeleteDriveDone{}}},
	}, all(checkName("instance name", a.GetInstanceName()), checkPlace("the image's place", a.GetPlace()))
}
