package cli

import (
	"github.com/spf13/cobra"
)

func (s *shell) configCommand() *cobra.Command {
	show := &cobra.Command{
		Use: "show", Short: "Show every setting and where it comes from; secrets are hidden",
		Example: "passport config show\npassport config show -o json", Args: takes(),
		RunE: func(*cobra.Command, []string) error { return s.showConfig() },
	}
	validate := &cobra.Command{
		Use: "validate", Short: "Tell all that is wrong with the configuration",
		Example: "passport config validate\npassport config validate --config /etc/passport/passport.yaml", Args: takes(),
		RunE: func(*cobra.Command, []string) error {
			l, err := s.load(s.input())
			if err != nil {
				return s.badConfig(err)
			}
			s.note("The configuration is valid. %s", readFrom(l.File))
			return nil
		},
	}
	return s.group("config", "Look at the configuration", show, validate)
}

// showConfig shows what was found even where it is not valid: that is when people look.
func (s *shell) showConfig() error {
	l, invalid := s.load(s.input())
	s.note("%s", readFrom(l.File))
	rows := make([][]string, len(l.Values))
	for i, v := range l.Values {
		rows[i] = []string{v.Key, v.Text, v.Source}
	}
	if err := s.list(l.Values, []string{"SETTING", "VALUE", "SOURCE"}, rows); err != nil {
		return err
	}
	if invalid != nil {
		return s.badConfig(invalid)
	}
	return nil
}

func readFrom(path string) string {
	if path == "" {
		return "No configuration file was found."
	}
	return "Configuration file: " + path
}
