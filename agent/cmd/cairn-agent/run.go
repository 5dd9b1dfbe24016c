package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/spf13/cobra"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/agent/hypervisor"
	"github.com/cairn-kvm/cairn/agent/storage"
	"github.com/cairn-kvm/cairn/internal/fault"
	"github.com/cairn-kvm/cairn/internal/logging"
)

func runCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the agent until SIGTERM or SIGINT; a second signal ends it at once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := agent.ReadConfig(*file)
			if err != nil {
				return fail(err)
			}
			small, stop := context.WithCancel(cmd.Context())
			var trimming sync.WaitGroup
			trimming.Go(func() { keepSmall(small) })
			defer trimming.Wait()
			defer stop()
			return fail(run(cmd.Context(), config))
		},
	}
}

func run(ctx context.Context, c agent.Config) (err error) {
	log := logger(c)
	if err := makeDirectories(c); err != nil {
		return err
	}
	metrics := agent.NewMetrics()
	libvirt, err := openHypervisor(ctx, c, metrics, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, libvirt.Close()) }()
	files := storage.New(storage.Config{
		CacheDir: c.CacheDir, Group: c.Guest.ImageGroup,
		FileRoots: c.Template.FileRoots, MaxTemplateBytes: c.Template.MaxBytes,
	}, log.With("part", "storage"))
	a, err := agent.New(c, agent.Host{Hypervisor: libvirt, Storage: files}, metrics, log)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// makeDirectories makes the agent's own, where the package has not. QEMU must
// get through the cache to its images, which bear their own rights.
func makeDirectories(c agent.Config) error {
	for path, mode := range map[string]fs.FileMode{c.StateDir: 0o700, c.CacheDir: 0o755, c.Guest.ConsoleDir: 0o750} {
		if err := os.MkdirAll(path, mode); err != nil {
			return fault.Wrap(fault.Unavailable, err, "directory %s cannot be made", path)
		}
	}
	return nil
}

func logger(c agent.Config) *slog.Logger {
	return logging.New(os.Stderr, logging.Config{Format: c.Log.Format, Level: c.Log.Level})
}

func openHypervisor(ctx context.Context, c agent.Config, m *agent.Metrics, log *slog.Logger) (*hypervisor.Host, error) {
	return hypervisor.Open(ctx, hypervisor.Config{
		URI:            c.Libvirt.URI,
		Virtualization: string(c.Guest.Virtualization),
		Observe:        m.LibvirtCall,
	}, log.With("part", "hypervisor"))
}

func checkCommand(file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "check-config",
		Short: "Say whether the configuration is valid",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := agent.ReadConfig(*file); err != nil {
				return fail(err)
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "the configuration is valid")
			return fail(err)
		},
	}
}
