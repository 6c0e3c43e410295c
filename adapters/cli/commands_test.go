package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

func TestUsersAreMadeChangedAndListed(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.stdin = "correct horse\n"
	u := jsonOf[userJSON](t, b.want(t, exitOK, "user", "create", "Ada@Example.test", "--name", "Ada\x1b[31m", "--password-stdin", "-o", "json").out)
	if u.Username != "ada@example.test" || !u.Enabled || u.ID == "" {
		t.Errorf("got %+v", u)
	}
	contains(t, b.want(t, exitConflict, "user", "create", "ada@example.test", "--password-stdin").err, "passport: ada@example.test exists already\n")
	b.want(t, exitNotFound, "user", "set-password", "bob", "--password-stdin")
	lacks(t, b.want(t, exitOK, "user", "list").out, "\x1b", "correct horse", "argon2")
	lacks(t, b.want(t, exitOK, "user", "show", "ada@example.test", "-o", "json").out, "argon2", "hash")
	b.want(t, exitOK, "user", "show", string(u.ID))
	b.stdin = "short"
	contains(t, b.want(t, exitInvalid, "user", "create", "bob", "--password-stdin").err, "at least 8")
	if off := jsonOf[userJSON](t, b.want(t, exitOK, "user", "disable", "ada@example.test", "-o", "json").out); off.Enabled {
		t.Errorf("got %+v; want it disabled", off)
	}
	if on := jsonOf[userJSON](t, b.want(t, exitOK, "user", "enable", "ada@example.test", "-o", "json").out); !on.Enabled {
		t.Errorf("got %+v; want it enabled", on)
	}
	for _, verb := range []string{"show", "disable", "enable"} {
		b.want(t, exitNotFound, "user", verb, "nobody")
	}
}

func TestAPasswordComesFromAFileOrAPerson(t *testing.T) {
	t.Parallel()
	b := newBench()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.want(t, exitOK, "user", "create", "ada", "--password-file", path)
	b.want(t, exitUsage, "user", "create", "bob", "--password-file", path, "--password-stdin")
	b.want(t, exitUsage, "user", "create", "bob", "--password-file", path+"x")
	b.terminal, b.answers, b.stdin = true, []string{"correct horse", "correct horse"}, "bob\n"
	r := b.want(t, exitOK, "user", "create")
	lacks(t, r.out+r.err, "correct horse")
	b.answers = []string{"correct horse", "battery staple"}
	contains(t, b.want(t, exitUsage, "user", "set-password", "bob").err, "not the same")
}

func TestKeysAreMadeAndRotated(t *testing.T) {
	t.Parallel()
	b := newBench()
	first := jsonOf[keyJSON](t, b.want(t, exitOK, "key", "generate", "--alg", "EdDSA", "-o", "json").out)
	if first.State != key.Next || first.Algorithm != key.EdDSA {
		t.Errorf("got %+v", first)
	}
	contains(t, b.want(t, exitFailed, "key", "rotate").err, "key generate", "--now")
	if active := jsonOf[keyJSON](t, b.want(t, exitOK, "key", "rotate", "--now", "-o", "json").out); active.ID != first.ID || active.State != key.Active {
		t.Errorf("got %+v; want %s to be active", active, first.ID)
	}
	b.env = append(b.env, "PASSPORT_SIGNING_ALGORITHM=RS256")
	if k := jsonOf[keyJSON](t, b.want(t, exitOK, "key", "generate", "-o", "json").out); k.Algorithm != key.RS256 {
		t.Errorf("got %s; want the server's own algorithm", k.Algorithm)
	}
	if all := jsonOf[[]keyJSON](t, b.want(t, exitOK, "key", "list", "-o", "json").out); len(all) != 2 {
		t.Errorf("got %d keys; want 2", len(all))
	}
	contains(t, b.want(t, exitOK, "key", "list").out, string(first.ID), "active")
}

func TestMigrationsGoUpAndDown(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.schema.names, b.schema.applied = []string{"0001_first", "0002_second"}, 0
	status := func() string { return b.want(t, exitOK, "migrate", "status").out }
	contains(t, status(), "0001_first", "pending")
	contains(t, b.want(t, exitOK, "migrate", "up").out, "0001_first", "0002_second")
	lacks(t, status(), "pending")
	if got := jsonOf[[]migrationJSON](t, b.want(t, exitOK, "migrate", "up", "-o", "json").out); len(got) != 0 {
		t.Errorf("got %v; want nothing to do", got)
	}
	b.terminal, b.stdin = true, "0002_second\n"
	contains(t, b.want(t, exitOK, "migrate", "down").out, "0002_second")
	b.terminal = false
	b.want(t, exitOK, "migrate", "down", "-y")
	contains(t, b.want(t, exitOK, "migrate", "down", "-y").err, "No migration is applied")
	b.schema.newer = true
	contains(t, status(), "9999_later", "unknown here")
}

func TestServeRefusesWhatIsNotPrepared(t *testing.T) {
	t.Parallel()
	b := newBench()
	served := 0
	b.serve = func(context.Context, config) error { served++; return nil }
	b.schema.applied = 0
	contains(t, b.want(t, exitSchema, "serve").err, "passport migrate up", "passport serve --migrate")
	contains(t, b.want(t, exitFailed, "serve", "--migrate").err, "passport install", "passport key rotate")
	if last := b.built[len(b.built)-1]; !last.Store.Migrate {
		t.Error("got migrate false; want the store to be told")
	}
	if served != 0 {
		t.Fatalf("got %d starts; want none", served)
	}
	b.want(t, exitOK, "install")
	b.want(t, exitOK, "serve", "--addr", "127.0.0.1:9")
	if last := b.built[len(b.built)-1]; served != 1 || last.Core.Addr != "127.0.0.1:9" {
		t.Errorf("got %d starts at %q", served, last.Core.Addr)
	}
}

func TestASignalEndsServeInPeace(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.want(t, exitOK, "install")
	ctx, signal := context.WithCancel(t.Context())
	b.serve = func(ctx context.Context, _ config) error { signal(); <-ctx.Done(); return nil }
	if r := b.runIn(t, ctx, "serve"); r.code != exitOK {
		t.Errorf("got exit %d, %q; want 0", r.code, r.err)
	}
	b.serve = func(context.Context, config) error { return errors.New("broke") }
	b.want(t, exitFailed, "serve")
}

func TestConfigShowsSourcesAndHidesSecrets(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.env = append(b.env, "PASSPORT_DATABASE_URL=postgres://a:hunter2@db/x")
	r := b.want(t, exitOK, "config", "show")
	contains(t, r.out, "PASSPORT_ISSUER", "[hidden]", "postgres://a:[hidden]@db/x", "default")
	lacks(t, r.out, "hunter2", "kkkk")
	for _, v := range jsonOf[[]settings.Value](t, b.want(t, exitOK, "config", "show", "-o", "json").out) {
		lacks(t, v.Text, "hunter2", "kkkk")
	}
	b.want(t, exitOK, "config", "validate")
	b.env = []string{"PASSPORT_ISUER=x"}
	r = b.want(t, exitInvalid, "config", "validate")
	contains(t, r.err, "did you mean PASSPORT_ISSUER?", "issuer is missing", "app_key needs 32 bytes")
	r = b.want(t, exitInvalid, "config", "show")
	contains(t, r.out, "issuer")
	b.want(t, exitInvalid, "client", "list")
	r = b.want(t, exitInvalid, "config", "validate", "--config", "/no/such/file")
	contains(t, r.err, "no such configuration file: /no/such/file")
	lacks(t, r.err, "config show")
	if len(b.built) > 0 {
		t.Errorf("got %d apps built; want none", len(b.built))
	}
}

// issueOpaque puts an access token and a refresh token into the store, as an exchange would.
func issueOpaque(t *testing.T, b *bench) (access, refresh string) {
	t.Helper()
	c := create(t, b, "--kind", "web", "--name", "x", "--redirect-uri", "https://a.example/cb")
	peppers := secret.Peppers{secret.NewPepper([]byte(strings.Repeat("k", 31) + "!"))}
	now := time.Now().UTC().Truncate(time.Microsecond)
	v := secret.NewHandle(secret.Access, make([]byte, secret.EntropySize))
	f := grant.Family{
		ID: grant.IDOf([16]byte{1}), Client: c.ID, Subject: subject.OfUser("u"), CreatedAt: now, ExpiresAt: now.Add(time.Hour),
		Generation: 1, RotatedAt: now, SpentAt: now, Pepper: peppers.Current().Version(),
	}
	i := token.Issuance{
		Opens: &f,
		Access: token.Access{
			ID: "0198c0de-0000-7000-8000-00000000000a", Digest: peppers.Digest(v), Client: client.ID(c.ID), Subject: f.Subject,
			Family: f.ID, IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		},
	}
	if err := b.store.Commit(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	r, ok := token.NewRefresh(f, 1, peppers)
	if !ok {
		t.Fatal("got no refresh token")
	}
	return v.Reveal(), r.Reveal()
}

func TestTokensAreInspectedAndRevoked(t *testing.T) {
	t.Parallel()
	b := newBench()
	access, refresh := issueOpaque(t, b)
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(access+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	inspect := func(raw string) tokenJSON {
		t.Helper()
		b.stdin = raw + "\n"
		r := b.want(t, exitOK, "token", "inspect", "-", "-o", "json")
		lacks(t, r.out+r.err, raw)
		return jsonOf[tokenJSON](t, r.out)
	}
	if got := inspect(access); !got.Active || got.Type != "access_token" || got.Subject != "u" || got.Kind != "user" {
		t.Errorf("got %+v", got)
	}
	if got := inspect(refresh); !got.Active || got.Type != "refresh_token" {
		t.Errorf("got %+v", got)
	}
	contains(t, b.want(t, exitOK, "token", "inspect", "--token-file", path).out, "active")
	b.want(t, exitOK, "token", "revoke", "--token-file", path)
	if got := inspect(access); got.Active || got.State != "revoked" {
		t.Errorf("got %+v; want it revoked", got)
	}
	if got := inspect(refresh); !got.Active {
		t.Errorf("got %+v; want the refresh token alive", got)
	}
	b.stdin = refresh
	b.want(t, exitOK, "token", "revoke", "-")
	if got := inspect(refresh); got.State != "revoked" {
		t.Errorf("got %+v; want it revoked", got)
	}
	b.stdin = "nonsense"
	contains(t, b.want(t, exitNotFound, "token", "inspect", "-").err, "no token of this server")
	b.want(t, exitNotFound, "token", "revoke", "-")
	b.want(t, exitUsage, "token", "revoke", "-", "--token-file", path)
	b.terminal, b.answers = true, []string{access}
	b.want(t, exitOK, "token", "inspect")
}
