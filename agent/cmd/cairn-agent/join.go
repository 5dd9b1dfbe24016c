package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairn-kvm/cairn/agent"
	"github.com/cairn-kvm/cairn/agent/link"
	"github.com/cairn-kvm/cairn/internal/secret"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// lookWithin bounds the look at the host before joining, which can go without.
const lookWithin = 15 * time.Second

// maxToken bounds, in bytes, what is read for a token.
const maxToken = 4096

type joinFlags struct {
	controller, token, tokenFile, name string
	force                              bool
}

func joinCommand(file *string) *cobra.Command {
	var f joinFlags
	cmd := &cobra.Command{
		Use:     "join --controller HOST:PORT {--token TOKEN | --token-file FILE}",
		Short:   "Make this host a member of a controller's cloud",
		Example: "  cairn-agent join --controller cloud.example.org:8250 --token-file token.txt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := agent.ReadConfig(*file)
			if err != nil {
				return fail(err)
			}
			return fail(join(cmd, config, f))
		},
	}
	cmd.Flags().StringVar(&f.controller, "controller", "", "address of the controller, host:port")
	cmd.Flags().StringVar(&f.token, "token", "", "join token, which other users of this machine can see while the command runs")
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "file with the join token; - is standard input")
	cmd.Flags().StringVar(&f.name, "name", "", "name of this host (default: what hostname says)")
	cmd.Flags().BoolVar(&f.force, "force", false, "give up the identity that this host has")
	cmd.MarkFlagsOneRequired("token", "token-file")
	cmd.MarkFlagsMutuallyExclusive("token", "token-file")
	if err := cmd.MarkFlagRequired("controller"); err != nil {
		panic(err) // the flag is declared above
	}
	return cmd
}

func join(cmd *cobra.Command, c agent.Config, f joinFlags) error {
	token, err := f.read(cmd.InOrStdin())
	if err != nil {
		return err
	}
	if f.name == "" {
		if f.name, err = os.Hostname(); err != nil {
			return fmt.Errorf("find the name of this host: %w; give it with --name", err)
		}
	}
	id, err := agent.Join(cmd.Context(), agent.JoinRequest{
		Controller: f.controller, Token: token, StateDir: c.StateDir, Force: f.force,
		Facts: facts(cmd.Context(), c, f.name, logger(c)),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "this host has joined %s as %s (%s)\n", f.controller, f.name, id.Host)
	return err
}

func (f joinFlags) read(stdin io.Reader) (secret.Text, error) {
	if f.tokenFile == "" {
		return secret.New(f.token), nil
	}
	source := stdin
	if f.tokenFile != "-" {
		file, err := os.Open(f.tokenFile)
		if err != nil {
			return secret.Text{}, err
		}
		defer func() { _ = file.Close() }() // it was only read
		source = file
	}
	text, err := io.ReadAll(io.LimitReader(source, maxToken))
	if err != nil {
		return secret.Text{}, fmt.Errorf("read the token: %w", err)
	}
	return secret.New(strings.TrimSpace(string(text))), nil
}

// facts are what the controller shall know of the host from the start. A host
// without its hypervisor may join: it tells the rest when it runs.
func facts(ctx context.Context, c agent.Config, name string, log *slog.Logger) *agentv1.HostFacts {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	known, err := look(ctx, c, name, log)
	if err != nil {
		log.Warn("the hypervisor cannot be asked what this host is", "err", err)
		return &agentv1.HostFacts{Name: name, Cpus: uint32(runtime.NumCPU())}
	}
	return known
}

func look(ctx context.Context, c agent.Config, name string, log *slog.Logger) (_ *agentv1.HostFacts, err error) {
	host, err := openHypervisor(ctx, c, agent.NewMetrics(), log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	found, err := host.Facts(ctx)
	if err != nil {
		return nil, err
	}
	return link.Facts(found, name), nil
}
