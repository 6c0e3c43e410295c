package attacks

import (
	"context"
	"testing"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

type heldApprovals struct {
	ports.ApprovalBook
	turnstile
}

func (h heldApprovals) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	h.through()
	return h.ApprovalBook.Approve(ctx, a, entries...)
}

// The change takes its time first, somebody signs in with the old password and opens an app, the change is stored, and then what the app gets is: by
// their times alone the app came last.
func TestApprovalWhileTheChangeIsOnItsWay(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		change, yes := newTurnstile(), newTurnstile() // a client of ours asks nobody: no request waits that the change could find
		h := open(t, on, passporttest.Wrapping(func(p ports.Storage) ports.Storage {
			p.UserBook, p.ApprovalBook = heldUsers{p.UserBook, change}, heldApprovals{p.ApprovalBook, yes}
			return p
		}))
		ours := h.register(t, client.Client{FirstParty: true, Grants: []string{"authorization_code"}, RedirectURIs: []string{webCallback}})
		changed, answered := make(chan error, 1), make(chan answer, 1)
		go func() {
			_, err := h.Users.SetPassword(t.Context(), "bob", secret.Of("another password"))
			changed <- err
		}()
		<-change.reached
		v := h.as(t, "bob")
		go func() {
			a, _ := v.do(v.at("GET", "/oauth/authorize?"+ask(ours).Encode(), ""))
			answered <- a
		}()
		<-yes.reached
		close(change.pass)
		if err := <-changed; err != nil {
			t.Fatal(err)
		}
		close(yes.pass)
		if a := <-answered; a.told().Get("code") != "" || a.told().Get("error") != "access_denied" {
			t.Errorf("got %s; want the yes refused", a)
		}
	})
}
