package action

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// kinds says how each member of the protocol's oneof is done. A test holds it
// complete.
var kinds = map[string]func(*Runner, *agentv1.Action) (plan, error){
	"create_volume":   func(r *Runner, a *agentv1.Action) (plan, error) { return createVolume(r.host, a.GetCreateVolume()) },
	"delete_volume":   func(r *Runner, a *agentv1.Action) (plan, error) { return deleteVolume(r.host, a.GetDeleteVolume()) },
	"build_drive":     func(r *Runner, a *agentv1.Action) (plan, error) { return buildDrive(r.host, a.GetBuildDrive()) },
	"delete_drive":    func(r *Runner, a *agentv1.Action) (plan, error) { return deleteDrive(r.host, a.GetDeleteDrive()) },
	"start_vm":        func(r *Runner, a *agentv1.Action) (plan, error) { return startVM(r.host, r.config, a) },
	"stop_vm":         func(r *Runner, a *agentv1.Action) (plan, error) { return stopVM(r.host, a.GetStopVm()) },
	"fetch_template":  func(r *Runner, a *agentv1.Action) (plan, error) { return fetchTemplate(r.host, a.GetFetchTemplate()) },
	"delete_template": func(r *Runner, a *agentv1.Action) (plan, error) { return deleteTemplate(r.host, a.GetDeleteTemplate()) },
}

var actOneof = (*agentv1.Action)(nil).ProtoReflect().Descriptor().Oneofs().ByName("act")

// Kind names what an action does, as the protocol does: "start_vm". It is
// "unknown" for an act that only a newer controller knows.
func Kind(a *agentv1.Action) string {
	if member := member(a.ProtoReflect()); member != nil {
		return string(member.Name())
	}
	return "unknown"
}

func member(m protoreflect.Message) protoreflect.FieldDescriptor { return m.WhichOneof(actOneof) }

func (r *Runner) plan(a *agentv1.Action) (plan, error) { return kinds[Kind(a)](r, a) }

// wellFormed refuses what cannot be run at all.
func wellFormed(a *agentv1.Action) error {
	switch {
	case a.GetId() == "":
		return fault.New(fault.Malformed, "an action has no id")
	case a.GetSubject() == "":
		return fault.New(fault.Malformed, "action %s has no subject", a.GetId())
	case kinds[Kind(a)] == nil:
		return fault.New(fault.Unsupported, "action %s is of a kind that this agent does not know: update the agent", a.GetId())
	}
	return nil
}
