// Package actiontest is what every host must be able to do for actions, as
// tests: the simulated one and the real one run the same suite, so that what
// is tested on the first holds on the second.
//
// In:  a hypervisor and a storage, from the tests of those who implement them.
// Out: failures, to those tests.
package actiontest

import (
	"context"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/agent/action"
	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/agent/storage"
)

// patience bounds one call, and the wait for one event.
const patience = 60 * time.Second

// Fixture is a host for one test, without VMs, images, volumes or templates.
type Fixture struct {
	Hypervisor Hypervisor
	Storage    action.Storage

	Pool  storage.Place // for volumes and images
	Store storage.Place // for templates

	Template Template // a good one
	Garbage  string   // the URL of something that is no image

	// Read reads a file at a path that the storage gave.
	Read func(path string) ([]byte, error)
	// Spec is a small VM that starts; the suite puts its id, name, epoch,
	// disk and drive in.
	Spec domain.Spec
}

// Hypervisor is what actions and reports need of one.
type Hypervisor interface {
	action.Hypervisor
	VMs(context.Context) ([]domain.VM, error)
	Changes() <-chan struct{}
}

// Template is an image behind a URL.
type Template struct {
	URL       string
	Format    string
	SHA256    string
	SizeBytes uint64 // virtual
}

// Suite runs all tests, each on a fixture of its own.
func Suite(t *testing.T, fixture func(*testing.T) Fixture) {
	t.Run("storage", func(t *testing.T) { StorageSuite(t, fixture) })
	t.Run("hypervisor", func(t *testing.T) { HypervisorSuite(t, fixture) })
}

// StorageSuite runs the tests that need no hypervisor.
func StorageSuite(t *testing.T, fixture func(*testing.T) Fixture) {
	run(t, fixture, map[string]func(*testing.T, context.Context, Fixture){
		"images come and go":                       images,
		"an image is replaced as a whole":          replacedImage,
		"a template is fetched":                    fetchedTemplate,
		"what is no image is refused":              garbage,
		"a template that is another is refused":    wrongTemplate,
		"a volume is made over its template":       volume,
		"a volume needs its template":              volumeWithoutTemplate,
		"what is not there is deleted already":     deleteNothing,
		"nothing is done for one who has given up": cancelledStorage,
	})
}

// HypervisorSuite runs the tests that start VMs.
func HypervisorSuite(t *testing.T, fixture func(*testing.T) Fixture) {
	run(t, fixture, map[string]func(*testing.T, context.Context, Fixture){
		"a VM starts and is found":             start,
		"a started VM is not started again":    startTwice,
		"another owner's VM is left alone":     startStale,
		"a VM without its disk does not start": startWithoutDisk,
		"a VM stops":                           stop,
		"changes are told":                     changes,
		"the host says what it is":             facts,
		"nothing is asked in vain":             cancelledHypervisor,
	})
}

func run(t *testing.T, fixture func(*testing.T) Fixture, tests map[string]func(*testing.T, context.Context, Fixture)) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			test(t, ctx, fixture(t))
		})
	}
}
