package cli

import "github.com/spf13/cobra"

// newCommand holds what begins something of a team's own. None of it needs a configuration or a database.
func (s *shell) newCommand() *cobra.Command {
	return s.group("new", "Begin something of your own: files to go on from", s.newGrant(), s.newStorage())
}
