package script

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// secrets are what a story passed or was told in confidence. When its cloud
// has ended, nothing on disk may hold one of them: no log, no database, no
// journal of an agent.
type secrets struct {
	mu     sync.Mutex
	values map[string]string // by value: what it is
}

var (
	confided = regexp.MustCompile(`(?i)^(password|userdata)$`)
	told     = regexp.MustCompile(`"(password|privatekey)":"([^"\\]{6,})`)
)

// pass remembers a parameter.
func (s *secrets) pass(name, value string) {
	if confided.MatchString(name) && len(value) >= 6 {
		s.keep(name, value)
	}
}

// tell remembers what a reply tells.
func (s *secrets) tell(body []byte) {
	for _, found := range told.FindAllSubmatch(body, -1) {
		s.keep(string(found[1]), string(found[2]))
	}
}

func (s *secrets) keep(name, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]string{}
	}
	s.values[value] = name
}

// hidden says where a secret lies bare.
func (s *secrets) hidden(dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.values) == 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for value, name := range s.values {
			if bytes.Contains(content, []byte(value)) {
				return fmt.Errorf("%s holds a %s that is secret", path, name)
			}
		}
		return nil
	})
}
