package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"github.com/cairn-kvm/cairn/controller"
	"github.com/cairn-kvm/cairn/internal/logging"
	"github.com/cairn-kvm/cairn/internal/version"
)

type configReader func() (controller.Config, error)

func initCommand(config configReader) *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Make a new controller's state, and print root's keys: they are told this once", Args: cobra.NoArgs,
		RunE: working(func(cmd *cobra.Command) error {
			cfg, err := config()
			if err != nil {
				return err
			}
			keys, err := controller.Init(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "export CLOUDSTACK_ENDPOINT=http://%s/client/api\nexport CLOUDSTACK_KEY=%s\nexport CLOUDSTACK_SECRET=%s\n",
				reachable(cfg.API.Listen), keys.APIKey.Reveal(), keys.SecretKey.Reveal())
			return err
		}),
	}
}

// reachable makes an address to listen on one to dial.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

func serveCommand(config configReader) *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Serve the API and the agents", Args: cobra.NoArgs,
		RunE: working(func(cmd *cobra.Command) (err error) {
			cfg, err := config()
			if err != nil {
				return err
			}
			log := logging.New(os.Stderr, logging.Config{Format: cfg.Log.Format, Level: cfg.Log.Level})
			c, err := controller.New(cmd.Context(), cfg, log)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.Close()) }()
			if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
				log.WarnContext(cmd.Context(), "systemd not told", "err", err)
			}
			return c.Run(cmd.Context())
		}),
	}
}

func joinTokenCommand(config configReader) *cobra.Command {
	var cluster string
	var valid time.Duration
	cmd := &cobra.Command{
		Use: "join-token", Short: "Print a token with which one host can join, once", Args: cobra.NoArgs,
		RunE: working(func(cmd *cobra.Command) error {
			cfg, err := config()
			if err != nil {
				return err
			}
			if cluster == "" || valid <= 0 {
				return errors.New("join-token needs --cluster, and --valid above 0")
			}
			token, err := controller.JoinToken(cmd.Context(), cfg, cluster, valid)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token.Reveal())
			return err
		}),
	}
	cmd.Flags().StringVar(&cluster, "cluster", "", "name or id of the cluster that the host is to join")
	cmd.Flags().DurationVar(&valid, "valid", time.Hour, "how long the token can be used")
	return cmd
}

func checkConfigCommand(config configReader) *cobra.Command {
	return &cobra.Command{
		Use: "check-config", Short: "Check the configuration file", Args: cobra.NoArgs,
		RunE: working(func(cmd *cobra.Command) error {
			if _, err := config(); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "the configuration is valid")
			return err
		}),
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Say which build this is", Args: cobra.NoArgs,
		RunE: working(func(cmd *cobra.Command) error {
			build := version.Read()
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "cairn-controller %s (%s)\n", build, build.Go)
			return err
		}),
	}
}
