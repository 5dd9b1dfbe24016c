package agent

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
const DefaultConfigFile = "/etc/cairn/agent.toml"

// Config is the agent's configuration, a TOML file. What the file does not
// name is as in [Default].
type Config struct {
	// Controller is the controller's address, "host:port". Empty: the one that
	// the host has joined.
	Controller string `toml:"controller"`
	// StateDir holds the host's identity and the journal. It must survive
	// reboots, and nobody else may read it.
	StateDir string `toml:"state_dir"`
	// CacheDir holds the drives of VMs whose pools cannot hold them.
	CacheDir string `toml:"cache_dir"`
	// DrainTime is how long running actions may go on when the agent is
	// stopped. What is not done by then is taken up at the next start.
	DrainTime time.Duration `toml:"drain_time"`

	Libvirt  Libvirt       `toml:"libvirt"`
	Guest    Guest         `toml:"guest"`
	Template Template      `toml:"template"`
	Actions  Actions       `toml:"actions"`
	Log      Log           `toml:"log"`
	Metrics  MetricsConfig `toml:"metrics"`
}

// Libvirt says where the hypervisor is.
type Libvirt struct {
	// URI of the hypervisor.
	URI string `toml:"uri"`
}

// Guest says how VMs run on this host.
type Guest struct {
	// Virtualization is "auto" (KVM where the processor has it), "kvm" or "tcg"
	// (emulated, and slow).
	Virtualization Virtualization `toml:"virtualization"`
	// Bridge is that of guests' interfaces for which the controller names none.
	Bridge string `toml:"bridge"`
	// ConsoleDir is where the serial consoles of guests are recorded.
	ConsoleDir string `toml:"console_dir"`
	// ImageGroup is the group that may read drives: that of the QEMU processes.
	// Empty: the agent's own.
	ImageGroup string `toml:"image_group"`
}

// Template says what may be fetched as a template.
type Template struct {
	// FileRoots are the directories below which file:// URLs may read. Without
	// any they are refused: a template is what its owner's guests see, and any
	// file of this host that looks like a disk could be had.
	FileRoots []string `toml:"file_roots"`
	// MaxBytes bounds the file behind a URL. 0: the store does.
	MaxBytes uint64 `toml:"max_bytes"`
}

// Actions bounds the work that is done at one time.
type Actions struct {
	// Parallel is how many actions run at one time, of different VMs.
	Parallel int `toml:"parallel"`
	// Queue is how many actions are accepted before the controller has to wait.
	Queue int `toml:"queue"`
}

// Log says what is logged, to standard error.
type Log struct {
	// Format is "text" or "json".
	Format logging.Format `toml:"format"`
	// Level is "debug", "info", "warn" or "error".
	Level slog.Level `toml:"level"`
}

// MetricsConfig says where the agent shows its condition.
type MetricsConfig struct {
	// Listen is the address of /metrics and /healthz. Empty: nowhere.
	Listen string `toml:"listen"`
}

// Default is the configuration without a file.
func Default() Config {
	return Config{
		StateDir:  "/var/lib/cairn-agent",
		CacheDir:  "/var/cache/cairn",
		DrainTime: time.Minute,
		Libvirt:   Libvirt{URI: "qemu:///system"},
		Guest:     Guest{Virtualization: Auto, Bridge: "cairnbr0", ConsoleDir: "/var/log/cairn/console"},
		Actions:   Actions{Parallel: 8, Queue: 256},
		Log:       Log{Format: logging.Text, Level: slog.LevelInfo},
		Metrics:   MetricsConfig{Listen: "127.0.0.1:9190"},
	}
}

// ReadConfig reads a file over the defaults and validates the whole. Without
// a path it is the default file, which need not be there.
func ReadConfig(path string) (Config, error) {
	c := Default()
	given := path != ""
	if !given {
		path = DefaultConfigFile
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist) && !given:
		return c, c.Validate()
	case err != nil:
		return c, fault.Wrap(fault.Invalid, err, "configuration file %s cannot be read", path)
	}
	if err := c.decode(string(text)); err != nil {
		return c, fmt.Errorf("configuration file %s: %w", path, err)
	}
	return c, nil
}

func (c *Config) decode(text string) error {
	read, err := toml.Decode(text, c)
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "the configuration is not valid TOML")
	}
	var problems []error
	for _, key := range read.Undecoded() {
		problems = append(problems, fault.New(fault.Invalid, "%s: there is no such key", key))
	}
	return errors.Join(append(problems, c.Validate())...)
}

// Validate names everything that is wrong, each with its key.
func (c Config) Validate() error {
	return errors.Join(
		address("controller", c.Controller, true),
		absolute("state_dir", c.StateDir),
		absolute("cache_dir", c.CacheDir),
		absolute("guest.console_dir", c.Guest.ConsoleDir),
		eachAbsolute("template.file_roots", c.Template.FileRoots),
		given("libvirt.uri", c.Libvirt.URI),
		given("guest.bridge", c.Guest.Bridge),
		between("drain_time", c.DrainTime, 0, time.Hour),
		between("actions.parallel", c.Actions.Parallel, 1, 256),
		between("actions.queue", c.Actions.Queue, c.Actions.Parallel, 65536),
		address("metrics.listen", c.Metrics.Listen, true),
	)
}

func address(key, value string, optional bool) error {
	if value == "" && optional {
		return nil
	}
	host, port, err := net.SplitHostPort(value)
	if err != nil || port == "" || (key == "controller" && host == "") {
		return fault.New(fault.Invalid, "%s: %q is not of the form host:port", key, value)
	}
	return nil
}

func absolute(key, path string) error {
	if !filepath.IsAbs(path) {
		return fault.New(fault.Invalid, "%s: %q is not an absolute path", key, path)
	}
	return nil
}

func eachAbsolute(key string, paths []string) error {
	var problems []error
	for _, path := range paths {
		problems = append(problems, absolute(key, path))
	}
	return errors.Join(problems...)
}

func given(key, value string) error {
	if value == "" {
		return fault.New(fault.Invalid, "%s: it must not be empty", key)
	}
	return nil
}

func between[T int | time.Duration](key string, value, least, most T) error {
	if value < least || value > most {
		return fault.New(fault.Invalid, "%s: %v is not between %v and %v", key, value, least, most)
	}
	return nil
}
