package controller

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
)

// DefaultConfigFile is read where no other file is named. It need not be there.
const DefaultConfigFile = "/etc/cairn/controller.toml"

// Config is the controller's configuration, a TOML file. What the file does
// not name is as in [Default].
type Config struct {
	// StateDir holds the database, the key that seals its secrets, and the
	// authority of the agents' certificates. Nobody else may read it.
	StateDir string `toml:"state_dir"`

	API    API    `toml:"api"`
	Agents Agents `toml:"agents"`
	Jobs   Jobs   `toml:"jobs"`
	Log    Log    `toml:"log"`
}

// API says where clients are answered.
type API struct {
	// Listen is the address of /client/api, /healthz and /metrics. It speaks
	// plain HTTP: beyond this machine, put TLS in front of it.
	Listen string `toml:"listen"`
}

// Agents says where agents are answered.
type Agents struct {
	// Listen is the address that agents dial, by mutual TLS.
	Listen string `toml:"listen"`
	// Names are the names and addresses under which agents dial it; they stand
	// in the server's certificate. This machine's name and the loopback are
	// always among them.
	Names []string `toml:"names"`
}

// Jobs bounds the work that is done at one time.
type Jobs struct {
	// Parallel is how many jobs run at one time.
	Parallel int `toml:"parallel"`
	// HostGrace is how long a host may be away before the jobs that wait for
	// it fail.
	HostGrace time.Duration `toml:"host_grace"`
}

// Log says what is logged, to standard error.
type Log struct {
	// Format is "text" or "json".
	Format logging.Format `toml:"format"`
	// Level is "debug", "info", "warn" or "error".
	Level slog.Level `toml:"level"`
}

// Default is the configuration of a controller without a file.
func Default() Config {
	return Config{
		StateDir: "/var/lib/cairn-controller",
		API:      API{Listen: "127.0.0.1:8080"},
		Agents:   Agents{Listen: ":8250"},
		Jobs:     Jobs{Parallel: 64, HostGrace: time.Minute},
		Log:      Log{Format: logging.Text, Level: slog.LevelInfo},
	}
}

// ReadConfig reads a file over the defaults. A key that is not known is an
// error that names it. The default file may be missing.
func ReadConfig(path string) (Config, error) {
	cfg := Default()
	named := path != ""
	if !named {
		path = DefaultConfigFile
	}
	meta, err := toml.DecodeFile(path, &cfg)
	if errors.Is(err, os.ErrNotExist) && !named {
		return cfg, nil
	}
	if err != nil {
		return cfg, fault.Wrap(fault.Invalid, err, "configuration %s cannot be read", path)
	}
	var unknown []error
	for _, key := range meta.Undecoded() {
		unknown = append(unknown, fault.New(fault.Invalid, "configuration %s: there is no key %s", path, key))
	}
	return cfg, errors.Join(append(unknown, cfg.Validate())...)
}

// Validate joins all that is wrong, each with its key.
func (c Config) Validate() error {
	var problems []error
	wrong := func(key, format string, args ...any) {
		problems = append(problems, fault.New(fault.Invalid, "%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if !filepath.IsAbs(c.StateDir) {
		wrong("state_dir", "%q is not an absolute path", c.StateDir)
	}
	for key, address := range map[string]string{"api.listen": c.API.Listen, "agents.listen": c.Agents.Listen} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			wrong(key, "%q is not host:port", address)
		}
	}
	if c.Jobs.Parallel < 1 || c.Jobs.Parallel > 10_000 {
		wrong("jobs.parallel", "%d is not between 1 and 10000", c.Jobs.Parallel)
	}
	if c.Jobs.HostGrace < time.Second || c.Jobs.HostGrace > time.Hour {
		wrong("jobs.host_grace", "%s is not between 1s and 1h", c.Jobs.HostGrace)
	}
	return errors.Join(problems...)
}

// The files of the state directory.
func (c Config) database() string { return filepath.Join(c.StateDir, "cairn.db") }
func (c Config) sealKey() string  { return filepath.Join(c.StateDir, "seal.key") }
func (c Config) caKey() string    { return filepath.Join(c.StateDir, "ca.key") }
func (c Config) caFile() string   { return filepath.Join(c.StateDir, "ca.crt") }
func (c Config) lockFile() string { return filepath.Join(c.StateDir, "lock") }
