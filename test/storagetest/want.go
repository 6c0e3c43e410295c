package storagetest

import (
	"errors"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

func must(t tb, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: got error %v; want success", what, err)
	}
}

// refused fails unless err is one of the facts that are wanted.
func refused(t tb, what string, err error, wants ...error) {
	t.Helper()
	for _, want := range wants {
		if errors.Is(err, want) {
			return
		}
	}
	t.Errorf("%s: got error %v; want %v", what, err, errors.Join(wants...))
}

func (b *bench) live(t tb, id token.ID) {
	t.Helper()
	a, err := b.AccessBook.FindAccess(t.Context(), id)
	must(t, "find access token", err)
	if !a.LiveAt(b.now) {
		t.Errorf("access token: got revoked at %v; want it live", a.RevokedAt)
	}
}

// dead fails if a token is live. One that does not exist is not.
func (b *bench) dead(t tb, id token.ID) {
	t.Helper()
	a, err := b.AccessBook.FindAccess(t.Context(), id)
	if errors.Is(err, ports.ErrNotFound) {
		return
	}
	must(t, "find access token", err)
	if a.RevokedAt.IsZero() {
		t.Errorf("access token: got it live; want it revoked")
	}
}

// absent fails if a token has left a row behind.
func (b *bench) absent(t tb, id token.ID) {
	t.Helper()
	_, err := b.AccessBook.FindAccess(t.Context(), id)
	refused(t, "find the access token of a failed commit", err, ports.ErrNotFound)
}

// unborn fails if a family exists.
func (b *bench) unborn(t tb, id grant.ID) {
	t.Helper()
	if r, err := b.RefreshFinder.FindRatchet(t.Context(), id); err == nil && r.Family.RevokedAt.IsZero() {
		t.Errorf("family of a failed change: got it stored; want nothing left behind")
	}
}

// ended fails if a family lives.
func (b *bench) ended(t tb, id grant.ID) {
	t.Helper()
	if r := b.ratchet(t, id); r.Family.RevokedAt.IsZero() {
		t.Errorf("family: got it alive; want it ended")
	}
}

func (b *bench) alive(t tb, id grant.ID) {
	t.Helper()
	if r := b.ratchet(t, id); !r.Family.LiveAt(b.now) {
		t.Errorf("family: got it ended at %v; want it alive", r.Family.RevokedAt)
	}
}

func (b *bench) generation(t tb, id grant.ID, want uint32) {
	t.Helper()
	if got := b.ratchet(t, id).Family.Generation; got != want {
		t.Errorf("generation: got %d; want %d", got, want)
	}
}

func (b *bench) noCode(t tb, d secret.Digest) {
	t.Helper()
	_, err := b.CodeFinder.FindCode(t.Context(), []secret.Digest{d})
	refused(t, "find a code that is not there", err, ports.ErrNotFound)
}
