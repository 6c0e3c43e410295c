package sqlstore_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
)

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return string(grant.IDOf(b))
}

func newDigest() (d secret.Digest) {
	_, _ = rand.Read(d[:])
	return d
}

// now is a moment in the past of every clock, so that what a test makes is not yet of the future.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func addClient(t testing.TB, s *sqlstore.Store) client.Client {
	t.Helper()
	c := client.Client{
		ID: client.ID(newID()), Name: "app", Auth: client.Basic, Grants: []string{grant.CodeType},
		Scopes: scope.Of("read"), CreatedAt: now(), UpdatedAt: now(),
	}
	if err := s.AddClient(t.Context(), c); err != nil {
		t.Fatalf("add client: got error %v; want success", err)
	}
	return c
}

func familyOf(c client.Client, who subject.Subject) grant.Family {
	return grant.Family{
		ID: grant.ID(newID()), Client: c.ID, Subject: who, Scopes: scope.Of("read"),
		CreatedAt: now(), ExpiresAt: now().Add(time.Hour), Salt: [16]byte{1}, Pepper: 1,
	}
}

func approvalOf(c client.Client, who subject.Subject) grant.Approval {
	f := familyOf(c, who)
	return grant.Approval{
		Family: f, MaxCodes: 5,
		Consent: grant.Consent{User: user.ID(who.ID), Client: c.ID, Scopes: scope.Of("read"), CreatedAt: now(), UpdatedAt: now()},
		Code:    grant.Code{Digest: newDigest(), RedirectURI: "https://app.example/", ExpiresAt: now().Add(time.Minute), Family: f},
	}
}

func approve(t testing.TB, s *sqlstore.Store, c client.Client, who subject.Subject) grant.Approval {
	t.Helper()
	a := approvalOf(c, who)
	if err := s.Approve(t.Context(), a); err != nil {
		t.Fatalf("approve: got error %v; want success", err)
	}
	return a
}

func accessOf(f grant.Family) token.Access {
	return token.Access{
		ID: token.ID(newID()), Client: f.Client, Subject: f.Subject, Family: f.ID, Scopes: f.Scopes,
		IssuedAt: now().Truncate(time.Second), ExpiresAt: now().Add(time.Hour),
	}
}

func redemption(a grant.Approval) token.Issuance {
	return token.Issuance{
		At: now(), Access: accessOf(a.Family), Starts: true,
		Spends: &grant.Spend{Kind: grant.CodeType, Digest: a.Code.Digest, ExpiresAt: a.Code.ExpiresAt},
	}
}

func step(f grant.Family, from uint32, grace time.Duration) token.Issuance {
	return token.Issuance{At: now(), Access: accessOf(f), Steps: &grant.Step{From: from, Grace: grace}}
}

func opening(c client.Client, who subject.Subject) token.Issuance {
	f := familyOf(c, who)
	return token.Issuance{
		At: now(), Access: accessOf(f), Opens: &f, Starts: true,
		Spends: &grant.Spend{Kind: "urn:example:otp", Digest: newDigest(), ExpiresAt: now().Add(time.Minute)},
	}
}

func commit(t testing.TB, s *sqlstore.Store, i token.Issuance) {
	t.Helper()
	if err := s.Commit(t.Context(), i); err != nil {
		t.Fatalf("commit: got error %v; want success", err)
	}
}

// ended fails if a family lives.
func ended(t *testing.T, s *sqlstore.Store, id grant.ID) {
	t.Helper()
	r, err := s.FindRatchet(t.Context(), id)
	if err != nil {
		t.Fatalf("find family: got error %v; want success", err)
	}
	if r.Family.RevokedAt.IsZero() {
		t.Errorf("family: got it alive; want it ended")
	}
}
