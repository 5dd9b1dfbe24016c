package command_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

type color string

func (color) Values() []string { return []string{"Red", "Green"} }

type pair struct {
	Service  string `param:"service,required" doc:"a service"`
	Provider string `param:"provider" doc:"who provides it"`
}

type everything struct {
	command.Paging
	Zone    resource.ZoneID   `param:"zoneid,required" ref:"zone:use" doc:"a zone"`
	Zones   []resource.ZoneID `param:"zoneids,any" ref:"zone:use" doc:"zones"`
	Name    string            `param:"name" max:"5" doc:"a name"`
	Number  *int              `param:"number" doc:"a number"`
	Size    int64             `param:"size" doc:"a size"`
	Ready   bool              `param:"ready" doc:"a claim"`
	Words   []string          `param:"words" doc:"words"`
	Color   color             `param:"color" doc:"a color"`
	When    time.Time         `param:"when" doc:"a moment"`
	Secret  secret.Text       `param:"password" doc:"a secret"`
	Details map[string]string `param:"details" doc:"details"`
	Pairs   []pair            `param:"pairs" doc:"services"`
	Host    string            `param:"host" roles:"Admin" doc:"for admins"`
}

type echo struct {
	Text string `json:"text" doc:"what was understood"`
}

func (echo) ObjectName() string { return "echo" }

func heard(p everything) string {
	number := "none"
	if p.Number != nil {
		number = fmt.Sprint(*p.Number)
	}
	return fmt.Sprintf("%s|%v|%s|%s|%d|%v|%v|%s|%s|%s|%v|%v",
		p.Zone, p.Zones, p.Name, number, p.Size, p.Ready, p.Words, p.Color, p.When.Format("2006-01-02T15:04"), p.Secret.Reveal(), p.Details, p.Pairs)
}

type queue struct{ jobs []*resource.Job }

func (q *queue) Submit(_ context.Context, job *resource.Job) error {
	q.jobs = append(q.jobs, job)
	return nil
}

func catalog(t *testing.T) (*command.Catalog, *queue) {
	t.Helper()
	s := storetest.Open(t)
	for _, id := range []resource.ZoneID{"z1", "z2"} {
		if err := store.Insert(t.Context(), s, &resource.Zone{ID: id, Name: string(id)}); err != nil {
			t.Fatal(err)
		}
	}
	q := &queue{}
	c := command.NewCatalog(s, q, slog.New(slog.DiscardHandler))
	say := func(_ context.Context, p everything) (echo, error) { return echo{heard(p)}, nil }
	c.Add([]command.Command{
		command.Sync(command.Info{Name: "listEcho", Summary: "Echoes.", Since: "1.0", Roles: command.Everyone}, say),
		command.Sync(command.Info{Name: "rootEcho", Summary: "Echoes.", Since: "1.0", Roles: command.RootOnly, Event: "E"}, say),
		command.Create(command.Info{
			Name: "createEcho", Summary: "Echoes later.", Since: "1.0", Roles: command.Everyone, Event: "ECHO", Timeout: time.Minute,
		}, func(context.Context, everything) (string, error) { return "new-id", nil }, say),
	})
	return c, q
}

var (
	root  = access.Caller{AccountName: "admin", Role: resource.RootAdmin, DomainPath: "/"}
	alice = access.Caller{AccountName: "alice", Role: resource.PlainUser, DomainPath: "/", AccountID: "a"}
)

func call(c *command.Catalog, caller access.Caller, name string, nameValues ...string) (command.Reply, error) {
	raw := map[string]string{}
	for i := 0; i < len(nameValues); i += 2 {
		raw[nameValues[i]] = nameValues[i+1]
	}
	return c.Call(context.Background(), caller, name, raw)
}

func TestParsing(t *testing.T) {
	c, _ := catalog(t)
	for name, test := range map[string]struct {
		params []string
		want   string
	}{
		"least":             {nil, "z1|[]||none|0|false|[]||0001-01-01T00:00||map[]|[]"},
		"any case of names": {[]string{"NaMe", "x", "NUMBER", "-3"}, "z1|[]|x|-3|0|false|[]||0001-01-01T00:00||map[]|[]"},
		"lists":             {[]string{"zoneids", "z1, z2,", "words", "a,,b"}, "z1|[z1 z2]||none|0|false|[a b]||0001-01-01T00:00||map[]|[]"},
		"any id":            {[]string{"zoneids", "-1"}, "z1|[-1]||none|0|false|[]||0001-01-01T00:00||map[]|[]"},
		"scalars": {
			[]string{"ready", "TRUE", "size", "9000000000", "color", "gReEn", "password", "p w"},
			"z1|[]||none|9000000000|true|[]|Green|0001-01-01T00:00|p w|map[]|[]",
		},
		"blank numbers are absent": {[]string{"number", " ", "color", ""}, "z1|[]||none|0|false|[]||0001-01-01T00:00||map[]|[]"},
		"dates":                    {[]string{"when", "2026-04-10T14:27:14+0530"}, "z1|[]||none|0|false|[]||2026-04-10T08:57||map[]|[]"},
		"day":                      {[]string{"when", "2026-04-10"}, "z1|[]||none|0|false|[]||2026-04-10T00:00||map[]|[]"},
		"map, one index":           {[]string{"details[0].cpuNumber", "2", "details[0].memory", "512"}, "z1|[]||none|0|false|[]||0001-01-01T00:00||map[cpuNumber:2 memory:512]|[]"},
		"map, several":             {[]string{"details[0].a", "1", "Details[1].B", "2"}, "z1|[]||none|0|false|[]||0001-01-01T00:00||map[B:2 a:1]|[]"},
		"map, key and value":       {[]string{"details[3].key", "k", "details[3].value", "v"}, "z1|[]||none|0|false|[]||0001-01-01T00:00||map[k:v]|[]"},
		"records": {
			[]string{"pairs[1].service", "Dns", "pairs[0].service", "Dhcp", "pairs[0].provider", "X"},
			"z1|[]||none|0|false|[]||0001-01-01T00:00||map[]|[{Dhcp X} {Dns }]",
		},
		"unknown is ignored": {[]string{"_", "1", "filter", "id"}, "z1|[]||none|0|false|[]||0001-01-01T00:00||map[]|[]"},
	} {
		t.Run(name, func(t *testing.T) {
			reply, err := call(c, alice, "listEcho", append([]string{"zoneid", "z1"}, test.params...)...)
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ Echo echo }
			if err := json.Unmarshal(reply.Body, &got); err != nil || reply.Envelope != "listechoresponse" || got.Echo.Text != test.want {
				t.Errorf("%s %s\nwant %s", reply.Envelope, reply.Body, test.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	c, _ := catalog(t)
	for name, test := range map[string]struct {
		command string
		params  []string
		kind    fault.Kind
		text    string
	}{
		"no such command":   {"listecho", nil, fault.Unsupported, "The API [listecho] does not exist or is not available for the account alice"},
		"not for this role": {"rootEcho", nil, fault.Unsupported, "The API [rootEcho] does not exist or is not available for the account alice"},
		"missing":           {"listEcho", nil, fault.Invalid, "Unable to execute API command listecho due to missing parameter zoneid"},
		"blank required":    {"listEcho", []string{"zoneid", " "}, fault.Invalid, "Unable to execute API command listecho due to missing parameter zoneid"},
		"unparsable":        {"listEcho", []string{"zoneid", "z1", "number", "x"}, fault.Invalid, "Unable to execute API command listecho due to invalid value x for parameter number"},
		"overflow":          {"listEcho", []string{"zoneid", "z1", "number", "99999999999999999999"}, fault.Invalid, "Unable to execute API command listecho due to invalid value 99999999999999999999 for parameter number"},
		"not of the words":  {"listEcho", []string{"zoneid", "z1", "color", "blue"}, fault.Invalid, "Unable to execute API command listecho due to invalid value blue for parameter color"},
		"unknown id": {
			"listEcho",
			[]string{"zoneid", "z9"},
			fault.Invalid,
			"Unable to execute API command listecho due to invalid value. Invalid parameter zoneid value=z9 due to incorrect long value format, " +
				"or entity does not exist or due to incorrect parameter annotation for the field in api cmd class.",
		},
		"too long":          {"listEcho", []string{"zoneid", "z1", "name", "sixsix"}, fault.Invalid, "Value greater than max allowed length 5 for param: name"},
		"control character": {"listEcho", []string{"zoneid", "z1", "words", "a\x00"}, fault.Invalid, "Received value containing illegal ASCII non-printable characters for parameter words"},
		"broken map": {
			"listEcho",
			[]string{"zoneid", "z1", "details[0]", "v"},
			fault.Malformed,
			"Unable to decode parameter details[0]; if specifying an object array, please use parameter[index].field=XXX, e.g. userGroupList[0].group=httpGroup",
		},
		"record without a member": {"listEcho", []string{"zoneid", "z1", "pairs[2].provider", "x"}, fault.Invalid, "Parameter pairs[2] has no service"},
		"parameter of admins":     {"listEcho", []string{"zoneid", "z1", "host", "h"}, fault.Denied, "Parameter host is not available for the account alice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := call(c, alice, test.command, test.params...)
			if !fault.Is(err, test.kind) || fault.Message(err) != test.text {
				t.Errorf("%s: %q\nwant %s: %q", fault.Of(err), fault.Message(err), test.kind, test.text)
			}
		})
	}
}

func TestAJobKeepsTheRequestAndSealsItsSecrets(t *testing.T) {
	c, q := catalog(t)
	reply, err := call(c, root, "createEcho", "zoneid", "z1", "password", "hunter2", "details[0].K", "v", "signature", "s", "apikey", "k")
	if err != nil {
		t.Fatal(err)
	}
	job := q.jobs[0]
	if want := fmt.Sprintf(`{"id":"new-id","jobid":"%s"}`, job.ID); string(reply.Body) != want {
		t.Errorf("reply %s, want %s", reply.Body, want)
	}
	if job.QueueKey != "echo/new-id" || job.InstanceType != "echo" || job.Event != "ECHO" || job.Timeout != time.Minute {
		t.Errorf("job %+v", job)
	}
	if text := fmt.Sprint(job.Params); strings.Contains(text, "hunter2") || strings.Contains(text, "signature") || len(job.Params) != 3 {
		t.Errorf("kept %v", job.Params)
	}
	body, err := c.Execute(access.With(t.Context(), root), job)
	if err != nil || !strings.Contains(string(body), "|hunter2|map[K:v]|") {
		t.Errorf("the body heard %s, %v", body, err)
	}
}

func TestPaging(t *testing.T) {
	number := func(n int) *int { return &n }
	for _, test := range []struct {
		paging command.Paging
		want   store.Page
		text   string
	}{
		{command.Paging{}, store.Page{Limit: 500}, ""},
		{command.Paging{Page: number(3), PageSize: number(20)}, store.Page{Limit: 20, Offset: 40}, ""},
		{command.Paging{Page: number(0), PageSize: number(20)}, store.Page{Limit: 20}, ""},
		{command.Paging{PageSize: number(20)}, store.Page{}, `"page" parameter is required when "pagesize" is specified`},
		{command.Paging{Page: number(1)}, store.Page{}, `"pagesize" parameter is required when "page" is specified`},
		{command.Paging{Page: number(1), PageSize: number(501)}, store.Page{}, "Page size can't exceed max allowed page size value: 500"},
		{command.Paging{PageSize: number(-1)}, store.Page{}, "Page size -1 is not between 1 and 500"},
		{command.Paging{Page: number(1 << 30), PageSize: number(1)}, store.Page{}, "Page 1073741824 is out of range"},
	} {
		got, err := test.paging.Window()
		if got != test.want || fault.Message(err) != test.text {
			t.Errorf("%+v gave %+v, %q", test.paging, got, fault.Message(err))
		}
	}
}

func TestBrokenDeclarationsPanic(t *testing.T) {
	good := command.Info{Name: "listX", Summary: "Lists.", Since: "1.0", Roles: command.Everyone}
	panics := func(name string, declare func()) {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			declare()
		})
	}
	with := func(change func(*command.Info)) command.Info { info := good; change(&info); return info }
	type none struct{}
	body := func(context.Context, none) (echo, error) { return echo{}, nil }
	panics("no summary", func() { command.Sync(with(func(i *command.Info) { i.Summary = "" }), body) })
	panics("a change without an event", func() { command.Sync(with(func(i *command.Info) { i.Name = "startX" }), body) })
	panics("a query with an event", func() { command.Sync(with(func(i *command.Info) { i.Event = "X" }), body) })
	panics("async without a subject", func() {
		command.Async(with(func(i *command.Info) { i.Name, i.Event, i.Timeout = "startX", "X", time.Second }), body)
	})
	panics("a tag that is not known", func() {
		type p struct {
			X string `param:"x" doc:"d" json:"x"`
		}
		command.Sync(good, func(context.Context, p) (echo, error) { return echo{}, nil })
	})
	panics("a kind that nobody can look up", func() {
		type p struct {
			X string `param:"x" doc:"d" ref:"unicorn:use"`
		}
		command.Sync(good, func(context.Context, p) (echo, error) { return echo{}, nil })
	})
	panics("a name that stands twice", func() {
		type p struct {
			X string `param:"x" doc:"d"`
			Y string `param:"X" doc:"d"`
		}
		command.Sync(good, func(context.Context, p) (echo, error) { return echo{}, nil })
	})
}

func TestDescribe(t *testing.T) {
	c, _ := catalog(t)
	names := func(caller access.Caller) (list []string) {
		for _, d := range c.Describe(caller) {
			list = append(list, d.Name)
		}
		return list
	}
	if got := names(alice); len(got) != 2 {
		t.Errorf("alice is told of %v", got)
	}
	if got := names(root); len(got) != 3 {
		t.Errorf("root is told of %v", got)
	}
	for _, p := range c.Describe(root)[0].Params {
		if p.Name == "pairs" && p.Type != "map" || p.Name == "zoneids" && p.Type != "list" || p.Name == "zoneid" && (p.Type != "uuid" || !p.Required) {
			t.Errorf("%+v", p)
		}
	}
}
