package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newPeople is a bench with a person in each of two providers, where personal access tokens can be made.
func newPeople(t *testing.T) *bench {
	t.Helper()
	b := newBench()
	b.env = append(b.env, "PASSPORT_USER_PROVIDERS=staff", "PASSPORT_SCOPES=orders:read,profile")
	b.stdin = "correct horse\n"
	b.want(t, exitOK, "install", "--provider", "", "--provider", "staff")
	b.want(t, exitOK, "user", "create", "ada", "--password-stdin")
	b.want(t, exitOK, "user", "create", "ada", "--password-stdin", "--provider", "staff")
	return b
}

func TestPeopleOfTwoProvidersMayHaveOneName(t *testing.T) {
	t.Parallel()
	b := newPeople(t)
	contains(t, b.want(t, exitConflict, "user", "create", "ada", "--password-stdin", "--provider", "staff").err, "in provider staff", "--provider staff")
	b.want(t, exitInvalid, "user", "create", "ada", "--password-stdin", "--provider", "guests")
	b.want(t, exitOK, "user", "disable", "ada", "--provider", "staff")
	staff := jsonOf[userJSON](t, b.want(t, exitOK, "user", "show", "ada", "--provider", "staff", "--json").out)
	other := jsonOf[userJSON](t, b.want(t, exitOK, "user", "show", "ada", "--json").out)
	if staff.Enabled || staff.Provider != "staff" || !other.Enabled || other.Provider != "" || staff.ID == other.ID {
		t.Errorf("got %+v and %+v", staff, other)
	}
	b.want(t, exitOK, "user", "show", string(staff.ID))
	for want, args := range map[int][]string{2: nil, 1: {"--provider", "staff"}, 0: {"--provider", "guests"}} {
		if all := jsonOf[[]userJSON](t, b.want(t, exitOK, append(args, "user", "list", "--json")...).out); len(all) != want {
			t.Errorf("%v: got %d people; want %d", args, len(all), want)
		}
	}
	b.want(t, exitOK, "user", "list", "--provider", "")
}

func TestAPersonalAccessTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	b := newPeople(t)
	r := b.want(t, exitOK, "token", "create", "--user", "ada", "--name", "laptop", "--scope", "orders:read", "--life", "720h", "--json")
	made := jsonOf[tokenJSON](t, r.out)
	if !strings.HasPrefix(made.Raw, "signed.") || made.Name != "laptop" || made.Scope != "orders:read" || made.ExpiresAt-made.IssuedAt != 720*3600 {
		t.Errorf("got %+v", made)
	}
	contains(t, r.err, "shown this once")
	lacks(t, r.err, made.Raw)
	b.want(t, exitOK, "token", "create", "--user", "ada", "--name", "all", "--scope", "*", "--provider", "staff")
	for _, args := range [][]string{nil, {"--json"}} {
		r := b.want(t, exitOK, append([]string{"token", "list", "--user", "ada"}, args...)...)
		contains(t, r.out, made.ID, "laptop", "orders:read")
		lacks(t, r.out+r.err, made.Raw, "access_token\": \"", "all")
	}
}

func TestTheJSONOfAPersonalTokenIsStable(t *testing.T) {
	t.Parallel()
	b := newPeople(t)
	b.want(t, exitOK, "token", "create", "--user", "ada", "--name", "laptop")
	all := jsonOf[[]map[string]any](t, b.want(t, exitOK, "token", "list", "--user", "ada", "--json").out)
	for _, name := range []string{"active", "state", "type", "jti", "client_id", "sub", "sub_kind", "scope", "iat", "exp", "name"} {
		if _, ok := all[0][name]; !ok {
			t.Errorf("got %v; want %s", all[0], name)
		}
	}
	if got := b.want(t, exitOK, "token", "list", "--user", "ada", "--provider", "staff", "--json").out; strings.TrimSpace(got) != "[]" {
		t.Errorf("got %q; want an empty list", got)
	}
}

func TestAPersonalAccessTokenGoesIntoAFile(t *testing.T) {
	t.Parallel()
	b := newPeople(t)
	path := filepath.Join(t.TempDir(), "token")
	r := b.want(t, exitOK, "token", "create", "--user", "ada", "--name", "x", "--secret-out", path)
	lacks(t, r.out+r.err, "signed.")
	if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "signed.") {
		t.Errorf("got %q, %v", text, err)
	}
	gone := path + "2"
	b.want(t, exitInvalid, "token", "create", "--user", "ada", "--name", "x", "--scope", "nothing", "--secret-out", gone)
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("got %v; want no file where no token was made", err)
	}
}

func TestWhatIsWrongWithAPersonalTokenIsSaid(t *testing.T) {
	t.Parallel()
	b := newPeople(t)
	for _, tt := range []struct {
		code int
		args []string
		want string
	}{
		{exitUsage, []string{"--name", "x"}, "--user"},
		{exitUsage, []string{"--user", "ada"}, "--name"},
		{exitUsage, []string{"--user", "ada", "--name", "x", "--life", "long"}, "--life"},
		{exitUsage, []string{"--user", "ada", "--name", "x", "--scope", "a b"}, "repeat the flag"},
		{exitNotFound, []string{"--user", "bob", "--name", "x"}, "no user bob"},
		{exitNotFound, []string{"--user", "bob", "--name", "x", "--provider", "staff"}, "no user bob in provider staff"},
		{exitInvalid, []string{"--user", "ada", "--name", "x", "--scope", "nothing"}, "there are: orders:read, profile"},
		{exitInvalid, []string{"--user", "ada", "--name", "x", "--life", "9000d"}, "lives between"},
	} {
		contains(t, b.want(t, tt.code, append([]string{"token", "create"}, tt.args...)...).err, tt.want)
	}
	b.want(t, exitOK, "user", "disable", "ada")
	contains(t, b.want(t, exitInvalid, "token", "create", "--user", "ada", "--name", "x").err, "disabled")
}

func TestWithoutItsClientNoPersonalTokenIsMade(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.stdin = "correct horse\n"
	b.want(t, exitOK, "user", "create", "ada", "--password-stdin")
	create := []string{"token", "create", "--user", "ada", "--name", "x"}
	contains(t, b.want(t, exitFailed, create...).err, "passport install") // no key either
	b.want(t, exitOK, "install", "--without-clients")
	contains(t, b.want(t, exitFailed, create...).err, "Next: run passport install, with --provider")
}

func TestPersonalTokensAreRevokedByTheirID(t *testing.T) {
	t.Parallel()
	b := newPeople(t)
	mint := func() string {
		return jsonOf[tokenJSON](t, b.want(t, exitOK, "token", "create", "--user", "ada", "--name", "x", "--json").out).ID
	}
	listed := func() int {
		return len(jsonOf[[]tokenJSON](t, b.want(t, exitOK, "token", "list", "--user", "ada", "--json").out))
	}
	id := mint()
	mint()
	mint()
	b.want(t, exitNotFound, "token", "revoke", id, "--user", "ada", "--provider", "staff") // somebody else
	b.want(t, exitOK, "token", "revoke", id, "--user", "ada")
	if n := listed(); n != 2 {
		t.Errorf("got %d tokens; want 2", n)
	}
	for _, args := range [][]string{{"--user", "ada"}, {id, "--user", "ada", "--all"}, {"--all"}, {"--user", "ada", "--token-file", "x"}, {"-", "--user", "ada"}} {
		b.want(t, exitUsage, append([]string{"token", "revoke"}, args...)...)
	}
	contains(t, b.want(t, exitUsage, "token", "revoke", id).err, "--user")
	b.want(t, exitUnconfirmed, "token", "revoke", "--user", "ada", "--all")
	contains(t, b.want(t, exitOK, "token", "revoke", "--user", "ada", "--all", "--yes").err, "2 tokens have ended")
	if n := listed(); n != 0 {
		t.Errorf("got %d tokens; want none", n)
	}
	b.want(t, exitNotFound, "token", "revoke", "0198c0de-0000-7000-8000-000000000001", "--user", "ada")
}
