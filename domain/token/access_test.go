package token_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

const issuer = "https://id.example"

func access() token.Access {
	return token.Access{
		ID: "0190f5fe-7c1e-7a5f-8d3c-0000000000aa", Client: "web", Subject: subject.OfUser("alice"), Family: familyID,
		Scopes: scope.Of("read", "write"), Audience: []string{"https://api.example", "https://b.example"}, Claims: map[string]any{"tenant": "t1"},
		AuthTime: noon.Add(-time.Hour), IssuedAt: noon, ExpiresAt: noon.Add(time.Hour),
	}
}

func TestAccessLiveAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given token.Access
		want  bool
	}{
		{"until it expires", token.Access{ExpiresAt: noon.Add(1)}, true},
		{"at its end no longer", token.Access{ExpiresAt: noon}, false},
		{"once it was revoked no longer", token.Access{ExpiresAt: noon.Add(time.Hour), RevokedAt: noon.Add(-time.Hour)}, false},
		{"the zero token never", token.Access{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.given.LiveAt(noon); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestExtra(t *testing.T) {
	t.Parallel()
	reserved := []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "sub_kind", "auth_time", "cnf", "act", "may_act", "azp", "nonce",
		"token_type", "active",
	}
	given := map[string]any{"tenant": "t1", "roles": []string{"admin"}}
	for _, name := range reserved {
		given[name] = "forged"
	}
	before := maps.Clone(given)
	got := token.Extra(given)
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"roles", "tenant"}) {
		t.Errorf("got the claims %q; want roles and tenant alone", names)
	}
	if !reflect.DeepEqual(given, before) {
		t.Error("the map that was given has changed")
	}
	got["more"] = true
	if _, shared := given["more"]; shared {
		t.Error("the map that was given is shared")
	}
	if got := token.Extra(nil); len(got) != 0 {
		t.Errorf("of none: got %v; want none", got)
	}
}

func TestClaimsOf(t *testing.T) {
	t.Parallel()
	a := access()
	want := token.Claims{
		ID: a.ID, Issuer: issuer, Subject: "alice", SubjectKind: subject.User, Audience: a.Audience, Client: "web", Scope: "read write",
		IssuedAt: noon, ExpiresAt: noon.Add(time.Hour), AuthTime: noon.Add(-time.Hour), Extra: a.Claims,
	}
	if got := token.ClaimsOf(a, issuer); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v; want %+v", got, want)
	}
	a.AuthTime = a.AuthTime.Add(123456 * time.Microsecond)
	if got := token.ClaimsOf(a, issuer); !reflect.DeepEqual(got, want) {
		t.Errorf("of a sign-in between two seconds: got %v; want whole seconds, %v", got.AuthTime, want.AuthTime)
	}
	a.AuthTime = time.Time{}
	if got := token.ClaimsOf(a, issuer); !got.AuthTime.IsZero() {
		t.Errorf("where nobody signed in: got %v; want no time", got.AuthTime)
	}
}

func TestSaidBy(t *testing.T) {
	t.Parallel()
	same := func(*token.Claims) {}
	for _, tc := range []struct {
		name   string
		claims func(*token.Claims)
		row    func(*token.Access)
		want   bool
	}{
		{"the row's own words", same, func(*token.Access) {}, true},
		{"the same moment in another zone", func(c *token.Claims) { c.ExpiresAt = c.ExpiresAt.In(time.FixedZone("x", 3600)) }, func(*token.Access) {}, true},
		{"a sign-in between two seconds", same, func(a *token.Access) { a.AuthTime = a.AuthTime.Add(time.Millisecond) }, true},
		{"other extra claims open nothing", func(c *token.Claims) { c.Extra = nil }, func(*token.Access) {}, true},
		{"another id", func(c *token.Claims) { c.ID = "x" }, func(*token.Access) {}, false},
		{"another issuer", func(c *token.Claims) { c.Issuer = "https://evil.example" }, func(*token.Access) {}, false},
		{"another subject", func(c *token.Claims) { c.Subject = "bob" }, func(*token.Access) {}, false},
		{"a client for a person", func(c *token.Claims) { c.SubjectKind = subject.Client }, func(*token.Access) {}, false},
		{"no kind of subject", func(c *token.Claims) { c.SubjectKind = "" }, func(*token.Access) {}, false},
		{"another client", func(c *token.Claims) { c.Client = "evil" }, func(*token.Access) {}, false},
		{"a scope more", func(c *token.Claims) { c.Scope = "read write admin" }, func(*token.Access) {}, false},
		{"no scope", func(c *token.Claims) { c.Scope = "" }, func(*token.Access) {}, false},
		{"another audience", func(c *token.Claims) { c.Audience = []string{"https://api.example", "https://evil.example"} }, func(*token.Access) {}, false},
		{"an audience more", func(c *token.Claims) { c.Audience = append(slices.Clone(c.Audience), "https://evil.example") }, func(*token.Access) {}, false},
		{"no audience", func(c *token.Claims) { c.Audience = nil }, func(*token.Access) {}, false},
		{"an earlier issue", func(c *token.Claims) { c.IssuedAt = c.IssuedAt.Add(-time.Second) }, func(*token.Access) {}, false},
		{"a later end", func(c *token.Claims) { c.ExpiresAt = c.ExpiresAt.Add(time.Second) }, func(*token.Access) {}, false},
		{"a later sign-in", func(c *token.Claims) { c.AuthTime = c.AuthTime.Add(time.Second) }, func(*token.Access) {}, false},
		{"no sign-in", func(c *token.Claims) { c.AuthTime = time.Time{} }, func(*token.Access) {}, false},
		{"a row that was narrowed", same, func(a *token.Access) { a.Scopes = scope.Of("read") }, false},
		{"a row that ends earlier", same, func(a *token.Access) { a.ExpiresAt = noon.Add(time.Minute) }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := access()
			c := token.ClaimsOf(a, issuer)
			tc.claims(&c)
			tc.row(&a)
			if got := c.SaidBy(a, issuer); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

// Whoever adds a claim has to decide here whether a token that says otherwise than its row is inactive.
func TestSaidByLooksAtEveryClaim(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[token.Claims]()
	for i := range typ.NumField() {
		name := typ.Field(i).Name
		c := token.ClaimsOf(access(), issuer)
		reflect.ValueOf(&c).Elem().Field(i).SetZero()
		if got, want := c.SaidBy(access(), issuer), name == "Extra"; got != want {
			t.Errorf("without %s: got %v; want %v", name, got, want)
		}
	}
}
