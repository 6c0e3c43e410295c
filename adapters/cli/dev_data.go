package cli

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gopassport/passport/adapters/cli/settings"
)

// devData is the directory of a development server.
type devData string

// Files in it: seedFile remembers the secrets of what was seeded; readyFile says the same, and that the server is there;
// configFile lets other commands work on the same data.
const (
	keyFile    = "app.key"
	configFile = "passport.yaml"
	seedFile   = "seed.json"
	readyFile  = "dev.json"
)

// devState is what was seeded.
type devState struct {
	Issuer  string               `json:"issuer"`
	User    devUser              `json:"user"`
	Clients map[string]devClient `json:"clients"`
}

type devUser struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

type devClient struct {
	ID           string   `json:"client_id"`
	Secret       string   `json:"client_secret,omitempty"`
	RedirectURIs []string `json:"redirect_uris"`
	Scopes       []string `json:"scopes"`
}

// path names a file in the directory.
func (d devData) path(name string) string { return filepath.Join(string(d), name) }

func (d devData) make() error {
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	return nil
}

// appKey returns the app key of the directory, made at the first start.
func (d devData) appKey() (string, error) {
	path := d.path(keyFile)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		text, err := os.ReadFile(path)
		return strings.TrimSpace(string(text)), err
	}
	if err != nil {
		return "", fmt.Errorf("make app key: %w", err)
	}
	material := make([]byte, 32)
	_, _ = rand.Read(material) // never fails: the program ends instead
	text := "base64:" + base64.StdEncoding.EncodeToString(material)
	_, err = f.WriteString(text + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("write app key: %w", err)
	}
	return text, nil
}

// configure writes a configuration file for other commands: the settings that are the directory's own.
func (d devData) configure(found settings.Settings) error {
	return writeWhole(d.path(configFile), func(w io.Writer) error {
		fmt.Fprintln(w, "# Written at each start of the development server.")
		for _, key := range []string{"issuer", "database_url", "keys_dir"} {
			if found.Source(key) == "dev" {
				fmt.Fprintf(w, "%s: %q\n", key, found.Text(key))
			}
		}
		if found.Source("app_key") == "dev" {
			fmt.Fprintf(w, "app_key_file: %q\n", d.path(keyFile))
		}
		if found.Source("scopes") == "dev" {
			fmt.Fprintln(w, "scopes:")
			for _, one := range strings.Split(devScopes, ",") {
				name, description, _ := strings.Cut(one, "=")
				fmt.Fprintf(w, "  - name: %q\n    description: %q\n", name, description)
			}
		}
		return nil
	})
}

// notReady takes away what the last start announced.
func (d devData) notReady() error {
	err := os.Remove(d.path(readyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// seeds returns what earlier starts seeded.
func (d devData) seeds() (devState, error) {
	state := devState{Clients: map[string]devClient{}}
	path := d.path(seedFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err != nil {
		return state, fmt.Errorf("read seeds: %w", err)
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return state, failure{
			exitFailed, "seeds_unreadable", fmt.Sprintf("%s cannot be read: %s", path, err),
			"delete it: the demo clients are then made anew", err,
		}
	}
	if state.Clients == nil {
		state.Clients = map[string]devClient{}
	}
	return state, nil
}

// writeState writes a file that is there whole or not at all.
func writeState(path string, state devState) error {
	return writeWhole(path, func(w io.Writer) error { return writeJSON(w, state) })
}

func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*") // readable by its owner only
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	err = write(f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
