package cli

import (
	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
)

type installJSON struct {
	Applied []string `json:"applied"`
	Key     keyJSON  `json:"key"`
	KeyMade bool     `json:"key_made"`
}

func (s *shell) installCommand() *cobra.Command {
	return &cobra.Command{
		Use: "install", Short: "Migrate the database and make the first signing key", Args: takes(),
		Long:    "Migrate the database, check the app key, and make the first signing key. What is there stays as it is, so it can be run again.",
		Example: "passport install\npassport install -o json",
		RunE: func(c *cobra.Command, _ []string) error {
			return s.open(c.Context(), s.quiet(), func(_ settings.Settings, a *App) error { return s.install(c, a) })
		},
	}
}

func (s *shell) install(c *cobra.Command, a *App) error {
	r, err := a.Install.Run(c.Context())
	if err != nil {
		return err
	}
	done := "was there"
	if r.KeyMade {
		done = "made"
	}
	err = s.show(installJSON{append([]string{}, r.Applied...), keyOf(r.Key), r.KeyMade},
		line{"Schema", plural(len(r.Applied), "migration applied", "migrations applied")},
		line{"Signing key", string(r.Key.ID) + " (" + string(r.Key.Algorithm) + ", " + done + ")"})
	s.note("Next: passport serve")
	return err
}
