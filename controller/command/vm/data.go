package vm

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/setting"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/secret"
)

// userData keeps the exact bytes behind the Base64.
func (d Deps) userData(ctx context.Context, vm *resource.VM, p deployParams) error {
	if p.UserData == nil || p.UserData.Empty() {
		return nil
	}
	limit, err := d.userDataLimit(ctx)
	if err != nil {
		return err
	}
	text := p.UserData.Reveal()
	if len(text) > limit {
		return fault.New(fault.Invalid, "User data has exceeded configurable max length: %d: it has %d characters in Base64", limit, len(text))
	}
	content, err := decodeBase64(text)
	vm.UserData = d.Store.SealBytes(content)
	return err
}

// decodeBase64 takes it with and without padding, and where a '+' has become a
// space on its way.
func decodeBase64(text string) ([]byte, error) {
	clean := strings.NewReplacer(" ", "+", "\r", "", "\n", "").Replace(text)
	content, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(clean, "="))
	if err != nil {
		return nil, fault.New(fault.Invalid, "User data is not base64 encoded.")
	}
	return content, nil
}

// keys looks the key pairs up among the owner's.
func (d Deps) keys(ctx context.Context, vm *resource.VM, p deployParams) error {
	names := p.KeyPairs
	if p.KeyPair != "" {
		names = append([]string{p.KeyPair}, names...)
	}
	for _, name := range names {
		key, err := store.First[resource.SSHKey](ctx, d.Store, store.Filter{"account_id": vm.AccountID, "name": name})
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Invalid, "Not all specified keypairs exist: there is no %s", name)
		}
		if err != nil {
			return err
		}
		vm.KeyPairs, vm.PublicKeys = append(vm.KeyPairs, key.Name), append(vm.PublicKeys, key.PublicKey)
	}
	return nil
}

// password seals the given one, or makes one, where the template takes it.
func (d Deps) password(ctx context.Context, vm *resource.VM, p deployParams, template *resource.Template) error {
	if !template.PasswordEnabled {
		if !p.Password.Empty() {
			return fault.New(fault.Invalid, "Unable to deploy VM with a password: the template %s is not password enabled", template.ID)
		}
		return nil
	}
	password := p.Password
	if strings.ContainsAny(password.Reveal(), "\r\n\t") {
		return fault.New(fault.Invalid, "A password has no line breaks or tabs")
	}
	if password.Empty() {
		length, err := setting.PasswordLength.Global(ctx, d.Settings)
		if err != nil {
			return err
		}
		password = secret.Random(length)
	}
	vm.Password = d.Store.Seal(password)
	return nil
}
