package domain_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/agent/domain"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestReadIdentityOfWhatXMLWrote(t *testing.T) {
	text, err := domain.XML(typical())
	if err != nil {
		t.Fatal(err)
	}
	want := domain.Identity{VM: vmID, Epoch: 7, DriveSHA256: typical().Drive.SHA256}
	if got, ours, err := domain.ReadIdentity(text); got != want || !ours || err != nil {
		t.Errorf("got %+v, %v, %v; want %+v", got, ours, err, want)
	}
}

func TestReadIdentity(t *testing.T) {
	const ns = `xmlns="` + domain.Namespace + `"`
	for name, tt := range map[string]struct {
		text string
		want domain.Identity
		ours bool
		kind fault.Kind
	}{
		"nothing":            {"", domain.Identity{}, false, fault.None},
		"a stranger":         {`<domain><metadata><x:vm xmlns:x="https://example.org/" id="a" epoch="1"/></metadata></domain>`, domain.Identity{}, false, fault.None},
		"text that looks so": {`<domain><description>&lt;vm ` + ns + ` id="a"/&gt;</description></domain>`, domain.Identity{}, false, fault.None},
		"an empty drive":     {`<vm ` + ns + ` id="a" epoch="18446744073709551615"/>`, domain.Identity{VM: "a", Epoch: 1<<64 - 1}, true, fault.None},
		"another prefix":     {`<q:vm xmlns:q="` + domain.Namespace + `" id="a" epoch="2"><q:drive sha256="ff"/></q:vm>`, domain.Identity{VM: "a", Epoch: 2, DriveSHA256: "ff"}, true, fault.None},
		"a later version":    {`<vm ` + ns + ` id="a" epoch="2" more="x"><else/></vm>`, domain.Identity{VM: "a", Epoch: 2}, true, fault.None},
		"an odd epoch":       {`<vm ` + ns + ` id="a" epoch="two"/>`, domain.Identity{}, false, fault.Internal},
		"half an element":    {`<domain><meta`, domain.Identity{}, false, fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			got, ours, err := domain.ReadIdentity(tt.text)
			if got != tt.want || ours != tt.ours || fault.Of(err) != tt.kind {
				t.Errorf("got %+v, %v, %v", got, ours, err)
			}
		})
	}
}
