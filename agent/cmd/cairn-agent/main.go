// Command cairn-agent is the node agent of a KVM host.
//
// It exits with 0 when all went well, with 1 when something failed, and with
// 2 when it was called wrongly.
//
// In:  flags, a configuration file and signals.
// Out: a running package agent; an exit code.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cairn-kvm/cairn/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(execute(ctx, command(), os.Args[1:]))
}

// execute gives the exit code.
func execute(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var failed *failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed):
		root.PrintErrln("cairn-agent:", err)
		return 1
	}
	root.PrintErrf("cairn-agent: %v\nRun 'cairn-agent --help' for usage.\n", err)
	return 2
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "cairn-agent",
		Short:         "The node agent of Cairn: runs VMs and builds their config drives",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version.String(),
	}
	file := root.PersistentFlags().StringP("config", "c", "", "configuration file (default /etc/cairn/agent.toml, which need not be there)")
	root.AddCommand(joinCommand(file), runCommand(file), checkCommand(file), versionCommand())
	return root
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which build this is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			build := version.Read()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "cairn-agent %s (%s)\n", build, build.Go)
			return fail(err)
		},
	}
}

// failure is an error of the work itself, not of the way it was asked for.
type failure struct{ error }

func (f *failure) Unwrap() error { return f.error }

func fail(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err}
}
