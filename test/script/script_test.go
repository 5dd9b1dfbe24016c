package script

import (
	"context"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// coverage collects the commands that stories call.
type coverage struct {
	mu     sync.Mutex
	called map[string]bool
}

func (c *coverage) call(command string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.called[command] = true
}

func TestScripts(t *testing.T) {
	seen := &coverage{called: map[string]bool{}}
	commands := map[string]func(*testscript.TestScript, bool, []string){}
	for name, run := range words {
		commands[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			run(ctx, ts.Value(storyKey{}).(*story), ts, neg, args)
		}
	}
	t.Run("Scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{
			Dir: ".", Cmds: commands, RequireExplicitExec: true,
			Setup: func(env *testscript.Env) error { return begin(env, seen) },
		})
	})
	if flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" {
		uncovered(t, seen)
	}
}

type storyKey struct{}

// begin starts the cloud of a story, and sees to its end.
func begin(env *testscript.Env, seen *coverage) error {
	logs, err := os.Create(env.WorkDir + "/cloud.log")
	if err != nil {
		return err
	}
	c, err := newCloud(context.Background(), env.WorkDir, logs)
	if err != nil {
		return err
	}
	s := &story{cloud: c, called: seen.call, workDir: env.WorkDir}
	env.Values[storyKey{}] = s
	env.Defer(func() {
		if err := errors.Join(c.end(), logs.Close(), s.secrets.hidden(env.WorkDir)); err != nil {
			env.T().Log("the cloud did not end well: ", err)
			env.T().FailNow()
		}
	})
	return nil
}

// expand replaces $variables of the script.
func expand(ts *testscript.TestScript, text string) string { return os.Expand(text, ts.Getenv) }

// uncovered: each command has a story. The list of those that have none may
// only shrink: write the story, then remove the line.
func uncovered(t *testing.T, seen *coverage) {
	t.Helper()
	text, err := os.ReadFile("testdata/uncovered.txt")
	if err != nil {
		t.Fatal(err)
	}
	excused := strings.Fields(string(text))
	for _, name := range declared(t) {
		switch excuse := slices.Contains(excused, name); {
		case !seen.called[name] && !excuse:
			t.Errorf("no story calls %s: write test/script/<resource>_<verb>.txtar", name)
		case seen.called[name] && excuse:
			t.Errorf("%s has a story now: take it off testdata/uncovered.txt", name)
		}
	}
}

// declared gives the names of the API's commands.
func declared(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, command := range idle(t).Catalog().Commands() {
		if !command.Private {
			names = append(names, command.Name)
		}
	}
	return names
}
