package script

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// token keeps a join token of the cluster as a variable: one that opens, one
// whose time is over, or one that was not made by this controller.
func token(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: token VAR good|expired|forged")
	}
	valid := time.Minute
	if args[1] == "expired" {
		valid = -time.Minute
	}
	made, err := controller.JoinToken(ctx, s.cfg, ts.Getenv("cluster"), valid)
	ts.Check(err)
	text := made.Reveal()
	if args[1] == "forged" { // its form is cairn1.<id>.<secret>.<digest>
		parts := strings.Split(text, ".")
		parts[2] = strings.Repeat("A", len(parts[2]))
		text = strings.Join(parts, ".")
	}
	ts.Setenv(args[0], text)
}

// joinHost has a freshly installed host of the name join; the reason of a
// refusal is stdout.
func joinHost(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, name string, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: host join NAME TOKEN")
	}
	h, err := s.install(s.workDir, name)
	ts.Check(err)
	err = s.join(ctx, h, name, secret.New(args[0]))
	if (err != nil) != neg {
		ts.Fatalf("join: %v", err)
	}
	if err != nil {
		_, err = fmt.Fprintln(ts.Stdout(), err)
		ts.Check(err)
		return
	}
	s.hosts[name] = h
	ts.Check(s.run(h))
}
