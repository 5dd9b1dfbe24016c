package sshkey

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/command"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/controller/view"
)

type listParams struct {
	command.Paging
	command.Owned
	ID          resource.SSHKeyID `param:"id" ref:"sshkeypair:operate" doc:"only this key"`
	Name        string            `param:"name" doc:"only the keys of this name"`
	Fingerprint string            `param:"fingerprint" doc:"only the keys with this fingerprint"`
}

func list(d Deps) command.Command {
	return command.List(command.Info{
		Name: "listSSHKeyPairs", Summary: "Lists SSH keys.", Since: "1.0", Roles: command.Everyone,
	}, func(ctx context.Context, p listParams) (command.Rows[view.SSHKey], error) {
		filter, err := p.filter(ctx, d.Store)
		if err != nil {
			return command.Rows[view.SSHKey]{}, err
		}
		return command.SelectAll(ctx, d.Store, p.Paging, filter, func(ctx context.Context, rows []resource.SSHKey) ([]view.SSHKey, error) {
			return view.SSHKeys(ctx, d.Store, rows)
		})
	})
}

// filter: an id was checked already, so that it needs no other limit.
func (p listParams) filter(ctx context.Context, s *store.Store) (store.Filter, error) {
	filter := store.Filter{}
	if p.ID == "" {
		var err error
		if filter, err = p.Scope(ctx, s); err != nil {
			return nil, err
		}
	}
	filter["id"], filter["name"], filter["fingerprint"] = p.ID, store.Fold(p.Name), store.Fold(p.Fingerprint)
	filter["keyword"] = store.AnyLike(p.Keyword, "name", "fingerprint")
	return filter, nil
}
