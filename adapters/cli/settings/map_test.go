package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/domain/secret"
)

type lives struct {
	Access  time.Duration `koanf:"access_token_life"`
	Refresh time.Duration `koanf:"refresh_life"`
}

type withMaps struct {
	Lifetimes map[string]lives        `koanf:"lifetimes"`
	Labels    map[string]string       `koanf:"labels"`
	Tokens    map[string]secret.Value `koanf:"tokens"`
}

func loadMaps(t *testing.T, text string, env ...string) (withMaps, settings.Settings, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passport.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var c withMaps
	found, err := settings.Load(&c, settings.Input{File: path, Env: env})
	return c, found, err
}

func TestAMapIsReadAndShown(t *testing.T) {
	t.Parallel()
	c, found, err := loadMaps(t, "lifetimes:\n  urn:acme:otp: {refresh_life: 7d}\n  client_credentials: {access_token_life: 15m}\n"+
		"labels: {b: postgres://a:hunter2@db/x, a: one}\ntokens: {a: hunter2}\n")
	if err != nil || c.Lifetimes["client_credentials"].Access != 15*time.Minute || c.Lifetimes["urn:acme:otp"].Refresh != 7*24*time.Hour {
		t.Fatalf("got %+v, %v", c, err)
	}
	for key, want := range map[string]string{
		"lifetimes": "client_credentials.access_token_life=15m0s,urn:acme:otp.refresh_life=168h0m0s",
		"labels":    "a=one,b=postgres://a:[hidden]@db/x",
		"tokens":    "a=[hidden]",
	} {
		if got := found.Text(key); got != want {
			t.Errorf("%s: got %q; want %q", key, got, want)
		}
	}
}

func TestWhatIsWrongInAMapIsNamed(t *testing.T) {
	t.Parallel()
	const want = "a map in the configuration file, to access_token_life and refresh_life"
	for _, text := range []string{"lifetimes: {password: {acess_token_life: 1h}}\n", "lifetimes: 1h\n", "lifetimes: {password: {refresh_life: 60}}\n"} {
		if _, _, err := loadMaps(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v; want %q in it", text, err, want)
		}
	}
	if _, _, err := loadMaps(t, "", "PASSPORT_LIFETIMES=1h"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v; want %q in it", err, want)
	}
}
