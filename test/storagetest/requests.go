package storagetest

import (
	"errors"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var requests = suite{"Requests", []contractCase{
	{"everything of a request comes back as it was", requestComesBack, nil},
	{"a plain sign-in without a client is a request too", requestWithoutClient, nil},
	{"a request is found under any of its digests", requestFound, nil},
	{"of the undecided requests of a session the newest stay", newestRequestsStay, nil},
	{"requests of a session stay within bounds when many are opened at once", newestRequestsStayAtOnce, nil},
	{"decided requests and those of other sessions give no way", otherRequestsStay, nil},
	{"the account that a page shows is remembered until the decision", shownAccount, nil},
}}

func requestComesBack(t tb, b *bench) {
	r := b.request(b.aClient().ID)
	r.ResponseType, r.RedirectURI, r.RedirectGiven, r.State = odd, oddURI, true, odd
	r.Scopes, r.Audience, r.Challenge = scope.Of(oddScope, "read"), []string{oddURI, odd}, grant.Challenge(odd)
	r.LoginHint, r.Login, r.Consent, r.MaxAge = odd, true, true, 90*time.Minute
	r.ShownTo, r.Source, r.Device = odd, odd, newDigest()
	must(t, "open request", b.RequestBook.OpenRequest(t.Context(), r, 20))
	same(t, "request", b.findRequest(t, r.Digest), r)
}

func requestWithoutClient(t tb, b *bench) {
	r := grant.Request{Digest: newDigest(), Session: b.aSession().ID, ArrivedAt: elsewhere(b.now), ExpiresAt: elsewhere(b.now.Add(time.Hour))}
	must(t, "open request", b.RequestBook.OpenRequest(t.Context(), r, 20))
	got := b.findRequest(t, r.Digest)
	stored(t, "arrival", got.ArrivedAt, r.ArrivedAt)
	stored(t, "expiry", got.ExpiresAt, r.ExpiresAt)
	got.ArrivedAt, got.ExpiresAt, r.ArrivedAt, r.ExpiresAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	same(t, "request", got, r)
}

func requestFound(t tb, b *bench) {
	r := b.pending(t, b.aClient().ID)
	b.pending(t, b.aClient().ID)
	for _, digests := range [][]secret.Digest{{r.Digest}, {newDigest(), r.Digest}, {r.Digest, newDigest()}} {
		got, err := b.RequestBook.FindRequest(t.Context(), digests)
		must(t, "find request", err)
		same(t, "session", got.Session, r.Session)
	}
	for _, digests := range [][]secret.Digest{{newDigest()}, {{}}, nil} {
		_, err := b.RequestBook.FindRequest(t.Context(), digests)
		refused(t, "find an unknown request", err, ports.ErrNotFound)
	}
}

// openAt opens a request of a session that arrived some seconds from now.
func (b *bench) openAt(t tb, s session.ID, seconds, keep int) (grant.Request, error) {
	r := b.request(client.ID(newUUID()))
	r.Session, r.ArrivedAt = s, b.now.Add(time.Duration(seconds)*time.Second)
	return r, b.handle(seconds).RequestBook.OpenRequest(t.Context(), r, keep)
}

func (b *bench) requestsLeft(t tb, all []grant.Request) (left int) {
	t.Helper()
	for _, r := range all {
		_, err := b.RequestBook.FindRequest(t.Context(), []secret.Digest{r.Digest})
		if errors.Is(err, ports.ErrNotFound) {
			continue
		}
		must(t, "find request", err)
		left++
	}
	return left
}

func newestRequestsStay(t tb, b *bench) {
	s := b.aSession().ID
	var all []grant.Request
	for n := range 6 {
		r, err := b.openAt(t, s, n, 4)
		must(t, "open request", err)
		all = append(all, r)
	}
	if got := b.requestsLeft(t, all[:2]); got != 0 {
		t.Errorf("oldest requests left: got %d; want 0", got)
	}
	if got := b.requestsLeft(t, all[2:]); got != 4 {
		t.Errorf("newest requests left: got %d; want 4", got)
	}
	gone := all[0].Digest
	refused(t, "show a request that gave way", b.RequestBook.ShowRequest(t.Context(), gone, "somebody"), ports.ErrNotFound)
	refused(t, "refuse a request that gave way", b.ApprovalBook.CloseRequest(t.Context(), gone, b.now), ports.ErrNotFound)
}

func newestRequestsStayAtOnce(t tb, b *bench) {
	s := b.aSession().ID
	all := make([]grant.Request, 20)
	allWin(t, together(len(all), func(i int) (err error) {
		all[i], err = b.openAt(t, s, i, 4)
		return err
	}))
	last, err := b.openAt(t, s, 50, 4)
	must(t, "open request", err)
	if got := b.requestsLeft(t, append(all, last)); got != 4 {
		t.Errorf("requests left: got %d; want 4", got)
	}
}

func otherRequestsStay(t tb, b *bench) {
	s := b.aSession().ID
	decided, err := b.openAt(t, s, 0, 2)
	must(t, "open request", err)
	must(t, "refuse", b.ApprovalBook.CloseRequest(t.Context(), decided.Digest, b.now))
	other := b.pending(t, b.aClient().ID)
	for n := range 4 {
		_, err := b.openAt(t, s, n+1, 2)
		must(t, "open request", err)
	}
	if got := b.requestsLeft(t, []grant.Request{decided, other}); got != 2 {
		t.Errorf("decided and other requests left: got %d; want 2", got)
	}
}

func shownAccount(t tb, b *bench) {
	r := b.pending(t, b.aClient().ID)
	for _, who := range []user.ID{"somebody", odd} {
		must(t, "show", b.RequestBook.ShowRequest(t.Context(), r.Digest, who))
		same(t, "shown to", b.findRequest(t, r.Digest).ShownTo, who)
	}
	must(t, "refuse", b.ApprovalBook.CloseRequest(t.Context(), r.Digest, b.now))
	refused(t, "show a decided request", b.RequestBook.ShowRequest(t.Context(), r.Digest, "late"), ports.ErrSpent)
	refused(t, "show an unknown request", b.RequestBook.ShowRequest(t.Context(), newDigest(), "late"), ports.ErrNotFound)
	same(t, "shown to", b.findRequest(t, r.Digest).ShownTo, user.ID(odd))
}
