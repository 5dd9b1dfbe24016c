// Command cairn-controller serves the API of a config-drive cloud.
//
// In:  flags and a configuration file.
// Out: a running controller; the exit code 0, 1 for a failure, 2 for wrong
// usage.
package main

import (
	"context"
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

// usageError is a mistake on the command line.
type usageError struct{ error }

func run(ctx context.Context) int {
	root := newRoot()
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "cairn-controller:", err)
	if _, usage := err.(usageError); usage { //nolint:errorlint // it is made one level below, unwrapped
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	var file string
	root := &cobra.Command{
		Use: "cairn-controller", Short: "The controller of a config-drive cloud",
		SilenceUsage: true, SilenceErrors: true, Version: version.String(),
	}
	root.PersistentFlags().StringVar(&file, "config", "", "configuration file (default "+controller.DefaultConfigFile+", if it is there)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	config := func() (controller.Config, error) { return controller.ReadConfig(file) }
	root.AddCommand(initCommand(config), serveCommand(config), joinTokenCommand(config), checkConfigCommand(config))
	return root
}
