package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

func create(t *testing.T, b *bench, args ...string) clientJSON {
	t.Helper()
	r := b.want(t, exitOK, append([]string{"client", "create", "-o", "json"}, args...)...)
	return jsonOf[clientJSON](t, r.out)
}

func TestTheKindSettlesGrantsAndAuthentication(t *testing.T) {
	t.Parallel()
	const https, loopback = "https://a.example/cb", "http://127.0.0.1/cb"
	people := []string{"authorization_code", "refresh_token"}
	tests := []struct {
		kind, uri, appType string
		grants             []string
		auth               client.AuthMethod
	}{
		{"web", https, "web", people, client.Basic},
		{"spa", https, "web", people, client.None},
		{"native", loopback, "native", people, client.None},
		{"machine", "", "web", []string{"client_credentials"}, client.Basic},
	}
	for _, tt := range tests {
		args := []string{"--kind", tt.kind, "--name", "x"}
		if tt.uri != "" {
			args = append(args, "--redirect-uri", tt.uri)
		}
		c := create(t, newBench(), args...)
		if !slices.Equal(c.GrantTypes, tt.grants) || c.Auth != tt.auth || c.Type != tt.appType || !c.EveryScope || !c.Enabled {
			t.Errorf("%s: got %+v", tt.kind, c)
		}
		if _, ok := secret.ParseHandle(secret.ClientSecret, secret.Of(c.Secret)); ok != (tt.auth != client.None) {
			t.Errorf("%s: got secret %q", tt.kind, c.Secret)
		}
	}
}

func TestFlagsChangeWhatTheKindSettled(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.stdin = "correct horse\n"
	b.want(t, exitOK, "user", "create", "ada", "--password-stdin")
	c := create(t, b, "--kind", "machine", "--name", "x", "--grant-type", "client_credentials", "--grant-type", "urn:acme:sms",
		"--auth-method", "client_secret_post", "--scope", "a", "--scope", "b", "--audience", "https://api.example", "--serves", "https://api.example",
		"--origin", "https://app.example", "--without-pkce", "--without-rotation", "--opaque-tokens", "--owner", "ADA")
	if c.Scope != "a b" || c.EveryScope || c.Auth != client.Post || len(c.GrantTypes) != 2 || !c.WithoutPKCE || !c.Unrotated || !c.Opaque ||
		len(c.Audience) != 1 || len(c.Serves) != 1 || len(c.Origins) != 1 || c.Owner == "" || c.Owner == "ADA" {
		t.Errorf("got %+v", c)
	}
	b.want(t, exitNotFound, "client", "create", "--kind", "machine", "--name", "x", "--owner", "nobody")
}

func TestWhatTheServerDoesNotKnowIsWarnedOf(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.env = append(b.env, "PASSPORT_SCOPES=orders:read,profile")
	r := b.want(t, exitOK, "client", "create", "--kind", "machine", "--name", "x", "--scope", "orders:raed", "--grant-type", "opt", "-o", "json")
	contains(t, r.err, "scope orders:raed is not in the catalog", "orders:read, profile", "grant type opt is not served", "client_credentials")
	id := string(jsonOf[clientJSON](t, r.out).ID)
	r = b.want(t, exitOK, "client", "update", id, "--scope", "orders:read", "--grant-type", "client_credentials")
	lacks(t, r.err, "Warning")
	contains(t, b.want(t, exitOK, "client", "update", id, "--scope", "orders:wirte").err, "Warning: scope orders:wirte")
	for _, kind := range kindNames() {
		r := b.want(t, exitOK, "client", "create", "--kind", kind, "--name", "x", "--redirect-uri", "http://127.0.0.1/cb")
		if _, old := legacy[kind]; !old {
			lacks(t, r.err, "Warning")
		}
	}
}

func TestAMachineHasNoApplicationType(t *testing.T) {
	t.Parallel()
	b := newBench()
	lacks(t, b.want(t, exitOK, "client", "create", "--kind", "machine", "--name", "x").out, "Type")
	contains(t, b.want(t, exitOK, "client", "create", "--kind", "native", "--name", "x", "--redirect-uri", "http://127.0.0.1/cb").out, "Type", "native")
}

// S01, S05.
func TestTheJSONOfAClientHasTheNamesOfRFC7591(t *testing.T) {
	t.Parallel()
	b := newBench()
	r := b.want(t, exitOK, "client", "create", "-o", "json", "--kind", "web", "--name", "Shop", "--redirect-uri", "https://a.example/cb", "--scope", "a")
	j := jsonOf[map[string]any](t, r.out)
	for _, name := range []string{
		"client_id", "client_secret", "client_secret_expires_at", "client_id_issued_at", "client_name", "redirect_uris", "grant_types",
		"token_endpoint_auth_method", "scope",
	} {
		if _, ok := j[name]; !ok {
			t.Errorf("got %v; want %s", j, name)
		}
	}
	if j["client_secret_expires_at"] != 0.0 || j["client_name"] != "Shop" {
		t.Errorf("got %v", j)
	}
}

func TestASecretIsShownOnceAndNeverAgain(t *testing.T) {
	t.Parallel()
	b := newBench()
	r := b.want(t, exitOK, "client", "create", "--kind", "machine", "--name", "x")
	shown := r.out[strings.Index(r.out, "pp_cs_"):]
	shown = shown[:strings.IndexAny(shown, " \n")]
	contains(t, r.err, "shown this once")
	lacks(t, r.err, shown)
	id := jsonOf[[]clientJSON](t, b.want(t, exitOK, "client", "list", "-o", "json").out)[0].ID
	for _, args := range [][]string{
		{"client", "list"},
		{"client", "list", "-o", "json"},
		{"client", "show", string(id)},
		{"client", "show", string(id), "-o", "json"},
		{"client", "update", string(id), "--name", "y", "-o", "json"},
		{"client", "disable", string(id), "-o", "json"},
	} {
		r := b.want(t, exitOK, args...)
		lacks(t, r.out+r.err, shown, "pp_cs_", "client_secret_expires_at")
	}
}

func TestASecretCanGoIntoANewFileInstead(t *testing.T) {
	t.Parallel()
	b := newBench()
	path := filepath.Join(t.TempDir(), "secret")
	r := b.want(t, exitOK, "client", "create", "--kind", "machine", "--name", "x", "--secret-out", path)
	lacks(t, r.out+r.err, "pp_cs_")
	text, err := os.ReadFile(path)
	info, _ := os.Stat(path)
	if err != nil || !strings.HasPrefix(string(text), "pp_cs_") || info.Mode().Perm() != 0o600 {
		t.Fatalf("got %q with %v, %v", text, info.Mode(), err)
	}
	b.want(t, exitConflict, "client", "create", "--kind", "machine", "--name", "y", "--secret-out", path)
	if again, _ := os.ReadFile(path); string(again) != string(text) {
		t.Error("got another secret in the file; want it untouched")
	}
	gone := filepath.Join(t.TempDir(), "secret")
	b.want(t, exitInvalid, "client", "create", "--kind", "web", "--name", "y", "--redirect-uri", "javascript:alert(1)", "--secret-out", gone)
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("got %v; want no file where no secret was made", err)
	}
	if n := len(jsonOf[[]clientJSON](t, b.want(t, exitOK, "client", "list", "-o", "json").out)); n != 1 {
		t.Errorf("got %d clients; want 1", n)
	}
}

// S05: the command line has the validators that everything has.
func TestAClientThatIsNotValidIsRefusedWithAllThatIsWrong(t *testing.T) {
	t.Parallel()
	r := newBench().want(t, exitInvalid, "client", "create", "--kind", "web", "--name", "x", "--redirect-uri", "javascript:alert(1)",
		"--redirect-uri", "https://a.example/#f", "--origin", "nowhere")
	contains(t, r.err, "javascript:alert(1)", "fragment", `origin "nowhere"`)
}

func TestWithoutATerminalWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"client", "create"}, "--kind"},
		{[]string{"client", "create", "--kind", "web"}, "--name"},
		{[]string{"client", "create", "--kind", "web", "--name", "x"}, "--redirect-uri"},
		{[]string{"client", "create", "--kind", "robot", "--name", "x"}, "web, spa, native, machine"},
		{[]string{"user", "create"}, "username"},
		{[]string{"user", "create", "ada"}, "--password-stdin"},
		{[]string{"user", "set-password", "ada"}, "--password-file"},
		{[]string{"token", "inspect"}, "--token-file"},
	}
	person := newBench()
	person.terminal = true
	for _, tt := range tests {
		contains(t, newBench().want(t, exitUsage, tt.args...).err, tt.want)
		contains(t, person.want(t, exitUsage, append(tt.args, "--no-input")...).err, tt.want)
	}
	for _, quiet := range []string{"CI=true", "PASSPORT_NO_INPUT=1"} {
		b := newBench()
		b.terminal, b.env = true, append(b.env, quiet)
		contains(t, b.want(t, exitUsage, "client", "create").err, "--kind")
	}
}

func TestAPersonIsAskedForWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.terminal, b.stdin = true, "\nShop\nhttps://a.example/cb, https://b.example/cb\n"
	c := create(t, b)
	if c.Name != "Shop" || len(c.RedirectURIs) != 2 || c.Auth != client.Basic {
		t.Errorf("got %+v", c)
	}
	b.stdin = ""
	b.want(t, exitFailed, "client", "create")
}

func TestUpdateChangesWhatWasGivenAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench()
	c := create(t, b, "--kind", "web", "--name", "x", "--redirect-uri", "https://a.example/cb", "--audience", "https://api.example", "--without-pkce")
	id := string(c.ID)
	update := func(args ...string) clientJSON {
		t.Helper()
		return jsonOf[clientJSON](t, b.want(t, exitOK, append([]string{"client", "update", id, "-o", "json"}, args...)...).out)
	}
	if got := update("--name", "y"); got.Name != "y" || len(got.RedirectURIs) != 1 || !got.WithoutPKCE || !got.EveryScope {
		t.Errorf("got %+v", got)
	}
	if got := update("--redirect-uri", "https://b.example/cb", "--redirect-uri", "https://c.example/cb"); got.RedirectURIs[0] != "https://b.example/cb" || len(got.RedirectURIs) != 2 {
		t.Errorf("got %+v", got)
	}
	if got := update("--scope", "a", "--audience", "", "--without-pkce=false"); got.Scope != "a" || got.EveryScope || got.Audience != nil || got.WithoutPKCE {
		t.Errorf("got %+v", got)
	}
	if got := update("--every-scope"); got.Scope != "" || !got.EveryScope {
		t.Errorf("got %+v", got)
	}
	b.want(t, exitUsage, "client", "update", id)
	b.want(t, exitUsage, "client", "update", id, "-o", "json")
	b.want(t, exitUsage, "client", "update", id, "--scope", "a b")
	b.want(t, exitInvalid, "client", "update", id, "--redirect-uri", "http://a.example/cb")
	b.want(t, exitNotFound, "client", "update", "0198c0de-0000-7000-8000-000000000001", "--name", "z")
}

func TestWhatIsDestructiveWantsToBeConfirmed(t *testing.T) {
	t.Parallel()
	b := newBench()
	id := string(create(t, b, "--kind", "machine", "--name", "x").ID)
	for _, args := range [][]string{{"client", "delete", id}, {"client", "rotate-secret", id}, {"migrate", "down"}} {
		contains(t, b.want(t, exitUnconfirmed, args...).err, "--yes")
	}
	b.terminal, b.stdin = true, "yes\n"
	b.want(t, exitUnconfirmed, "client", "delete", id)
	b.want(t, exitOK, "client", "show", id)
	b.stdin = id + "\n"
	b.want(t, exitOK, "client", "rotate-secret", id)
	b.want(t, exitOK, "client", "delete", id)
	b.want(t, exitNotFound, "client", "show", id)
	b.terminal = false
	b.want(t, exitNotFound, "client", "delete", id, "--yes")
	b.want(t, exitOK, "migrate", "down", "--yes")
}

func TestASecretCanBeRotatedWithAnOverlap(t *testing.T) {
	t.Parallel()
	b := newBench()
	c := create(t, b, "--kind", "machine", "--name", "x")
	r := b.want(t, exitOK, "client", "rotate-secret", string(c.ID), "--overlap", "1d", "-o", "json")
	got := jsonOf[clientJSON](t, r.out)
	if got.Secret == "" || got.Secret == c.Secret || len(got.Secrets) != 2 || got.Secrets[1].ExpiresAt.IsZero() {
		t.Errorf("got %+v; want a new secret beside one that ends", got)
	}
	b.want(t, exitUsage, "client", "rotate-secret", string(c.ID), "--overlap", "soon")
	b.want(t, exitUsage, "client", "rotate-secret", string(c.ID), "--overlap", "-1h")
	public := create(t, b, "--kind", "spa", "--name", "x", "--redirect-uri", "https://a.example/cb")
	b.want(t, exitInvalid, "client", "rotate-secret", string(public.ID), "--yes")
}

func TestWhatIsNotThereIsThree(t *testing.T) {
	t.Parallel()
	b := newBench()
	for _, id := range []string{"0198c0de-0000-7000-8000-000000000001", "nope", "../x", "\x1b[2J"} {
		for _, verb := range []string{"show", "enable", "disable"} {
			r := b.want(t, exitNotFound, "client", verb, id)
			lacks(t, r.err, "\x1b")
			contains(t, r.err, "passport client list")
		}
	}
}

func TestDisableAndEnable(t *testing.T) {
	t.Parallel()
	b := newBench()
	id := string(create(t, b, "--kind", "machine", "--name", "x").ID)
	for verb, want := range map[string]bool{"disable": false, "enable": true} {
		if got := jsonOf[clientJSON](t, b.want(t, exitOK, "client", verb, id, "-o", "json").out); got.Enabled != want && verb == "disable" {
			t.Errorf("%s: got enabled %v", verb, got.Enabled)
		}
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	b := newBench()
	if got := b.want(t, exitOK, "client", "list", "-o", "json").out; strings.TrimSpace(got) != "[]" {
		t.Errorf("got %q; want an empty list", got)
	}
	var ids []client.ID
	for range 5 {
		ids = append(ids, create(t, b, "--kind", "machine", "--name", "x").ID)
	}
	listed := func(args ...string) []client.ID {
		var got []client.ID
		for _, c := range jsonOf[[]clientJSON](t, b.want(t, exitOK, append([]string{"client", "list", "-o", "json"}, args...)...).out) {
			got = append(got, c.ID)
		}
		return got
	}
	if got := listed("--limit", "2"); !slices.Equal(got, ids[:2]) {
		t.Errorf("got %v; want the first two of %v", got, ids)
	}
	if got := listed("--limit", "5"); !slices.Equal(got, ids) {
		t.Errorf("got %v; want all of %v", got, ids)
	}
	if got := listed("--limit", "2", "--after", string(ids[3])); !slices.Equal(got, ids[4:]) {
		t.Errorf("got %v; want the last of %v", got, ids)
	}
	if got := listed("--all"); !slices.Equal(got, ids) {
		t.Errorf("got %v; want all of %v", got, ids)
	}
	contains(t, b.want(t, exitOK, "client", "list", "--limit", "2").err, "--after "+string(ids[1]))
	lacks(t, b.want(t, exitOK, "client", "list", "--limit", "5").err, "--after")
}
