package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
)

type Scope struct {
	Name        string `koanf:"name"`
	Description string `koanf:"description"`
}

type Core struct {
	Issuer  string         `koanf:"issuer"`
	Scopes  []Scope        `koanf:"scopes"`
	Life    time.Duration  `koanf:"access_token_life"`
	Grace   *time.Duration `koanf:"refresh_grace"`
	Default []string       `koanf:"default_scopes"`
	Workers int            `koanf:"workers"`
	Grants  Grants         `koanf:"grants"`
	Clock   func() time.Time
}

type Grants struct {
	Password bool `koanf:"password"`
}

func (c Core) Validate() error {
	if c.Issuer == "" {
		return errors.New("issuer is missing")
	}
	return nil
}

type Keys struct {
	AppKey   secret.Value   `koanf:"app_key"`
	Previous []secret.Value `koanf:"previous_app_keys"`
}

func (c *Keys) Validate() error {
	if c.AppKey.Empty() {
		return errors.New("app_key is missing")
	}
	return nil
}

type Store struct {
	URL string `koanf:"database_url"`
}

type Config struct {
	Core  Core `koanf:",squash"`
	Keys  Keys `koanf:",squash"`
	Store Store
}

// valid is an environment in which nothing is missing.
func valid(more ...string) []string {
	return append([]string{"PASSPORT_ISSUER=https://id.example", "PASSPORT_APP_KEY=k"}, more...)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFlagsWinOverEnvironmentOverFileOverDefaults(t *testing.T) {
	t.Parallel()
	const key = "issuer"
	file := write(t, "passport.yaml", "issuer: file\napp_key: k\n")
	layers := []struct {
		want, source string
		add          func(*settings.Input)
	}{
		{"default", "default", func(in *settings.Input) { in.Env = []string{"PASSPORT_APP_KEY=k"} }},
		{"base", "dev", func(in *settings.Input) { in.Base = map[string]string{key: "base", "no_such": "x"} }},
		{"file", file, func(in *settings.Input) { in.File = file }},
		{"env", "PASSPORT_ISSUER", func(in *settings.Input) { in.Env = append(in.Env, "PASSPORT_ISSUER=env") }},
		{"flag", "--issuer", func(in *settings.Input) { in.Flag = map[string]string{key: "flag"} }},
	}
	in := settings.Input{}
	for _, l := range layers {
		l.add(&in)
		c := Config{Core: Core{Issuer: "default"}}
		found, err := settings.Load(&c, in)
		if err != nil || c.Core.Issuer != l.want || found.Text(key) != l.want || found.Source(key) != l.source {
			t.Errorf("got %q, shown as %q from %q, %v; want %q from %q", c.Core.Issuer, found.Text(key), found.Source(key), err, l.want, l.source)
		}
	}
}

func TestEveryKindOfValueIsReadFromFileAndEnvironment(t *testing.T) {
	t.Parallel()
	file := write(t, "passport.yaml", `
issuer: https://id.example
app_key: "0123"
previous_app_keys: [a, b]
scopes:
  - {name: "orders:read", description: See your orders}
  - {name: "orders:write"}
access_token_life: 30d
refresh_grace: 0s
default_scopes: ["orders:read"]
workers: 3
grants.password: true
database_url: sqlite:x
`)
	env := []string{
		"PASSPORT_ISSUER=https://id.example", "PASSPORT_APP_KEY=0123", "PASSPORT_PREVIOUS_APP_KEYS=a, b",
		"PASSPORT_SCOPES=orders:read=See your orders,orders:write", "PASSPORT_ACCESS_TOKEN_LIFE=30d", "PASSPORT_REFRESH_GRACE=0s",
		"PASSPORT_DEFAULT_SCOPES=orders:read", "PASSPORT_WORKERS=3", "PASSPORT_GRANTS_PASSWORD=true", "PASSPORT_DATABASE_URL=sqlite:x",
	}
	for name, in := range map[string]settings.Input{"file": {File: file}, "environment": {Env: env}} {
		t.Run(name, func(t *testing.T) {
			c := Config{Core: Core{Scopes: []Scope{{"1", ""}, {"2", ""}, {"3", ""}}}}
			found, err := settings.Load(&c, in)
			if err != nil {
				t.Fatal(err)
			}
			if c.Core.Life != 30*24*time.Hour || c.Core.Grace == nil || *c.Core.Grace != 0 || c.Core.Workers != 3 || !c.Core.Grants.Password {
				t.Errorf("got %+v", c.Core)
			}
			if want := []Scope{{"orders:read", "See your orders"}, {"orders:write", ""}}; !slices.Equal(c.Core.Scopes, want) {
				t.Errorf("got scopes %v; want %v", c.Core.Scopes, want)
			}
			if c.Keys.AppKey.Reveal() != "0123" || len(c.Keys.Previous) != 2 || c.Keys.Previous[1].Reveal() != "b" {
				t.Errorf("got other app keys than were given")
			}
			if got := found.Names("scopes"); !slices.Equal(got, []string{"orders:read", "orders:write"}) {
				t.Errorf("got names %v", got)
			}
		})
	}
}

// T03: a setting that does not exist must not be taken for one that holds.
func TestAnUnknownKeyIsRefusedWithTheNearestName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, env, want string
	}{
		{"in the file", "isuer: x\n", "", "unknown key isuer: did you mean issuer?"},
		{"swapped letters", "", "PASSPORT_DATABSAE_URL=x", "unknown variable PASSPORT_DATABSAE_URL: did you mean PASSPORT_DATABASE_URL?"},
		{"nothing near", "qqqqqqqqqq: x\n", "", "unknown key qqqqqqqqqq"},
		{"inside a group", "grants: {pasword: true}\n", "", "unknown key grants.pasword: did you mean grants.password?"},
		{"inside a value", "issuer: {a: b}\n", "", "unknown key issuer.a"},
		{"inside a list", "scopes: [{name: a, descripton: b}]\n", "", "is not a list of name and description"},
		{"of a secret file", "app_kye_file: x\n", "", "unknown key app_kye_file"},
		{"upper case", "ISSUER: x\n", "", "unknown key ISSUER: did you mean issuer?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := settings.Input{Env: valid()}
			if tt.file != "" {
				in.File = write(t, "passport.yaml", tt.file)
			}
			if tt.env != "" {
				in.Env = append(in.Env, tt.env)
			}
			_, err := settings.Load(&Config{}, in)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v; want %q", err, tt.want)
			}
		})
	}
}

func TestVariablesThatNobodyWroteAreNoMistake(t *testing.T) {
	t.Parallel()
	c := Config{}
	_, err := settings.Load(&c, settings.Input{Env: valid(
		"PASSPORT_NO_INPUT=1", "PASSPORT_TEST_DATABASE_URL=x", "PASSPORT_REQUIRE=postgres", "PASSPORT_WORKERS=",
		"PASSPORT_SERVICE_HOST=10.0.0.1", "PASSPORT_SERVICE_PORT=80", "PASSPORT_SERVICE_PORT_HTTP=80", "PASSPORT_PORT=tcp://10.0.0.1:80",
		"PASSPORT_PORT_80_TCP=tcp://10.0.0.1:80", "PASSPORT_PORT_80_TCP_ADDR=10.0.0.1", "PASSPORT_DB_SERVICE_HOST=10.0.0.2",
	)})
	if err != nil {
		t.Errorf("got %v; want nil", err)
	}
	if _, err := settings.Load(&c, settings.Input{Env: valid("PASSPORT_PORT=8080")}); err == nil {
		t.Error("got nil for PASSPORT_PORT=8080; want an error")
	}
}

func TestAValueCanComeFromAFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"k": "k", "k\n": "k", "k\r\n": "k", " k \n\n": " k \n"} {
		path := write(t, "key", text)
		for name, in := range map[string]settings.Input{
			"environment": {Env: []string{"PASSPORT_ISSUER=x", "PASSPORT_APP_KEY_FILE=" + path}},
			"file":        {File: write(t, "passport.yaml", "issuer: x\napp_key_file: "+path+"\n")},
		} {
			c := Config{}
			if _, err := settings.Load(&c, in); err != nil || c.Keys.AppKey.Reveal() != want {
				t.Errorf("%s, %q: got %q, %v; want %q", name, text, c.Keys.AppKey.Reveal(), err, want)
			}
		}
	}
}

func TestASecretSetTwiceInOnePlaceIsRefused(t *testing.T) {
	t.Parallel()
	path := write(t, "key", "k")
	for name, in := range map[string]settings.Input{
		"environment": {Env: valid("PASSPORT_APP_KEY_FILE=" + path)},
		"file":        {File: write(t, "passport.yaml", "issuer: x\napp_key: k\napp_key_file: "+path+"\n")},
	} {
		if _, err := settings.Load(&Config{}, in); err == nil || !strings.Contains(err.Error(), "app_key is set twice") {
			t.Errorf("%s: got %v; want a refusal", name, err)
		}
	}
	file := write(t, "passport.yaml", "issuer: x\napp_key: other\n")
	c := Config{}
	_, err := settings.Load(&c, settings.Input{File: file, Env: []string{"PASSPORT_APP_KEY_FILE=" + path}})
	if err != nil || c.Keys.AppKey.Reveal() != "k" {
		t.Errorf("got %q, %v; want the environment's file to win over the configuration's value", c.Keys.AppKey.Reveal(), err)
	}
}

func TestWhatIsWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := settings.Load(&Config{}, settings.Input{
		File: write(t, "passport.yaml", "workers: many\naccess_token_life: 3600\nisuer: x\n"),
		Env:  []string{"PASSPORT_REFRESH_GRACE=soon", "PASSPORT_APP_KEY_FILE=/no/such/file"},
	})
	var p *fault.Problems
	if !errors.As(err, &p) {
		t.Fatalf("got %v; want *fault.Problems", err)
	}
	for _, want := range []string{
		`workers "many" is not a whole number`, `access_token_life "3600" is not a duration`, "isuer", `refresh_grace "soon"`,
		"/no/such/file", "issuer is missing", "app_key is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want it to name %q", err, want)
		}
	}
}

func TestNoMessageShowsASecret(t *testing.T) {
	t.Parallel()
	_, err := settings.Load(&Config{}, settings.Input{File: write(t, "passport.yaml", "issuer: x\napp_key: 424242424242\nprevious_app_keys: [515151515151]\n")})
	if err == nil || strings.Contains(err.Error(), "4242") || strings.Contains(err.Error(), "5151") || !strings.Contains(err.Error(), "quotes") {
		t.Errorf("got %v; want a refusal that shows nothing", err)
	}
}

// T08.
func TestShownSettingsHideSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, url, want string }{
		{"url", "postgres://app:hunter2@db/x?sslmode=disable", "postgres://app:[hidden]@db/x?sslmode=disable"},
		{"url with an at sign in the password", "postgres://app:hun@ter2@db/x", "postgres://app:[hidden]@db/x"},
		{"url with a slash in the password", "postgres://app:hunter2/@db/x", "postgres://app:[hidden]@db/x"},
		{"query", "postgres://db/x?user=a&password=hunter2&sslmode=disable", "postgres://db/x?user=a&password=[hidden]&sslmode=disable"},
		{"words", "host=db password=hunter2 user=a", "host=db password=[hidden] user=a"},
		{"quoted words", `host=db password='hunter2 x\' y' user=a`, "host=db password=[hidden] user=a"},
		{"no password", "sqlite:passport.db", "sqlite:passport.db"},
	}
	for _, tt := range tests {
		found, err := settings.Load(&Config{}, settings.Input{Env: valid("PASSPORT_DATABASE_URL="+tt.url, "PASSPORT_PREVIOUS_APP_KEYS=abc,def")})
		if err != nil || found.Text("database_url") != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.name, found.Text("database_url"), err, tt.want)
		}
		if found.Text("app_key") != "[hidden]" || found.Text("previous_app_keys") != "[hidden],[hidden]" {
			t.Errorf("%s: got %q and %q; want them hidden", tt.name, found.Text("app_key"), found.Text("previous_app_keys"))
		}
	}
}

func TestDefaultsAreNotChanged(t *testing.T) {
	t.Parallel()
	grace := time.Second
	defaults := Config{Core: Core{Default: []string{"a"}, Grace: &grace}}
	c := defaults
	if _, err := settings.Load(&c, settings.Input{Env: valid("PASSPORT_DEFAULT_SCOPES=b", "PASSPORT_REFRESH_GRACE=5s")}); err != nil {
		t.Fatal(err)
	}
	if defaults.Core.Default[0] != "a" || *defaults.Core.Grace != time.Second || c.Core.Default[0] != "b" || *c.Core.Grace != 5*time.Second {
		t.Errorf("got defaults %v and %v", defaults.Core.Default, *defaults.Core.Grace)
	}
}

func TestAFlagOfASettingThatTheProgramLacksIsRefused(t *testing.T) {
	t.Parallel()
	_, err := settings.Load(&Config{}, settings.Input{Env: valid(), Flag: map[string]string{"addr": "x"}})
	if err == nil || !strings.Contains(err.Error(), "--addr: this program has no setting addr") {
		t.Errorf("got %v; want a refusal", err)
	}
}

func TestTheFileIsLookedForInTheUsualPlaces(t *testing.T) {
	dir, home, named := t.TempDir(), t.TempDir(), write(t, "other.yaml", "issuer: named\n")
	t.Chdir(dir)
	env := []string{"PASSPORT_APP_KEY=k", "XDG_CONFIG_HOME=" + home}
	put := func(path, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want string, in settings.Input) {
		t.Helper()
		c := Config{}
		if _, err := settings.Load(&c, in); err != nil || c.Core.Issuer != want {
			t.Errorf("got %q, %v; want %q", c.Core.Issuer, err, want)
		}
	}
	put(filepath.Join(home, "passport", "passport.yaml"), "issuer: home\n")
	check("home", settings.Input{Env: env})
	put("passport.yaml", "issuer: here\n")
	check("here", settings.Input{Env: env})
	check("named", settings.Input{Env: append(env, "PASSPORT_CONFIG="+named)})
	check("named", settings.Input{Env: append(env, "PASSPORT_CONFIG=/no/such"), File: named})
	if _, err := settings.Load(&Config{}, settings.Input{Env: append(valid(), "PASSPORT_CONFIG=/no/such")}); err == nil {
		t.Error("got nil for a named file that is not there; want an error")
	}
}

func TestABrokenFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no yaml": "issuer: [\n", "a list": "- a\n", "a key twice": "issuer: a\nissuer: b\n", "no value": "issuer:\n",
	} {
		if _, err := settings.Load(&Config{}, settings.Input{Env: valid(), File: write(t, "passport.yaml", text)}); err == nil {
			t.Errorf("%s: got nil; want an error", name)
		}
	}
	if _, err := settings.Load(&Config{}, settings.Input{Env: valid(), File: write(t, "passport.yaml", "")}); err != nil {
		t.Errorf("empty: got %v; want nil", err)
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want time.Duration
	}{
		{"90s", 90 * time.Second}, {"1h30m", 90 * time.Minute}, {"30d", 720 * time.Hour}, {"1d12h", 36 * time.Hour}, {"0", 0}, {"-5s", -5 * time.Second},
	}
	for _, tt := range tests {
		if got, err := settings.ParseDuration(tt.text); err != nil || got != tt.want {
			t.Errorf("%s: got %v, %v; want %v", tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "d", "1", "x", "-1d", "1.5d", "99999999d", "1d-2h3", "1dd", "30 d"} {
		if got, err := settings.ParseDuration(text); err == nil {
			t.Errorf("%q: got %v; want an error", text, got)
		}
	}
}

func FuzzNoFilePanics(f *testing.F) {
	f.Add("issuer: x\n")
	f.Add("app_key: {a: [hunter2hunter2]}\n")
	f.Add("scopes: [1, {name: 2}]\n? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "passport.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = settings.Load(&Config{}, settings.Input{File: path})
	})
}
