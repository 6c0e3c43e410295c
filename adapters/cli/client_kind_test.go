package cli

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/gopassport/passport/domain/client"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

func TestAFlagNamesTheKind(t *testing.T) {
	t.Parallel()
	b := newBench()
	back := []string{"--redirect-uri", "https://a.example/cb"}
	for _, tt := range []struct {
		args   []string
		grants []string
		auth   client.AuthMethod
		first  bool
	}{
		{[]string{"--client"}, []string{"client_credentials"}, client.Basic, false},
		{[]string{"--device"}, []string{deviceGrant, "refresh_token"}, client.Basic, false},
		{[]string{"--device", "--public"}, []string{deviceGrant, "refresh_token"}, client.None, false},
		{append(back, "--kind", "web", "--device"), []string{"authorization_code", "refresh_token", deviceGrant}, client.Basic, false},
		{append(back, "--kind", "web", "--public"), []string{"authorization_code", "refresh_token"}, client.None, false},
		{[]string{"--password"}, []string{"password", "refresh_token"}, client.Basic, true},
		{[]string{"--personal"}, []string{"personal_access"}, client.Basic, true},
		{append(back, "--implicit"), []string{"implicit"}, client.None, false},
	} {
		c := create(t, b, append(tt.args, "--name", "x")...)
		if !slices.Equal(c.GrantTypes, tt.grants) || c.Auth != tt.auth || c.FirstParty != tt.first {
			t.Errorf("%v: got %+v", tt.args, c)
		}
		if has := c.Secret != ""; has != (tt.auth == client.Basic && !slices.Contains(tt.args, "--personal")) {
			t.Errorf("%v: got secret %v", tt.args, has)
		}
	}
}

func TestKindsThatDoNotGoTogetherAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench()
	for _, args := range [][]string{
		{"--password", "--implicit"},
		{"--kind", "web", "--personal"},
		{"--personal", "--device"},
		{"--public", "--auth-method", "none"},
		{"--access-token-life", "soon"},
		{"--implicit"},
	} {
		b.want(t, exitUsage, append([]string{"client", "create", "--name", "x"}, args...)...)
	}
	contains(t, b.want(t, exitInvalid, "client", "create", "--name", "x", "--password", "--public").err, "public client cannot use the password grant")
	contains(t, b.want(t, exitInvalid, "client", "create", "--name", "x", "--device", "--scope", "*").err, "scope * is for")
	secret := filepath.Join(t.TempDir(), "secret")
	b.want(t, exitUsage, "client", "create", "--name", "x", "--personal", "--secret-out", secret)
}

func TestLegacyKindsAreWarnedOf(t *testing.T) {
	t.Parallel()
	b := newBench()
	r := b.want(t, exitOK, "client", "create", "--password", "--name", "x")
	contains(t, r.err, "Warning: OAuth 2.1 has dropped the password grant", "is not served here until grants.password is true")
	b.env = append(b.env, "PASSPORT_GRANTS_IMPLICIT=true")
	r = b.want(t, exitOK, "client", "create", "--implicit", "--name", "x", "--redirect-uri", "https://a.example/cb")
	contains(t, r.err, "Warning: OAuth 2.1 has dropped the implicit grant")
	lacks(t, r.err, "not served")
}

func TestAPersonalClientStandsForItsProvider(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.env = append(b.env, "PASSPORT_USER_PROVIDERS=staff")
	for provider, args := range map[string][]string{"": nil, "staff": {"--provider", "staff"}} {
		c := create(t, b, append(args, "--personal", "--name", "x")...)
		stands, err := b.store.PersonalClient(t.Context(), provider)
		if err != nil || stands != c.ID || c.Provider != provider {
			t.Errorf("%q: got %s, %v; want %s", provider, stands, err, c.ID)
		}
		if c.Scope != "*" || !c.EveryScope {
			t.Errorf("%q: got %+v; want every scope and *", provider, c)
		}
	}
	r := b.want(t, exitOK, "client", "create", "--personal", "--name", "x", "--provider", "staff")
	contains(t, r.err, "personal access tokens of user provider staff from now on")
	contains(t, b.want(t, exitInvalid, "client", "create", "--personal", "--name", "x", "--provider", "guests").err, "user_providers")
}

func TestAClientHasLifetimesAndAProviderOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.env = append(b.env, "PASSPORT_USER_PROVIDERS=staff")
	c := create(t, b, "--kind", "web", "--name", "x", "--redirect-uri", "https://a.example/cb", "--first-party", "--provider", "staff",
		"--access-token-life", "15m", "--refresh-idle", "7d", "--refresh-life", "30d")
	if !c.FirstParty || c.Provider != "staff" || c.AccessLife != "15m0s" || c.RefreshIdle != "168h0m0s" || c.RefreshLife != "720h0m0s" {
		t.Errorf("got %+v", c)
	}
	shown := b.want(t, exitOK, "client", "show", string(c.ID))
	contains(t, shown.out, "staff", "access tokens 15m0s", "First party")
	r := b.want(t, exitOK, "client", "update", string(c.ID), "--first-party=false", "--provider", "", "--access-token-life", "0s", "-o", "json")
	if got := jsonOf[clientJSON](t, r.out); got.FirstParty || got.Provider != "" || got.AccessLife != "" || got.RefreshLife != "720h0m0s" {
		t.Errorf("got %+v; want what was given changed and nothing else", got)
	}
	b.want(t, exitInvalid, "client", "update", string(c.ID), "--access-token-life", "1ms")
	b.want(t, exitUsage, "client", "update", string(c.ID), "--json")
}

func TestAllScopesAreSaidByAStar(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.env = append(b.env, "PASSPORT_SCOPES=orders:read")
	r := b.want(t, exitOK, "client", "create", "--client", "--name", "x", "--scope", "*", "--json")
	lacks(t, r.err, "Warning")
	if c := jsonOf[clientJSON](t, r.out); c.Scope != "*" || !c.EveryScope {
		t.Errorf("got %+v", c)
	}
	c := create(t, b, "--client", "--name", "x", "--scope", "orders:read", "--scope", "*")
	if c.Scope != "orders:read *" || c.EveryScope {
		t.Errorf("got %+v", c)
	}
}
