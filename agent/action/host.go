package action

import (
	"context"
	"time"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/agent/storage"
)

// Host is what actions change.
type Host struct {
	Hypervisor Hypervisor
	Storage    Storage
}

// Hypervisor runs VMs. Every method honours ctx.
type Hypervisor interface {
	// Start makes the domain and starts it. The same epoch running already is done.
	Start(context.Context, domain.Spec) error
	// Stop ends the domain: by asking the guest and, after the grace or when
	// forced, by pulling the plug. A VM that is not there is stopped.
	Stop(ctx context.Context, vmID string, forced bool, grace time.Duration) (wasRunning bool, err error)
	VM(ctx context.Context, vmID string) (domain.VM, bool, error)
	Facts(context.Context) (domain.Facts, error)
}

// Storage holds images, volumes and templates. Every method honours ctx, and
// leaves nothing behind when it fails.
type Storage interface {
	PutImage(ctx context.Context, at storage.Place, name string, content []byte) (path string, written bool, err error)
	DeleteImage(ctx context.Context, at storage.Place, name string) error
	CreateVolume(context.Context, storage.VolumeSpec) (storage.Volume, error)
	DeleteVolume(ctx context.Context, id string, pool storage.Place) error
	FetchTemplate(context.Context, storage.TemplateSpec) (storage.Template, error)
	DeleteTemplate(ctx context.Context, id string, store storage.Place) error
}
