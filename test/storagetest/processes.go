package storagetest

import (
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var processes = suite{"Processes", []contractCase{
	{"what one process commits the other sees", commitSeen, []Behaviour{twin}},
	{"what one process ends is dead to the other", endSeen, []Behaviour{twin}},
	{"what one process stores the other finds", recordsSeen, []Behaviour{twin}},
}}

func commitSeen(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	found, err := b.twin.CodeFinder.FindCode(t.Context(), []secret.Digest{k.Digest})
	must(t, "find code", err)
	same(t, "family", found.Family.ID, k.Family.ID)
	i := b.redemption(k)
	must(t, "redeem", b.twin.Ledger.Commit(t.Context(), i))
	b.live(t, i.Access.ID)
	refused(t, "redeem again", b.Storage.Ledger.Commit(t.Context(), b.redemption(k)), ports.ErrSpent)
	must(t, "step", b.twin.Ledger.Commit(t.Context(), b.step(k.Family, 1, 0)))
	b.generation(t, k.Family.ID, 2)
	refused(t, "step again", b.tryStep(t, b.step(k.Family, 1, 0)), ports.ErrSpent)
}

func endSeen(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	i := b.redemption(k)
	b.commit(t, i)
	must(t, "revoke", b.twin.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: k.Family.ID, At: b.now}))
	b.dead(t, i.Access.ID)
	refused(t, "step", b.tryStep(t, b.step(k.Family, 1, wide)), ports.ErrRevoked)
}

func recordsSeen(t tb, b *bench) {
	c, s, r := b.client(t), b.session(t, odd), b.pending(t, b.aClient().ID)
	gotClient, err := b.twin.ClientFinder.FindClient(t.Context(), c.ID)
	must(t, "find client", err)
	same(t, "client", gotClient, c)
	gotSession, err := b.twin.SessionBook.FindSession(t.Context(), []secret.Digest{s.Digest})
	must(t, "find session", err)
	same(t, "session", gotSession, s)
	gotRequest, err := b.twin.RequestBook.FindRequest(t.Context(), []secret.Digest{r.Digest})
	must(t, "find request", err)
	same(t, "request", gotRequest, r)
}
