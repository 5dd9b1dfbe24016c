package link

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

const (
	pingAfter   = 10 * time.Second // of silence; the server must allow it
	pongWithin  = 5 * time.Second
	dialTimeout = 10 * time.Second
	bufferSize  = 16 << 10 // bytes, each way: the agent's messages are small
	maxMessage  = 16 << 20 // bytes: an action with the largest user data fits many times
)

// oneOfAll spreads agents over the controllers behind one name.
const oneOfAll = `{"loadBalancingConfig":[{"pick_first":{"shuffleAddressList":true}}]}`

// dial makes a connection for one stream. It is opened by the first call.
// local receives the address from which the host talks.
func (l *Link) dial(local *atomic.Value) (*grpc.ClientConn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return grpc.NewClient(l.config.Controller,
		grpc.WithTransportCredentials(credentials.NewTLS(l.config.TLS)),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, "tcp", address)
			if err == nil {
				local.Store(hostOf(conn.LocalAddr()))
			}
			return conn, err
		}),
		grpc.WithNoProxy(),
		grpc.WithDefaultServiceConfig(oneOfAll),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: pongWithin}),
		grpc.WithReadBufferSize(bufferSize),
		grpc.WithWriteBufferSize(bufferSize),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
	)
}

func hostOf(address net.Addr) string {
	host, _, err := net.SplitHostPort(address.String())
	if err != nil {
		return address.String()
	}
	return host
}
