// Command cairn-controller serves the API of a config-drive cloud.
//
// In:  flags and a configuration file.
// Out: a running controller; the exit code 0, 1 for a failure, 2 for wrong
// usage.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx))
}

// failure is an error of the work itself, not of the way it was asked for.
type failure struct{ error }

func (f *failure) Unwrap() error { return f.error }

// working marks what a command's work fails with.
func working(run func(cmd *cobra.Command) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		if err := run(cmd); err != nil {
			return &failure{err}
		}
		return nil
	}
}

func run(ctx context.Context) int {
	root := newRoot()
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var failed *failure
	if errors.As(err, &failed) {
		fmt.Fprintln(os.Stderr, "cairn-controller:", err)
		return 1
	}
	fmt.Fprintf(os.Stderr, "cairn-controller: %v\nRun 'cairn-controller --help' for usage.\n", err)
	return 2
}

func newRoot() *cobra.Command {
	var file string
	root := &cobra.Command{
		Use: "cairn-controller", Short: "The controller of a config-drive cloud",
		SilenceUsage: true, SilenceErrors: true, Version: version.String(),
	}
	root.PersistentFlags().StringVarP(&file, "config", "c", "", "configuration file (default "+controller.DefaultConfigFile+", if it is there)")
	config := func() (controller.Config, error) { return controller.ReadConfig(file) }
	root.AddCommand(initCommand(config), serveCommand(config), joinTokenCommand(config), checkConfigCommand(config), versionCommand())
	return root
}
