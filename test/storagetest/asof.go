package storagetest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// asOf is what commits owe to whoever changes a client.
var asOf = []contractCase{
	{"a commit on a client's record as it is succeeds", asItIs, nil},
	{"a commit on a client's record of old is refused", asItWas, nil},
	{"a commit on the record of a client that is gone or disabled is refused", asItEnded, nil},
	{"a commit on a client's record of old changes nothing", oldRecordChangesNothing, nil},
	{"a commit that was made is not refused when it is repeated", repeatedAfterChange, nil},
	{"once a change of a client is acknowledged no commit on the old record succeeds", noneAfterChange, nil},
}

// kindsOf are the commits there are, each for a client that is given.
func (b *bench) kindsOf(t tb) map[string]func(c client.Client) token.Issuance {
	t.Helper()
	return map[string]func(c client.Client) token.Issuance{
		"own token":  func(c client.Client) token.Issuance { return b.own(c.ID) },
		"opening":    func(c client.Client) token.Issuance { return b.opening(c.ID) },
		"redemption": func(c client.Client) token.Issuance { return b.redemption(b.code(t, c.ID)) },
		"step":       func(c client.Client) token.Issuance { return b.step(b.redeemed(t, c.ID), 1, 0) },
		"step with grace": func(c client.Client) token.Issuance {
			return b.step(b.redeemed(t, c.ID), 1, wide)
		},
		"token kept": func(c client.Client) token.Issuance {
			i := b.step(b.redeemed(t, c.ID), 1, 0)
			i.Steps.Keep = true
			return i
		},
		"one more token": func(c client.Client) token.Issuance {
			return token.Issuance{At: b.now, Access: b.token(b.redeemed(t, c.ID))}
		},
	}
}

// change gives a client another name, by another process.
func (b *bench) change(t tb, c client.Client) client.Client {
	t.Helper()
	was := c.UpdatedAt
	c.Name, c.UpdatedAt = "another", c.ChangedAt(b.now)
	must(t, "update client", b.twin.ClientBook.UpdateClient(t.Context(), c, was))
	return c
}

func asItIs(t tb, b *bench) {
	for what, kind := range b.kindsOf(t) {
		c := b.change(t, b.client(t))
		i := kind(c)
		i.ClientAsOf = c.UpdatedAt.Add(999 * time.Nanosecond) // the storage knows whole microseconds
		i.Entries = append(i.Entries, b.entry())
		must(t, what, b.Storage.Ledger.Commit(t.Context(), i))
		b.live(t, i.Access.ID)
	}
}

func asItWas(t tb, b *bench) {
	for what, kind := range b.kindsOf(t) {
		c := b.client(t)
		i := kind(c)
		i.ClientAsOf = c.UpdatedAt
		b.change(t, c)
		refused(t, what, b.Storage.Ledger.Commit(t.Context(), i), ports.ErrConflict)
		b.absent(t, i.Access.ID)
	}
}

func asItEnded(t tb, b *bench) {
	ends := map[string]func(c client.Client) error{
		"disabled": func(c client.Client) error { return b.disable(t, b.twin, c) },
		"deleted":  func(c client.Client) error { return b.twin.ClientBook.DeleteClient(t.Context(), c.ID, b.now) },
	}
	for what, kind := range b.kindsOf(t) {
		for how, end := range ends {
			c := b.client(t)
			i := kind(c)
			must(t, how, end(c))
			for _, i.ClientAsOf = range []time.Time{c.UpdatedAt, b.now.Add(time.Second)} { // as it was, and as it is
				refused(t, what+" of a client that is "+how, b.Storage.Ledger.Commit(t.Context(), i), ports.ErrConflict)
				b.absent(t, i.Access.ID)
			}
		}
	}
}

func oldRecordChangesNothing(t tb, b *bench) {
	c := b.client(t)
	opening, redemption, step := b.opening(c.ID), b.redemption(b.code(t, c.ID)), b.step(b.redeemed(t, c.ID), 1, 0)
	e := b.entry()
	next := b.change(t, c)
	for what, i := range map[string]token.Issuance{"opening": opening, "redemption": redemption, "step": step} {
		old := i
		old.ClientAsOf, old.Entries = c.UpdatedAt, append(old.Entries, e)
		refused(t, what, b.Storage.Ledger.Commit(t.Context(), old), ports.ErrConflict)
		if i.Opens != nil {
			b.unborn(t, i.Opens.ID)
		}
		i.ClientAsOf = next.UpdatedAt
		must(t, what+" on the record as it is", b.Storage.Ledger.Commit(t.Context(), i))
	}
	b.countEntries(t, "commits that were refused", e, 0)
}

func repeatedAfterChange(t tb, b *bench) {
	for what, kind := range b.kindsOf(t) {
		c := b.client(t)
		i := kind(c)
		i.ClientAsOf = c.UpdatedAt
		must(t, what, b.Storage.Ledger.Commit(t.Context(), i))
		b.change(t, c)
		must(t, what+" again", b.Storage.Ledger.Commit(t.Context(), i))
	}
}

// noneAfterChange lets a client be changed while many commit on its old record, in whichever process: a commit that begins after the
// change was acknowledged is refused.
func noneAfterChange(t tb, b *bench) {
	for range 3 {
		c := b.client(t)
		families := make([]grant.Family, 8)
		for i := range families {
			families[i] = b.redeemed(t, c.ID)
		}
		var acknowledged atomic.Bool
		together(len(families)+1, func(i int) error {
			if i == len(families) {
				b.change(t, c)
				acknowledged.Store(true)
				return nil
			}
			for from, late := uint32(1), 0; late < 3; from++ {
				try := b.own(c.ID)
				if i%2 == 0 {
					try = b.step(families[i], from, 0)
				}
				try.ClientAsOf = c.UpdatedAt
				after := acknowledged.Load()
				if err := b.handle(i/2).Ledger.Commit(t.Context(), try); err == nil && after {
					t.Errorf("commit after the change: got success; want ErrConflict")
				} else if err != nil && !errors.Is(err, ports.ErrConflict) {
					t.Fatalf("commit: got %v; want success or ErrConflict", err)
				}
				if after {
					late++
				}
			}
			return nil
		})
	}
}
