package setting

import (
	"strings"
	"unicode"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// declared collects what the declarations below make, in their order; nothing
// is added after the package is initialised.
var declared []*Setting

// LabelMax is the longest label: a Joliet volume has 16 characters for it.
const LabelMax = 16

// The settings. Names and defaults are CloudStack's where it has the setting.
var (
	ConfigDriveLabel = text(Setting{
		Name: "vm.configdrive.label", Default: "config-2", Category: "Config Drive",
		Doc: "The label of config drives. cloud-init and cloudbase-init look for config-2. At most 16 characters.",
	}, checkLabel)

	UserDataMaxLength = number(Setting{
		Name: "vm.userdata.max.length", Default: "32768", Category: "Config Drive",
		Doc: "The longest user data, in characters of its Base64 form.",
	}, 0, 1<<20)

	PasswordLength = number(Setting{
		Name: "vm.password.length", Default: "16", Category: "Virtual Machines",
		Doc: "The length of generated passwords.",
	}, 6, 64)

	StopGrace = number(Setting{
		Name: "vm.stop.grace", Default: "60", Category: "Virtual Machines", Scopes: []Scope{ZoneScope},
		Doc: "How many seconds a guest has to shut itself down before it is powered off.",
	}, 1, 3600)

	CPUOvercommit = number(Setting{
		Name: "cairn.cpu.overcommit.percent", Default: "400", Category: "Placement", Scopes: []Scope{ZoneScope},
		Doc: "How many virtual CPUs a host may carry, in percent of its own.",
	}, 100, 10000)

	HostMemoryReserve = number(Setting{
		Name: "host.reserved.mem.mb", Default: "512", Category: "Placement", Scopes: []Scope{ZoneScope},
		Doc: "How many MiB of a host's memory no VM may have.",
	}, 0, 1<<20)

	ExposeHostName = boolean(Setting{
		Name: "global.allow.expose.host.hostname", Default: "false", Category: "Config Drive",
		Doc: "Whether guests may learn the name of the host they run on.",
	})

	CloudIdentifier = text(Setting{
		Name: "cloud.identifier", Default: "", Category: "Config Drive",
		Doc: "A name of this cloud, told to guests; empty: not told.",
	}, anyText)

	JobExpire = number(Setting{
		Name: "job.expire.minutes", Default: "1440", Category: "Jobs",
		Doc: "How many minutes the result of a finished job can be asked for.",
	}, 1, 525600)
)

func anyText(string) error { return nil }

func checkLabel(label string) error {
	switch {
	case label == "" || len([]rune(label)) > LabelMax:
		return fault.New(fault.Invalid, "The label %q has %d characters; a config drive's has 1 to %d", label, len([]rune(label)), LabelMax)
	case strings.ContainsFunc(label, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
	}):
		return fault.New(fault.Invalid, "The label %q may hold letters, digits, '-', '_' and '.' only", label)
	}
	return nil
}
