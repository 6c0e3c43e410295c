package grant_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

const redirectURI = "https://app.example/cb"

var (
	web    = client.Client{ID: "web", Auth: client.Basic, RedirectURIs: []string{redirectURI, "https://app.example/other"}}
	exempt = client.Client{ID: "web", Auth: client.Basic, RedirectURIs: []string{redirectURI}, WithoutPKCE: true}
	evil   = client.Client{ID: "evil", Auth: client.Basic, RedirectURIs: []string{redirectURI}}
)

// attempt is what a token request with a code brings.
type attempt struct {
	code     grant.Code
	by       client.Client
	uri      string
	verifier string
	at       time.Time
}

func (a attempt) redeem() (grant.Authorization, error) {
	return a.code.Redeem(a.by, a.uri, a.verifier, a.at)
}

// rightful is an attempt with which nothing is wrong.
func rightful() attempt {
	return attempt{
		code: grant.Code{
			Digest: secret.Plain("code", secret.Of("x")), RedirectURI: redirectURI, RedirectGiven: true, Challenge: challengeB,
			ExpiresAt: noon.Add(time.Minute),
			Family: grant.Family{
				ID: someID, Client: "web", Subject: subject.OfUser("alice"), Scopes: scope.Of("read", "write"),
				Audience: []string{"https://api.example"}, Claims: map[string]any{"tenant": "t1"}, AuthTime: noon.Add(-time.Hour),
				CreatedAt: noon, ExpiresAt: noon.Add(90 * 24 * time.Hour),
			},
		},
		by: web, uri: redirectURI, verifier: verifierB, at: noon,
	}
}

func TestRedeem(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*attempt)
	}{
		{"all is right", func(*attempt) {}},
		{"in the last moment", func(a *attempt) { a.at = a.code.ExpiresAt.Add(-1) }},
		{"redirect_uri left out in both requests", func(a *attempt) { a.code.RedirectGiven, a.uri = false, "" }},
		{"redirect_uri left out in the first request alone", func(a *attempt) { a.code.RedirectGiven = false }},
		{"a client exempt from PKCE that used none", func(a *attempt) { a.by, a.code.Challenge, a.verifier = exempt, "", "" }},
		{"a client exempt from PKCE that used it", func(a *attempt) { a.by = exempt }},
		{"a loopback redirect on the port of the first request", func(a *attempt) {
			a.by = client.Client{ID: "web", Auth: client.None, Native: true, RedirectURIs: []string{"http://127.0.0.1/cb"}}
			a.code.RedirectURI, a.uri = "http://127.0.0.1:51111/cb", "http://127.0.0.1:51111/cb"
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := rightful()
			tc.change(&a)
			got, err := a.redeem()
			if err != nil {
				t.Fatalf("got %v; want an authorization", err)
			}
			f := a.code.Family
			want := grant.Authorization{
				Family: &f, Subject: f.Subject, Scopes: f.Scopes, Audience: f.Audience, Claims: f.Claims, AuthTime: f.AuthTime,
				Spends: &grant.Spend{Kind: "authorization_code", Digest: a.code.Digest, ExpiresAt: a.code.ExpiresAt},
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v; want %+v", got, want)
			}
		})
	}
}

func TestRedeemRefuses(t *testing.T) {
	t.Parallel()
	spent := func(a *attempt) { a.code.Family.SpentAt = noon.Add(-time.Second) }
	for _, tc := range []struct {
		name   string
		change func(*attempt)
		reason fault.Reason
	}{
		{"E01 another client, all else right", func(a *attempt) { a.by = evil }, "code_foreign"},
		{"E02 a public client of another id", func(a *attempt) { a.by = client.Client{ID: "cli", Auth: client.None} }, "code_foreign"},
		{"E04 no redirect_uri where the first request named it", func(a *attempt) { a.uri = "" }, "code_redirect"},
		{"E04 another redirect_uri", func(a *attempt) { a.uri = "https://evil.example/cb" }, "code_redirect"},
		{"E04 another registered redirect_uri", func(a *attempt) { a.uri = "https://app.example/other" }, "code_redirect"},
		{"E04 another one where the first request named none", func(a *attempt) { a.code.RedirectGiven, a.uri = false, "https://app.example/other" }, "code_redirect"},
		{"E04 a redirect_uri that differs in a slash", func(a *attempt) { a.uri += "/" }, "code_redirect"},
		{"E04 a loopback redirect on another port", func(a *attempt) {
			a.by = client.Client{ID: "web", Auth: client.None, Native: true, RedirectURIs: []string{"http://127.0.0.1/cb"}}
			a.code.RedirectURI, a.uri = "http://127.0.0.1:51111/cb", "http://127.0.0.1:51112/cb"
		}, "code_redirect"},
		{"E20 a redirect URI that the client lost meanwhile", func(a *attempt) { a.by.RedirectURIs = []string{"https://app.example/other"} }, "code_redirect"},
		{"E05 no verifier", func(a *attempt) { a.verifier = "" }, "pkce_mismatch"},
		{"E05 a wrong verifier", func(a *attempt) { a.verifier = "e" + verifierB[1:] }, "pkce_mismatch"},
		{"E05 the challenge as verifier", func(a *attempt) { a.verifier = challengeB }, "pkce_mismatch"},
		{"E05 no verifier from a client exempt from PKCE that used it", func(a *attempt) { a.by, a.verifier = exempt, "" }, "pkce_mismatch"},
		{"E06 a verifier and no challenge", func(a *attempt) { a.code.Challenge = "" }, "pkce_unbound"},
		{"E06 a verifier and no challenge, from an exempt client", func(a *attempt) { a.by, a.code.Challenge = exempt, "" }, "pkce_unbound"},
		{"E06 neither, from a client that has to", func(a *attempt) { a.code.Challenge, a.verifier = "", "" }, "pkce_unbound"},
		{"E06 neither, from a client that became public", func(a *attempt) {
			a.by, a.code.Challenge, a.verifier = exempt, "", ""
			a.by.Auth = client.None
		}, "pkce_unbound"},
		{"E03 expired by a millisecond", func(a *attempt) { a.at = a.code.ExpiresAt.Add(time.Millisecond) }, "code_expired"},
		{"E03 exactly at its end", func(a *attempt) { a.at = a.code.ExpiresAt }, "code_expired"},
		{"E17 a family that was revoked", func(a *attempt) { a.code.Family.RevokedAt = noon.Add(-time.Second) }, "code_revoked"},
		{"a family that ended", func(a *attempt) { a.code.Family.ExpiresAt = noon }, "code_revoked"},

		{"the client is looked at before redirect_uri", func(a *attempt) { a.by, a.uri = evil, "x" }, "code_foreign"},
		{"redirect_uri is looked at before the verifier", func(a *attempt) { a.uri, a.verifier = "x", "x" }, "code_redirect"},
		{"redirect_uri is looked at before a challenge that is missing", func(a *attempt) { a.uri, a.code.Challenge = "x", "" }, "code_redirect"},
		{"a spent code of another client is no replay", func(a *attempt) { spent(a); a.by = evil }, "code_foreign"},
		{"a spent code with another redirect_uri is no replay", func(a *attempt) { spent(a); a.uri = "x" }, "code_redirect"},
		{"a spent code with a wrong verifier is no replay", func(a *attempt) { spent(a); a.verifier = "x" }, "pkce_mismatch"},
		{"a spent code with a verifier that nothing binds is no replay", func(a *attempt) { spent(a); a.code.Challenge = "" }, "pkce_unbound"},
		{"an expired code of another client says nothing of expiry", func(a *attempt) { a.by, a.at = evil, noon.Add(time.Hour) }, "code_foreign"},
		{"an expired code with a wrong verifier says nothing of expiry", func(a *attempt) { a.verifier, a.at = "x", noon.Add(time.Hour) }, "pkce_mismatch"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := rightful()
			tc.change(&a)
			got, err := a.redeem()
			f, ok := fault.As(err)
			if !ok || f.Code != fault.InvalidGrant || f.Reason != tc.reason {
				t.Fatalf("got %v; want invalid_grant, %s", err, tc.reason)
			}
			var r *grant.Replay
			if errors.As(err, &r) {
				t.Errorf("got a replay that ends family %s; want a refusal that ends nothing", r.Family)
			}
			if !reflect.DeepEqual(got, grant.Authorization{}) {
				t.Errorf("got %+v beside the refusal; want nothing", got)
			}
		})
	}
}

func TestASpentCodeFromItsRightfulClientIsAReplay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*attempt)
	}{
		{"E07 while the code is young", func(*attempt) {}},
		{"E07 when it has expired as well", func(a *attempt) { a.at = a.code.ExpiresAt.Add(time.Hour) }},
		{"E07 when the family has ended already", func(a *attempt) { a.code.Family.RevokedAt = noon }},
		{"E07 without PKCE, from an exempt client", func(a *attempt) { a.by, a.code.Challenge, a.verifier = exempt, "", "" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := rightful()
			a.code.Family.SpentAt = noon.Add(-time.Second)
			tc.change(&a)
			got, err := a.redeem()
			var r *grant.Replay
			if !errors.As(err, &r) || r.Family != someID {
				t.Fatalf("got %v; want a replay in the family", err)
			}
			if f, ok := fault.As(err); !ok || f.Code != fault.InvalidGrant || f.Reason != "code_reused" {
				t.Errorf("got fault %v; want invalid_grant, code_reused", f)
			}
			if got.Spends != nil || got.Family != nil {
				t.Errorf("got %+v beside the refusal; want nothing", got)
			}
		})
	}
}

// Whoever does not hold the code must not learn from the words whether it exists, was spent or has expired.
func TestTheWordsOfACodeRefusalTellNothing(t *testing.T) {
	t.Parallel()
	words := func(err error) string {
		f, ok := fault.As(err)
		if !ok {
			t.Fatalf("got %v; want a refusal", err)
		}
		return string(f.Code) + " " + f.Detail
	}
	want := words(grant.UnknownCode())
	for name, change := range map[string]func(*attempt){
		"another client": func(a *attempt) { a.by = evil },
		"redirect_uri":   func(a *attempt) { a.uri = "x" },
		"spent":          func(a *attempt) { a.code.Family.SpentAt = noon },
		"expired":        func(a *attempt) { a.at = a.code.ExpiresAt },
		"revoked":        func(a *attempt) { a.code.Family.RevokedAt = noon },
	} {
		a := rightful()
		change(&a)
		_, err := a.redeem()
		if got := words(err); got != want {
			t.Errorf("%s: got %q; want %q", name, got, want)
		}
	}
}
