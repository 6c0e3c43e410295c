package cli

import (
	"cmp"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/domain/key"
)

type keyJSON struct {
	ID          key.ID        `json:"kid"`
	Algorithm   key.Algorithm `json:"alg"`
	State       key.State     `json:"state"`
	CreatedAt   time.Time     `json:"created_at,omitzero"`
	ActivatedAt time.Time     `json:"activated_at,omitzero"`
	RetiresAt   time.Time     `json:"retires_at,omitzero"`
}

func keyOf(k key.Key) keyJSON {
	return keyJSON{k.ID, k.Algorithm, k.State, k.CreatedAt, k.ActivatedAt, k.RetiresAt}
}

func (s *shell) keyCommand() *cobra.Command {
	return s.group("key", "Manage signing keys", s.keyList(), s.keyGenerate(), s.keyRotate())
}

func (s *shell) keyList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List signing keys, oldest first", Args: takes(),
		Example: "passport key list\npassport key list -o json",
		RunE: func(c *cobra.Command, _ []string) error {
			return s.manage(c.Context(), func(a *App) error {
				all, err := a.Keys.List(c.Context())
				if err != nil {
					return err
				}
				data, rows := make([]keyJSON, len(all)), make([][]string, len(all))
				for i, k := range all {
					data[i] = keyOf(k)
					rows[i] = []string{string(k.ID), string(k.Algorithm), string(k.State), stamp(k.CreatedAt), stamp(k.ActivatedAt), stamp(k.RetiresAt)}
				}
				return s.list(data, []string{"KEY ID", "ALGORITHM", "STATE", "CREATED", "ACTIVATED", "RETIRES"}, rows)
			})
		},
	}
}

func (s *shell) keyGenerate() *cobra.Command {
	var alg string
	c := &cobra.Command{
		Use: "generate", Short: "Make a key that is published now and signs after rotate", Args: takes(),
		Example: "passport key generate\npassport key generate --alg EdDSA",
	}
	c.Flags().StringVar(&alg, "alg", "", "ES256, EdDSA, RS256 or PS256 (setting signing_algorithm, else ES256)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := s.algorithm(alg)
		if err != nil {
			return err
		}
		return s.manage(c.Context(), func(app *App) error {
			k, err := app.Keys.Generate(c.Context(), a)
			if err != nil {
				return err
			}
			s.note("Key made and published. Give verifiers time to fetch it.\nNext: passport key rotate")
			return s.showKey(k)
		})
	}
	return c
}

// algorithm is the one that was asked for, or the one the server's own keys are made with.
func (s *shell) algorithm(given string) (key.Algorithm, error) {
	if given == "" {
		l, _ := s.load(settings.Input{File: s.file, Env: s.env})
		given = cmp.Or(l.Text("signing_algorithm"), string(key.ES256))
	}
	a, err := key.ParseAlgorithm(given)
	if err != nil {
		return "", usage("--alg %q is not one of ES256, EdDSA, RS256, PS256", given)
	}
	return a, nil
}

func (s *shell) keyRotate() *cobra.Command {
	var now, replace bool
	c := &cobra.Command{
		Use: "rotate", Short: "Let the next key sign", Args: takes(),
		Long: "Let the oldest next key sign from now on. The key before stays published until the last token it signed has died.\n\n" +
			"The next key must have been published for 10 minutes, so that everybody who verifies tokens knows it. For a key that was stolen there is --replace: the trust in the key before ends at once, and with it every token that it signed. Running servers follow within 5 seconds.",
		Example: "passport key generate && sleep 600 && passport key rotate\npassport key rotate --now\npassport key rotate --replace",
	}
	c.Flags().BoolVar(&now, "now", false, "do not wait, and make a key where none waits; verifiers that keep the JWKS refuse new tokens for some minutes")
	c.Flags().BoolVar(&replace, "replace", false, "the key before was stolen: do not wait, and withdraw it; every access token that it signed dies")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return s.manage(c.Context(), func(a *App) error {
			rotate := a.Keys.Rotate
			switch {
			case replace:
				rotate = a.Keys.Replace
			case now:
				rotate = a.Keys.RotateNow
			}
			k, err := rotate(c.Context())
			if err != nil {
				return err
			}
			s.note("The key signs from now on; running servers follow within 5 seconds.")
			return s.showKey(k)
		})
	}
	return c
}

func (s *shell) showKey(k key.Key) error {
	return s.show(keyOf(k), line{"Key ID", string(k.ID)}, line{"Algorithm", string(k.Algorithm)}, line{"State", string(k.State)})
}
