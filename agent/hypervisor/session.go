package hypervisor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/cairn-kvm/cairn/internal/fault"
)

const (
	// atOnce is how many calls a session carries at a time, each on a
	// connection of its own. libvirt would let them share one; but its client
	// before 10.4 (CVE-2024-4418) then corrupts memory when a connection that
	// two calls wait on dies, and takes the agent with it.
	atOnce = 4

	// keepaliveCount unanswered keepalives are borne; the next ends the
	// connection.
	keepaliveCount = 2
)

// A session is a set of connections made together: some for calls, one for
// events. They live and die together, since they lead to the same daemon.
// Users are counted, and the last of them closes the connections: a call that
// returns late still has the one it needs.
type session struct {
	idle   chan *libvirt.Connect // those that no call is using
	all    []*libvirt.Connect
	events int // callback id on the last of all; -1 for none
	users  atomic.Int32

	once   sync.Once
	lost   chan struct{} // closed with the first connection that is lost
	reason string        // to be read after that
}

// dial makes the connections, has keepalive watch over them, and has libvirt
// tell of changes. The caller is the session's first user.
func dial(uri string, keepalive time.Duration, changed func()) (*session, error) {
	s := &session{idle: make(chan *libvirt.Connect, atOnce), events: -1, lost: make(chan struct{})}
	s.users.Store(1)
	if err := s.connect(uri, keepalive, changed); err != nil {
		s.release()
		return nil, fmt.Errorf("connect to %s: %w", uri, err)
	}
	return s, nil
}

func (s *session) connect(uri string, keepalive time.Duration, changed func()) error {
	for range atOnce {
		conn, err := s.add(uri, keepalive)
		if err != nil {
			return err
		}
		s.idle <- conn
	}
	conn, err := s.add(uri, keepalive)
	if err != nil {
		return err
	}
	id, err := conn.DomainEventLifecycleRegister(nil,
		func(*libvirt.Connect, *libvirt.Domain, *libvirt.DomainEventLifecycle) { changed() })
	if err != nil {
		return err
	}
	s.events = id
	return nil
}

func (s *session) add(uri string, keepalive time.Duration) (*libvirt.Connect, error) {
	conn, err := libvirt.NewConnect(uri)
	if err != nil {
		return nil, err
	}
	s.all = append(s.all, conn)
	return conn, s.watch(conn, keepalive)
}

// watch learns of a connection's end. Drivers inside our own process have
// nothing to lose and support neither of the two.
func (s *session) watch(conn *libvirt.Connect, keepalive time.Duration) error {
	err := conn.RegisterCloseCallback(func(_ *libvirt.Connect, reason libvirt.ConnectCloseReason) { s.lose(reasonText(reason)) })
	if err != nil && !errors.Is(err, libvirt.ERR_NO_SUPPORT) {
		return err
	}
	seconds := max(1, int((keepalive+time.Second-1)/time.Second))
	if err := conn.SetKeepAlive(seconds, keepaliveCount); err != nil && !errors.Is(err, libvirt.ERR_NO_SUPPORT) {
		return err
	}
	return nil
}

// lose never blocks: libvirt's event loop calls it.
func (s *session) lose(reason string) {
	s.once.Do(func() {
		s.reason = reason
		close(s.lost)
	})
}

// take gives a connection for one call, to be given back with put.
func (s *session) take(ctx context.Context) (*libvirt.Connect, error) {
	select {
	case conn := <-s.idle:
		return conn, nil
	case <-s.lost:
		return nil, fault.New(fault.Unavailable, "the connection to libvirt was lost: %s", s.reason)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *session) put(conn *libvirt.Connect) { s.idle <- conn }

func (s *session) retain() { s.users.Add(1) }

// release closes the connections when nobody uses them any more. Errors are
// those of a connection that is dead already: there is nothing left to close.
func (s *session) release() {
	if s.users.Add(-1) > 0 {
		return
	}
	if s.events >= 0 {
		_ = s.all[len(s.all)-1].DomainEventDeregister(s.events)
	}
	for _, conn := range s.all {
		_ = conn.UnregisterCloseCallback()
		_, _ = conn.Close()
	}
}

func reasonText(reason libvirt.ConnectCloseReason) string {
	switch reason {
	case libvirt.CONNECT_CLOSE_REASON_ERROR:
		return "input or output error"
	case libvirt.CONNECT_CLOSE_REASON_EOF:
		return "the daemon ended"
	case libvirt.CONNECT_CLOSE_REASON_KEEPALIVE:
		return "the daemon does not answer"
	case libvirt.CONNECT_CLOSE_REASON_CLIENT:
		return "closed on this side"
	}
	return "unknown"
}
