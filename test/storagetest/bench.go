package storagetest

import (
	"crypto/rand"
	"runtime"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// bench is what a case works on: a storage, a second handle on it, and what is now.
type bench struct {
	ports.Storage
	twin ports.Storage
	now  time.Time
}

func newBench(first, second ports.Storage) *bench {
	return &bench{first, second, time.Now().UTC().Truncate(time.Microsecond)}
}

// handle deals the handles out to the participants of a race.
func (b *bench) handle(i int) ports.Storage {
	if i%2 == 1 {
		return b.twin
	}
	return b.Storage
}

func random16() (x [16]byte) {
	_, _ = rand.Read(x[:])
	return x
}

func newUUID() string { return string(grant.IDOf(random16())) }

func newDigest() (d secret.Digest) {
	_, _ = rand.Read(d[:])
	return d
}

func newPerson() subject.Subject { return subject.OfUser(newUUID()) }

// aClient is a client that nobody has stored.
func (b *bench) aClient() client.Client {
	return client.Client{
		ID: client.ID(newUUID()), Name: "An app", Auth: client.Basic, Grants: []string{grant.CodeType, token.RefreshType},
		RedirectURIs: []string{"https://app.example/callback"}, Scopes: scope.Of("read", "write"),
		CreatedAt: b.now, UpdatedAt: b.now,
	}
}

// client stores a client.
func (b *bench) client(t tb) client.Client {
	t.Helper()
	c := b.aClient()
	must(t, "add client", b.ClientBook.AddClient(t.Context(), c))
	return c
}

// aPerson is a person that nobody has stored.
func (b *bench) aPerson() user.User {
	id := newUUID()
	return user.User{ID: user.ID(id), Username: "name-" + id, Name: "A person", PasswordHash: "hash", CreatedAt: b.now, UpdatedAt: b.now}
}

// person stores a person.
func (b *bench) person(t tb) user.User {
	t.Helper()
	u := b.aPerson()
	must(t, "add user", b.UserBook.AddUser(t.Context(), u))
	return u
}

// family is one that nobody has stored.
func (b *bench) family(c client.ID, who subject.Subject) grant.Family {
	return grant.Family{
		ID: grant.ID(newUUID()), Client: c, Subject: who, Scopes: scope.Of("read"),
		CreatedAt: b.now, ExpiresAt: b.now.Add(24 * time.Hour), Salt: random16(), Pepper: 7,
	}
}

// approval is a person's yes with a code, without a pending request.
func (b *bench) approval(c client.ID, who subject.Subject) grant.Approval {
	f := b.family(c, who)
	return grant.Approval{
		Family: f, MaxCodes: 100,
		Code: grant.Code{Digest: newDigest(), RedirectURI: "https://app.example/callback", ExpiresAt: b.now.Add(time.Minute), Family: f},
	}
}

// code stores an approval of a new person for a client and returns its code.
func (b *bench) code(t tb, c client.ID) grant.Code {
	t.Helper()
	return b.codeOf(t, c, newPerson())
}

func (b *bench) codeOf(t tb, c client.ID, who subject.Subject) grant.Code {
	t.Helper()
	a := b.approval(c, who)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	return a.Code
}

// redeemed stores a family whose code was redeemed for a first refresh token.
func (b *bench) redeemed(t tb, c client.ID) grant.Family {
	t.Helper()
	return b.redeemedBy(t, c, newPerson())
}

func (b *bench) redeemedBy(t tb, c client.ID, who subject.Subject) grant.Family {
	t.Helper()
	k := b.codeOf(t, c, who)
	b.commit(t, b.redemption(k))
	return k.Family
}

// token is an access token of a family that nobody has stored.
func (b *bench) token(f grant.Family) token.Access {
	return token.Access{
		ID: token.ID(newUUID()), Client: f.Client, Subject: f.Subject, Family: f.ID, Scopes: f.Scopes,
		IssuedAt: b.now.Truncate(time.Second), ExpiresAt: b.now.Add(time.Hour),
	}
}

// redemption buys an access token and a first refresh token for a code.
func (b *bench) redemption(k grant.Code) token.Issuance {
	return token.Issuance{
		At: b.now, Access: b.token(k.Family), Starts: true,
		Spends: &grant.Spend{Kind: grant.CodeType, Digest: k.Digest, ExpiresAt: k.ExpiresAt},
	}
}

// step buys an access token for a refresh token.
func (b *bench) step(f grant.Family, from uint32, grace time.Duration) token.Issuance {
	return token.Issuance{At: b.now, Access: b.token(f), Steps: &grant.Step{From: from, Grace: grace}}
}

// own is a client's token for itself.
func (b *bench) own(c client.ID) token.Issuance {
	f := grant.Family{Client: c, Subject: subject.OfClient(string(c)), Scopes: scope.Of("read")}
	return token.Issuance{At: b.now, Access: b.token(f)}
}

// opening is the birth of a family, paid by a credential of another's making.
func (b *bench) opening(c client.ID) token.Issuance {
	f := b.family(c, newPerson())
	return token.Issuance{
		At: b.now, Access: b.token(f), Opens: &f, Starts: true,
		Spends: &grant.Spend{Kind: "urn:example:otp", Digest: newDigest(), ExpiresAt: b.now.Add(time.Minute)},
	}
}

// request is a pending request of a client that nobody has stored.
func (b *bench) request(c client.ID) grant.Request {
	return grant.Request{
		Digest: newDigest(), Session: b.aSession().ID, Client: c, ResponseType: "code", RedirectURI: "https://app.example/callback",
		Scopes: scope.Of("read"), ArrivedAt: b.now, ExpiresAt: b.now.Add(time.Hour),
	}
}

// pending stores a pending request.
func (b *bench) pending(t tb, c client.ID) grant.Request {
	t.Helper()
	r := b.request(c)
	must(t, "open request", b.RequestBook.OpenRequest(t.Context(), r, 20))
	return r
}

func (b *bench) commit(t tb, i token.Issuance) {
	t.Helper()
	must(t, "commit", b.Storage.Ledger.Commit(t.Context(), i))
}

func (b *bench) revoke(t tb, id grant.ID, entries ...audit.Entry) {
	t.Helper()
	must(t, "revoke", b.Storage.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: id, At: b.now}, entries...))
}

func (b *bench) ratchet(t tb, id grant.ID) token.Ratchet {
	t.Helper()
	r, err := b.RefreshFinder.FindRatchet(t.Context(), id)
	must(t, "find ratchet", err)
	return r
}

// tick waits until the storage's clock has moved on since the family's ratchet turned.
func (b *bench) tick(t tb, id grant.ID) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if r := b.ratchet(t, id); r.ReadAt.After(r.Family.RotatedAt) {
			return
		}
	}
	t.Fatalf("the storage's clock stands still")
}
