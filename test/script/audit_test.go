package script

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
)

// TestAudit holds what is true of every command, also of those not yet
// written.
func TestAudit(t *testing.T) {
	t.Parallel()
	c := idle(t)
	commands := c.Catalog().Commands()
	for name, audit := range map[string]func(*testing.T, []*command.Command){
		"ids": idsHaveRefs, "secrets": secretsAreSecret, "events": changesHaveEvents, "jobs": jobsAreBounded, "replies": repliesAreTold,
	} {
		t.Run(name, func(t *testing.T) { audit(t, commands) })
	}
	t.Run("strangers", func(t *testing.T) { strangersLearnNothing(t, c) })
	t.Run("listapis", func(t *testing.T) { listAPIsIsAsKept(t, c) })
}

// idle makes a controller with a state of its own that does not run.
func idle(t *testing.T) *controller.Controller {
	t.Helper()
	cfg := controller.Default()
	cfg.StateDir = t.TempDir()
	cfg.API.Listen, cfg.Agents.Listen = "127.0.0.1:0", "127.0.0.1:0"
	if _, err := controller.Init(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	c, err := controller.New(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// flat lists parameters and the fields of their records, each with the name
// under which a request has it.
func flat(params []command.ParamAudit) []command.ParamAudit {
	var list []command.ParamAudit
	for _, p := range params {
		list = append(list, p)
		for _, field := range flat(p.Fields) {
			field.Name = p.Name + "[0]." + field.Name
			list = append(list, field)
		}
	}
	return list
}

// idsHaveRefs: an id that the kit does not check would be the body's to check.
// The exceptions, each with its reason, may only shrink.
func idsHaveRefs(t *testing.T, commands []*command.Command) {
	id := regexp.MustCompile(`(?i)ids?$`)
	excused := excuses(t, "testdata/unreferenced.txt")
	needed := map[string]bool{}
	for _, c := range commands {
		for _, p := range flat(c.Audit()) {
			if !id.MatchString(p.Name) || p.Ref != "" {
				continue
			}
			needed[p.Name] = true
			if excused[p.Name] == "" {
				t.Errorf("parameter %s of %s has no ref", p.Name, c.Name)
			}
		}
	}
	for name, reason := range excused {
		if !needed[name] || reason == "" {
			t.Errorf("take %s off testdata/unreferenced.txt, or give a reason: %q", name, reason)
		}
	}
}

// excuses reads lines of a name and a reason.
func excuses(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, reason, _ := strings.Cut(strings.TrimSpace(line), " ")
		list[name] = reason
	}
	return list
}

// secretsAreSecret: what smells of a secret is never logged, and sealed in its
// job. A boolean tells none.
func secretsAreSecret(t *testing.T, commands []*command.Command) {
	smell := regexp.MustCompile(`(?i)passw|secret|token|userdata|privatekey|credential`)
	found := 0
	for _, c := range commands {
		for _, p := range c.Audit() {
			if !slices.ContainsFunc(flat([]command.ParamAudit{p}), func(part command.ParamAudit) bool {
				return smell.MatchString(part.Name) && part.Wire != "boolean"
			}) {
				continue
			}
			found++
			if !p.Secret { // also where only a field of its records is one: it is sealed as a whole
				t.Errorf("parameter %s of %s is not secret", p.Name, c.Name)
			}
		}
	}
	if found == 0 {
		t.Error("no parameter smells of a secret: the smell is gone, not the secrets")
	}
}

// changesHaveEvents: whatever changes something is on the record, under a name
// like VM.START.
func changesHaveEvents(t *testing.T, commands []*command.Command) {
	form := regexp.MustCompile(`^[A-Z]+([.-][A-Z]+)+$`)
	for _, c := range commands {
		if c.Changes() && !form.MatchString(c.Event) {
			t.Errorf("%s changes something, and its event is %q", c.Name, c.Event)
		}
	}
}

// jobsAreBounded: a job ends, and waits for the others on the same thing: that
// is its one subject, or what it makes.
func jobsAreBounded(t *testing.T, commands []*command.Command) {
	for _, c := range commands {
		if !c.Kind.Async() {
			continue
		}
		if c.Timeout <= 0 {
			t.Errorf("%s has no timeout", c.Name)
		}
		if made, _ := c.Result(); c.Kind == command.KindCreate && !access.Knows(made) {
			t.Errorf("%s makes a %q, which nothing can refer to", c.Name, made)
		}
		subjects := slices.DeleteFunc(c.Audit(), func(p command.ParamAudit) bool { return !p.Subject })
		if c.Kind != command.KindAsync {
			continue
		}
		if len(subjects) != 1 || subjects[0].Ref == "" || !subjects[0].Required || subjects[0].Wire != "uuid" {
			t.Errorf("%s has not one required subject with a ref: %+v", c.Name, subjects)
		}
	}
}

// repliesAreTold: the one key of a reply is what clients derive from the
// command's name, and each field of the result is documented.
func repliesAreTold(t *testing.T, commands []*command.Command) {
	for _, c := range commands {
		if want := strings.ToLower(c.Name) + "response"; c.Envelope() != want {
			t.Errorf("the reply of %s has the key %s, not %s", c.Name, c.Envelope(), want)
		}
		_, members := c.Result()
		if len(members) == 0 {
			t.Errorf("%s answers with nothing", c.Name)
		}
		documented(t, c.Name, members)
	}
}

func documented(t *testing.T, of string, members []command.FieldDescription) {
	t.Helper()
	for _, member := range members {
		if member.Doc == "" {
			t.Errorf("field %s of %s has no doc", member.Name, of)
		}
		documented(t, of+"."+member.Name, member.Response)
	}
}
