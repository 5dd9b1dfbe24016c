package command

import "github.com/cairn-kvm/cairn/controller/access"

// ParamAudit is what a declaration says of a parameter, for tests that hold
// over every command there is.
type ParamAudit struct {
	Name     string
	Wire     string       // its type in listApis
	Ref      string       // the kind of what its ids name, "" where it holds none
	Level    access.Level // what the caller must be allowed to do to it
	Roles    Roles        // who may pass it; empty: whoever may call the command
	Enum     []string     // the only values there are, where they are few
	Required bool
	Subject  bool // it orders the jobs
	Secret   bool
	Fields   []ParamAudit // of each record of a map
}

// Audit tells the command's parameters.
func (c *Command) Audit() []ParamAudit { return audit(c.params) }

func audit(params []param) []ParamAudit {
	list := make([]ParamAudit, len(params))
	for i, p := range params {
		list[i] = ParamAudit{
			Name: p.name, Wire: p.wire, Ref: p.ref.kind, Level: p.ref.level, Roles: p.roles, Enum: p.enum,
			Required: p.required, Subject: p.subject, Secret: p.secret, Fields: audit(p.fields),
		}
	}
	return list
}

// Result tells what the command answers with: the kind of the object, "" where
// its fields stand in the envelope themselves, and the fields.
func (c *Command) Result() (object string, members []FieldDescription) {
	return c.object(), fields(c.result)
}
