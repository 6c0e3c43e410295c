package cli

import (
	"runtime/debug"

	"github.com/spf13/cobra"
)

const modulePath = "github.com/gopassport/passport"

type versionJSON struct {
	Program  string `json:"program"`
	Version  string `json:"version"`
	Passport string `json:"passport"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
}

func (s *shell) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Tell which version this is", Example: "passport version\npassport version -o json", Args: takes(),
		RunE: func(*cobra.Command, []string) error {
			v := s.version()
			return s.show(v, line{"Program", v.Program}, line{"Version", v.Version}, line{"Passport", v.Passport},
				line{"Commit", v.Commit}, line{"Go", v.Go})
		},
	}
}

// version tells of the binary, and of the Passport in it where a team built the binary.
func (s *shell) version() versionJSON {
	v := versionJSON{Program: s.program, Version: "(devel)", Passport: "(devel)"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Go, v.Version, v.Passport = info.GoVersion, info.Main.Version, info.Main.Version
	for _, m := range info.Deps {
		if m.Path == modulePath {
			v.Passport = m.Version
		}
	}
	for _, b := range info.Settings {
		if b.Key == "vcs.revision" {
			v.Commit = b.Value
		}
	}
	return v
}
