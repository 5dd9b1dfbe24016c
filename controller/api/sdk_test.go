package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/apache/cloudstack-go/v2/cloudstack"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/api"
	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/internal/fault"
)

const twoZones = `{"count":2,"zone":[{"id":"e5a1a9f0-0000-4000-8000-000000000001","name":"east","networktype":"Advanced","tags":[]},` +
	`{"id":"e5a1a9f0-0000-4000-8000-000000000002","name":"west","networktype":"Advanced","tags":[]}]}`

// sdk gives CloudStack's Go client for the edge.
func sdk(t *testing.T, c api.Calls, secretKey string) *cloudstack.CloudStackClient {
	t.Helper()
	web := httptest.NewServer(newSite(api.Config{}, c).Handler())
	t.Cleanup(web.Close)
	return cloudstack.NewClient(web.URL+"/client/api", apiKey, secretKey, false)
}

func TestSDKListsZones(t *testing.T) {
	t.Parallel()
	client := sdk(t, answering(twoZones, nil), secretKey)
	p := client.Zone.NewListZonesParams()
	p.SetKeyword("a~b *c/ü&=+%")
	p.SetTags(map[string]string{"k~*": "v[0]"})
	zones, err := client.Zone.ListZones(p)
	if err != nil || zones.Count != 2 || len(zones.Zones) != 2 || zones.Zones[1].Name != "west" {
		t.Errorf("%+v, %v", zones, err)
	}
}

func TestSDKPostsUserData(t *testing.T) {
	t.Parallel()
	userData := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("#cloud-config\n\xff\xfe~*", 20_000)))
	client := sdk(t, calls{func(_ context.Context, _ access.Caller, name string, params map[string]string) (command.Reply, error) {
		if params["userdata"] != userData || params["details[0].cpuNumber"] != "2" {
			return command.Reply{Envelope: known[name].Envelope()}, fault.New(fault.Invalid, "user data of %d bytes", len(params["userdata"]))
		}
		return command.Reply{Envelope: known[name].Envelope(), Body: json.RawMessage(`{"id":"v1","jobid":"j1"}`)}, nil
	}}, secretKey)
	p := client.VirtualMachine.NewDeployVirtualMachineParams("offering", "template", "zone")
	p.SetUserdata(userData)
	p.SetDetails(map[string]string{"cpuNumber": "2"})
	if vm, err := client.VirtualMachine.DeployVirtualMachine(p); err != nil || vm.Id != "v1" || vm.JobID != "j1" {
		t.Errorf("%+v, %v", vm, err)
	}
}

// Newer versions of the SDK send an expiry with every call.
func TestSDKWithExpiry(t *testing.T) {
	t.Parallel()
	client := sdk(t, answering(twoZones, nil), secretKey)
	for ahead, want := range map[time.Duration]string{
		15 * time.Minute: "",
		-time.Second:     "CloudStack API error 401 (CSExceptionErrorCode: 4290): unable to verify user credentials and/or request signature",
	} {
		for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05-0700"} {
			p := &cloudstack.CustomServiceParams{}
			p.SetParam("signatureversion", "3")
			p.SetParam("expires", time.Now().Add(ahead).UTC().Format(form))
			var zones cloudstack.ListZonesResponse
			err := client.Custom.(*cloudstack.CustomService).CustomRequest("listZones", p, &zones)
			if want == "" && (err != nil || len(zones.Zones) != 2) || want != "" && (err == nil || err.Error() != want) {
				t.Errorf("%s ahead: %+v, %v", ahead, zones, err)
			}
		}
	}
}

func TestSDKReadsErrors(t *testing.T) {
	t.Parallel()
	const want = "CloudStack API error 401 (CSExceptionErrorCode: 4290): unable to verify user credentials and/or request signature"
	client := sdk(t, calls{}, "another secret")
	if _, err := client.Zone.ListZones(client.Zone.NewListZonesParams()); err == nil || err.Error() != want {
		t.Errorf("wrong secret: %v", err)
	}
	client = sdk(t, answering("", fault.New(fault.Conflict, "zone is busy")), secretKey)
	if _, err := client.Zone.ListZones(client.Zone.NewListZonesParams()); err == nil || err.Error() != "CloudStack API error 431 (CSExceptionErrorCode: 4350): zone is busy" {
		t.Errorf("fault: %v", err)
	}
}
