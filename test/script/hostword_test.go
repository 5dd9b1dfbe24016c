package script

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// hostVerb is what a script does to a host that it has.
type hostVerb func(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, h *host, args []string)

var hostVerbs = map[string]hostVerb{
	"stop": stopHost, "start": startHost, "crash": crash, "report": report, "fail": failCall,
	"hold": hold, "reached": reached, "release": release, "calls": calls, "holds": holds,
}

func hostWord(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: host VERB NAME …")
	}
	verb, name := args[0], args[1]
	switch verb {
	case "add":
		ts.Check(s.add(ctx, s.workDir, name, ts.Getenv("cluster")))
		return
	case "join":
		joinHost(ctx, s, ts, neg, name, args[2:])
		return
	}
	h, run := s.hosts[name], hostVerbs[verb]
	if h == nil || run == nil {
		ts.Fatalf("host %s, of host %s?", verb, name)
	}
	run(ctx, s, ts, neg, h, args[2:])
}

func stopHost(_ context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, _ []string) {
	ts.Check(h.stop())
}

func startHost(_ context.Context, s *story, ts *testscript.TestScript, _ bool, h *host, _ []string) {
	ts.Check(s.run(h))
}

// crash ends a guest and waits until the agent has looked.
func crash(ctx context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, args []string) {
	if _, runs := h.Spec(args[0]); !runs {
		ts.Fatalf("VM %s does not run there", args[0])
	}
	looked(ctx, ts, h, func() { h.Crash(args[0]) })
}

// report has the agent report its VMs, as it also does every so often.
func report(ctx context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, _ []string) {
	looked(ctx, ts, h, h.Back)
}

// looked does something that makes the agent look at its VMs, and waits until
// it has.
func looked(ctx context.Context, ts *testscript.TestScript, h *host, act func()) {
	before := h.Calls("VMs")
	act()
	for times := 0; h.Calls("VMs") == before; times++ {
		pause(ctx, ts, times)
	}
}

func failCall(_ context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, args []string) {
	if len(args) < 4 {
		ts.Fatalf("usage: host fail NAME METHOD N KIND TEXT …")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	kinds := fault.Kinds()
	i := slices.IndexFunc(kinds, func(k fault.Kind) bool { return k.String() == args[2] })
	if i < 0 {
		ts.Fatalf("kind %q is none of %v", args[2], kinds)
	}
	h.Fail(args[0], n, fault.New(kinds[i], "%s", strings.Join(args[3:], " ")))
}

// hold keeps the calls of a method waiting. What is held when the story ends
// is let go, so that its cloud can end.
func hold(_ context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, args []string) {
	held := h.Hold(args[0])
	h.held[args[0]] = held
	ts.Defer(held.Release)
}

// reached waits until a call is held.
func reached(ctx context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, args []string) {
	held := h.held[args[0]]
	if held == nil {
		ts.Fatalf("%s is not held", args[0])
	}
	select {
	case <-held.Reached():
	case <-ctx.Done():
		ts.Fatalf("nobody called %s within %s", args[0], patience)
	}
}

func release(_ context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, args []string) {
	held := h.held[args[0]]
	if held == nil {
		ts.Fatalf("%s is not held", args[0])
	}
	held.Release()
}

// calls tells how often a method was called.
func calls(_ context.Context, _ *story, ts *testscript.TestScript, _ bool, h *host, args []string) {
	_, err := fmt.Fprintln(ts.Stdout(), h.Calls(args[0]))
	ts.Check(err)
}

func holds(_ context.Context, _ *story, ts *testscript.TestScript, neg bool, h *host, args []string) {
	want := regexp.MustCompile(args[0])
	found := ""
	for name := range h.Snapshot() {
		if want.MatchString(name) {
			found = name
		}
	}
	if (found == "") != neg {
		ts.Fatalf("match of %s: %q among %v", args[0], found, h.Snapshot())
	}
}
