package script

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// patience bounds every wait of a script.
const patience = 30 * time.Second

// story is the state of one script.
type story struct {
	*cloud
	last    reply
	called  func(command string)
	workDir string
}

type word func(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, args []string)

var words = map[string]word{
	"api": api, "let": let, "wait-job": waitJob, "wait-for": waitFor,
	"account": account, "host": hostWord, "controller": controllerWord, "publish": publish, "cloud": furnish,
}

func api(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, args []string) {
	who := "admin"
	if len(args) > 2 && args[0] == "-as" {
		who, args = args[1], args[2:]
	}
	answer := s.call(ctx, ts, who, args)
	if refused := answer.status != 200; refused != neg {
		ts.Fatalf("status %d: %s", answer.status, answer.body)
	}
}

// call sends a request and keeps its reply.
func (s *story) call(ctx context.Context, ts *testscript.TestScript, who string, args []string) reply {
	keys, known := s.keys[who]
	if !known || len(args) == 0 {
		ts.Fatalf("usage: api [-as NAME] COMMAND name=value …; known are %v", s.keys)
	}
	params := map[string]string{"command": args[0]}
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		params[name] = value
	}
	answer, err := s.request(ctx, keys, params)
	ts.Check(err)
	s.last = answer
	s.called(args[0])
	_, err = fmt.Fprintf(ts.Stdout(), "%s\n", answer.body)
	ts.Check(err)
	return answer
}

func let(_ context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: let VAR path")
	}
	value, err := lookup(s.last.body, args[1])
	if err != nil {
		ts.Fatalf("%v in %s", err, s.last.body)
	}
	ts.Setenv(args[0], value)
}

func waitJob(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, _ []string) {
	id, err := lookup(s.last.body, "jobid")
	ts.Check(err)
	for {
		answer := s.call(ctx, ts, "admin", []string{"queryAsyncJobResult", "jobid=" + id})
		status, err := lookup(answer.body, "jobstatus")
		ts.Check(err)
		if status != "0" {
			if failed := status == "2"; failed != neg {
				ts.Fatalf("job ended: %s", answer.body)
			}
			return
		}
		pause(ctx, ts)
	}
}

// waitFor repeats a request until it answers as wanted.
func waitFor(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 || args[1] != "api" {
		ts.Fatalf("usage: wait-for path=value api COMMAND name=value …")
	}
	path, want, _ := strings.Cut(args[0], "=")
	for {
		answer := s.call(ctx, ts, "admin", args[2:])
		if got, err := lookup(answer.body, path); err == nil && got == want {
			return
		}
		pause(ctx, ts)
	}
}

// pause lets the cloud go on; the script's patience ends it.
func pause(ctx context.Context, ts *testscript.TestScript) {
	select {
	case <-ctx.Done():
		ts.Fatalf("waited for %s", patience)
	case <-time.After(10 * time.Millisecond):
	}
}

func account(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	role := resource.PlainUser
	if len(args) > 1 {
		role = resource.RoleType(args[1])
	}
	ts.Check(s.account(ctx, args[0], role))
}

func hostWord(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: host add|stop|start|crash|fail|holds NAME …")
	}
	verb, name := args[0], args[1]
	if verb == "add" {
		err := s.add(ctx, s.workDir, name, ts.Getenv("cluster"))
		if (err != nil) != neg {
			ts.Fatalf("join: %v", err)
		}
		return
	}
	h := s.hosts[name]
	if h == nil {
		ts.Fatalf("no host %s", name)
	}
	switch verb {
	case "stop":
		ts.Check(h.stop())
	case "start":
		ts.Check(s.run(h))
	case "crash":
		h.Crash(args[2])
	case "fail":
		n, err := strconv.Atoi(args[3])
		ts.Check(err)
		h.Fail(args[2], n, fault.New(fault.Unavailable, "%s", strings.Join(args[4:], " ")))
	case "holds":
		holds(ts, h.Host, neg, args[2])
	default:
		ts.Fatalf("host %s?", verb)
	}
}

func holds(ts *testscript.TestScript, h *sim.Host, neg bool, pattern string) {
	want := regexp.MustCompile(pattern)
	found := ""
	for name := range h.Snapshot() {
		if want.MatchString(name) {
			found = name
		}
	}
	if (found == "") != neg {
		ts.Fatalf("match of %s: %q among %v", pattern, found, h.Snapshot())
	}
}

func controllerWord(_ context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	switch args[0] {
	case "stop":
		ts.Check(s.stop())
	case "start":
		ts.Check(s.start())
	default:
		ts.Fatalf("controller %s?", args[0])
	}
}

func publish(_ context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseUint(args[2], 10, 64)
	ts.Check(err)
	format := args[1]
	if format == "nothing" {
		format = ""
	}
	s.pools.Publish(args[0], sim.Published{Content: []byte("image " + args[0]), Format: format, SizeBytes: size})
}
