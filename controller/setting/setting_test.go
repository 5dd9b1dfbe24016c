package setting_test

import (
	"testing"

	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store/storetest"
	"github.com/cairn-kvm/cairn/internal/fault"
)

func TestEverySettingIsDeclaredWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range setting.All() {
		if seen[s.Name] || s.Name == "" || s.Doc == "" || s.Category == "" || !s.In(setting.Global) {
			t.Errorf("setting %q is not declared whole, or twice", s.Name)
		}
		seen[s.Name] = true
		if err := s.Check(s.Default); err != nil {
			t.Errorf("default of %s: %v", s.Name, err)
		}
	}
}

func TestTheNearestScopeHolds(t *testing.T) {
	db := storetest.Open(t)
	s, ctx := setting.Settings{Store: db}, t.Context()
	want := func(want int) {
		t.Helper()
		if got, err := setting.StopGrace.InZone(ctx, s, "z1"); err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	put := func(scope setting.Scope, id, text string) {
		t.Helper()
		if err := s.Put(ctx, setting.StopGrace.Setting, scope, id, text); err != nil {
			t.Fatal(err)
		}
	}
	want(60)
	put(setting.Global, "", "50")
	want(50)
	put(setting.ZoneScope, "z2", "30")
	want(50)
	put(setting.ZoneScope, "z1", "40")
	want(40)
	put(setting.ZoneScope, "z1", "41")
	want(41)
}

func TestValuesAreChecked(t *testing.T) {
	for _, test := range []struct{ name, value string }{
		{"vm.configdrive.label", "seventeen-letters"},
		{"vm.configdrive.label", ""},
		{"vm.configdrive.label", "a b"},
		{"vm.configdrive.label", "é"},
		{"vm.userdata.max.length", "1048577"},
		{"vm.userdata.max.length", "x"},
		{"global.allow.expose.host.hostname", "maybe"},
	} {
		if err := setting.Find(test.name).Check(test.value); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s=%q: %v", test.name, test.value, err)
		}
	}
	if err := setting.Find("vm.configdrive.label").Check("sixteen-letters."); err != nil {
		t.Error(err)
	}
}
