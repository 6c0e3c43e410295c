package acceptance

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

func TestDuplicates(t *testing.T) {
	onEach(t, []rule{{"101 a name that was drawn before takes nothing over", duplicates}})
}

func duplicates(t *testing.T, h *house) {
	code := secret.Of(h.code(t, h.web))
	kept, err := h.Storage.CodeFinder.FindCode(t.Context(), h.Peppers.Digests(code))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Storage.ApprovalBook.Approve(t.Context(), h.approval(kept.Digest)); err == nil {
		t.Error("a code was stored over another")
	}
	got := granted(t, h.token(t, h.web, codeForm(h.web, code.Reveal())))
	before := h.row(t, got.access)
	other := before
	other.Client, other.Subject, other.Family = h.machine.ID, subject.OfClient(string(h.machine.ID)), ""
	if err := h.Storage.Ledger.Commit(t.Context(), token.Issuance{At: h.Clock.Now(), Access: other}); err != nil {
		t.Logf("refused: %v", err) // or taken for the same commit once more: nothing changes either way
	}
	if after := h.row(t, got.access); after.Client != before.Client || after.Subject != before.Subject {
		t.Errorf("got %+v; want the row as it was", after)
	}
	h.live(t, got.access)
}

// approval is another person's yes to another client, under a code that is taken.
func (h *house) approval(taken secret.Digest) grant.Approval {
	now := h.Clock.Now()
	a := grant.Authorization{Subject: subject.OfUser(string(h.alice.ID))}
	f := h.Issuer.NewFamily(h.spa.Client, grant.CodeType, a, now)
	return grant.Approval{
		Family: f, MaxCodes: 10,
		Code: grant.Code{Digest: taken, RedirectURI: spaCallback, ExpiresAt: now.Add(time.Minute), Family: f},
	}
}
