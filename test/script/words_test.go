package script

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cairn-kvm/cairn/agent/sim"
	"github.com/cairn-kvm/cairn/controller/resource"
)

// patience bounds every wait of a script.
const patience = 30 * time.Second

// story is the state of one script.
type story struct {
	*cloud
	last    reply
	secrets secrets
	called  func(command string)
	workDir string
}

type word func(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, args []string)

var words = map[string]word{
	"api": api, "let": let, "wait-job": waitJob, "wait-for": waitFor,
	"account": account, "token": token, "host": hostWord, "controller": controllerWord, "publish": publish,
	"site": build, "cloud": furnish,
}

func api(ctx context.Context, s *story, ts *testscript.TestScript, neg bool, args []string) {
	who := "admin"
	if len(args) > 2 && args[0] == "-as" {
		who, args = args[1], args[2:]
	}
	answer := s.call(ctx, ts, who, args)
	answer.show(ts)
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
		s.secrets.pass(name, value)
	}
	answer, err := s.request(ctx, keys, params)
	ts.Check(err)
	s.last = answer
	s.secrets.tell(answer.body)
	s.called(args[0])
	return answer
}

// show makes the reply the word's stdout; of many replies, words show the last.
func (r reply) show(ts *testscript.TestScript) {
	_, err := fmt.Fprintf(ts.Stdout(), "%s\n", r.body)
	ts.Check(err)
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
	for times := 0; ; times++ {
		answer := s.call(ctx, ts, "admin", []string{"queryAsyncJobResult", "jobid=" + id})
		status, err := lookup(answer.body, "jobstatus")
		ts.Check(err)
		if status != "0" {
			answer.show(ts)
			if failed := status == "2"; failed != neg {
				ts.Fatalf("job ended: %s", answer.body)
			}
			return
		}
		pause(ctx, ts, times)
	}
}

// waitFor repeats a request until it answers as wanted.
func waitFor(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 || args[1] != "api" {
		ts.Fatalf("usage: wait-for path=value api COMMAND name=value …")
	}
	path, want, _ := strings.Cut(args[0], "=")
	for times := 0; ; times++ {
		answer := s.call(ctx, ts, "admin", args[2:])
		if got, err := lookup(answer.body, path); err == nil && got == want {
			answer.show(ts)
			return
		}
		pause(ctx, ts, times)
	}
}

// pause lets the cloud go on, longer each time; the script's patience ends it.
func pause(ctx context.Context, ts *testscript.TestScript, times int) {
	select {
	case <-ctx.Done():
		ts.Fatalf("waited for %s", patience)
	case <-time.After(10 * time.Millisecond << min(times, 4)):
	}
}

func account(ctx context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	role := resource.PlainUser
	if len(args) > 1 {
		role = resource.RoleType(args[1])
	}
	ts.Check(s.account(ctx, args[0], role))
}

// controllerWord stops and starts the controller; from then on hosts may be
// away for as long as start says before jobs that wait for them fail.
func controllerWord(_ context.Context, s *story, ts *testscript.TestScript, _ bool, args []string) {
	switch {
	case len(args) == 1 && args[0] == "stop":
		ts.Check(s.stop())
	case len(args) > 0 && args[0] == "start":
		if len(args) > 1 {
			grace, err := time.ParseDuration(args[1])
			ts.Check(err)
			s.cfg.Jobs.HostGrace = grace
		}
		ts.Check(s.start())
	default:
		ts.Fatalf("usage: controller stop|start [GRACE]")
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
