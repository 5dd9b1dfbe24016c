package action

import (
	"path/filepath"
	"regexp"

	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// nameForm is what may become part of a file's name: an id or an instance name.
var nameForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,127}$`)

// all gives the first of the problems, for one clear sentence.
func all(problems ...error) error {
	for _, problem := range problems {
		if problem != nil {
			return problem
		}
	}
	return nil
}

func checkName(what, name string) error {
	if nameForm.MatchString(name) {
		return nil
	}
	return fault.New(fault.Invalid, "%s %q is not 1 to 128 letters, digits, dots, dashes and underscores that start with a letter or digit", what, name)
}

func checkPath(what, path string) error {
	if filepath.IsAbs(path) && filepath.Clean(path) == path {
		return nil
	}
	return fault.New(fault.Invalid, "%s %q is not a clean absolute path", what, path)
}

func checkPlace(what string, place *agentv1.Place) error {
	switch place.GetKind() {
	case agentv1.Place_KIND_HOST_CACHE:
		return nil
	case agentv1.Place_KIND_DIRECTORY:
		return checkPath(what, place.GetPath())
	}
	return fault.New(fault.Unsupported, "%s is of kind %s, which this agent does not know", what, place.GetKind())
}

func placeOf(place *agentv1.Place) storage.Place {
	kind := storage.HostCache
	if place.GetKind() == agentv1.Place_KIND_DIRECTORY {
		kind = storage.Directory
	}
	return storage.Place{Kind: kind, ID: place.GetId(), Path: place.GetPath()}
}
