package grant_test

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/session"
)

func TestOpenAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given grant.Request
		want  bool
	}{
		{"until it expires", grant.Request{ExpiresAt: noon.Add(1)}, true},
		{"at its end no longer", grant.Request{ExpiresAt: noon}, false},
		{"once it was decided no longer", grant.Request{ExpiresAt: noon.Add(time.Hour), DecidedAt: noon.Add(-1)}, false},
		{"the zero request never", grant.Request{}, false},
	} {
		if got := tc.given.OpenAt(noon); got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, got, tc.want)
		}
	}
}

func TestSatisfiedBy(t *testing.T) {
	t.Parallel()
	signedIn := func(ago time.Duration) session.Session {
		return session.Session{ID: "s1", User: "alice", AuthTime: noon.Add(-ago)}
	}
	arrived := noon.Add(-time.Minute)
	for _, tc := range []struct {
		name    string
		request grant.Request
		session session.Session
		want    bool
	}{
		{"a request without demands by whoever is signed in", grant.Request{ArrivedAt: arrived}, signedIn(24 * time.Hour), true},
		{"nobody signed in", grant.Request{ArrivedAt: arrived}, session.Session{ID: "s1"}, false},
		{"nobody signed in, though a time stands there", grant.Request{ArrivedAt: arrived}, session.Session{ID: "s1", AuthTime: noon}, false},
		{"B31 prompt=login by a sign-in later than the arrival", grant.Request{Login: true, ArrivedAt: arrived}, signedIn(time.Second), true},
		{"B31 prompt=login not by an earlier one", grant.Request{Login: true, ArrivedAt: arrived}, signedIn(time.Hour), false},
		{"B31 prompt=login not by one at the same moment", grant.Request{Login: true, ArrivedAt: arrived}, signedIn(time.Minute), false},
		{"max_age by a younger sign-in", grant.Request{MaxAge: 10 * time.Minute, ArrivedAt: arrived}, signedIn(9 * time.Minute), true},
		{"max_age by one exactly as old", grant.Request{MaxAge: 10 * time.Minute, ArrivedAt: arrived}, signedIn(10 * time.Minute), true},
		{"max_age not by an older one", grant.Request{MaxAge: 10 * time.Minute, ArrivedAt: arrived}, signedIn(10*time.Minute + 1), false},
		{"max_age counts until the decision, not until the arrival", grant.Request{MaxAge: 10 * time.Minute, ArrivedAt: noon.Add(-5 * time.Minute)}, signedIn(11 * time.Minute), false},
		{"max_age not by a session without a time", grant.Request{MaxAge: 10 * time.Minute}, session.Session{ID: "s1", User: "alice"}, false},
		{"both, one of them unmet", grant.Request{Login: true, MaxAge: time.Hour, ArrivedAt: arrived}, signedIn(30 * time.Minute), false},
		{"both, the other unmet", grant.Request{Login: true, MaxAge: 10 * time.Second, ArrivedAt: arrived}, signedIn(30 * time.Second), false},
		{"both met", grant.Request{Login: true, MaxAge: time.Hour, ArrivedAt: arrived}, signedIn(time.Second), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.request.SatisfiedBy(tc.session, noon); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestMaySkipConsent(t *testing.T) {
	t.Parallel()
	const https, http, own = "https://app.example/cb", "http://127.0.0.1:5/cb", "com.example.app:/cb"
	for _, tc := range []struct {
		name    string
		client  client.Client
		uri     string
		consent bool
		want    bool
	}{
		{"a confidential client on https", client.Client{Auth: client.Basic}, https, false, true},
		{"a confidential client on loopback, which redeems a code", client.Client{Auth: client.Basic}, http, false, true},
		{"a public client on https", client.Client{Auth: client.None}, https, false, true},
		{"a public client on loopback asks", client.Client{Auth: client.None}, http, false, false},
		{"a public client on a scheme of its own asks", client.Client{Auth: client.None}, own, false, false},
		{"a public client without a redirect asks", client.Client{Auth: client.None}, "", false, false},
		{"a scheme that begins like https asks", client.Client{Auth: client.None}, "https.example.app:/cb", false, false},
		{"a native client asks on https too", client.Client{Auth: client.None, Native: true}, https, false, false},
		{"a native client asks even if it has a secret", client.Client{Auth: client.Basic, Native: true}, https, false, false},
		{"B32 prompt=consent asks whoever it is", client.Client{Auth: client.Basic}, https, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := (grant.Request{ResponseType: "code", RedirectURI: tc.uri, Consent: tc.consent}).MaySkipConsent(tc.client); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
			direct := grant.Request{ResponseType: "token", RedirectURI: tc.uri, Consent: tc.consent}
			if got := direct.MaySkipConsent(tc.client); got != (tc.want && tc.uri == https) {
				t.Errorf("with the token in the redirect: got %v", got) // nobody proves anything there
			}
		})
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	given := grant.Consent{User: "alice", Client: "web", Scopes: scope.Of("read", "write")}
	for _, tc := range []struct {
		name    string
		consent grant.Consent
		asked   scope.Set
		want    bool
	}{
		{"the same scopes", given, scope.Of("write", "read"), true},
		{"fewer", given, scope.Of("read"), true},
		{"none", given, scope.Set{}, true},
		{"one more", given, scope.Of("read", "admin"), false},
		{"nothing was ever allowed", grant.Consent{}, scope.Of("read"), false},
		{"nothing was ever allowed and nothing is asked for", grant.Consent{}, scope.Set{}, false},
		{"a consent of nobody", grant.Consent{Scopes: scope.Of("read")}, scope.Of("read"), false},
	} {
		if got := tc.consent.Covers(tc.asked); got != tc.want {
			t.Errorf("%s: got %v; want %v", tc.name, got, tc.want)
		}
	}
}
