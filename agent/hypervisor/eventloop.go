package hypervisor

import (
	"log/slog"
	"sync"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// eventLoop is the process's: libvirt has one per process, it must be
// registered before the first connection, and it cannot be taken away again.
var eventLoop struct {
	once sync.Once
	err  error
}

// startEvents registers libvirt's event loop and runs it for as long as the
// process lives. It serves keepalive and callbacks of all connections.
func startEvents(log *slog.Logger) error {
	eventLoop.once.Do(func() {
		if err := libvirt.EventRegisterDefaultImpl(); err != nil {
			eventLoop.err = fault.Wrap(fault.Unavailable, err, "libvirt's client library cannot be used on this host")
			return
		}
		go runEvents(log)
	})
	return eventLoop.err
}

func runEvents(log *slog.Logger) {
	for {
		if err := libvirt.EventRunDefaultImpl(); err != nil {
			log.Error("libvirt event loop stumbled", "err", err)
			<-time.After(time.Second) // it would say the same at once
		}
	}
}
