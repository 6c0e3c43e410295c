package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var purgesAtOnce = []contractCase{
	{"of many concurrent purges each row is removed and counted once", purgesCountOnce, nil},
	{"a purge while tokens are issued harms none of them", purgeDuringIssuance, nil},
	{"a purge while a spent credential comes back makes nothing fresh", purgeDuringReplay, nil},
}

func purgesCountOnce(t tb, b *bench) {
	const rows = 10
	var all []litter
	for range rows {
		all = append(all, b.litterUntil(t, b.now.Add(time.Minute)))
		b.ending(t, b.now)
	}
	counts := make([]ports.Purged, 8)
	w := b.everything(2 * time.Minute)
	allWin(t, together(len(counts), func(i int) (err error) {
		counts[i], err = b.handle(i).Purger.Purge(t.Context(), w)
		return err
	}))
	total := b.purge(t, w) // a purge may leave to the next what it found others at
	for _, p := range counts {
		total = total.Plus(p)
	}
	for _, l := range all {
		b.allLeft(t, l, false)
	}
	want := ports.Purged{AccessTokens: 4 * rows, RefreshTokens: 3 * rows, AuthCodes: rows, DeviceCodes: rows, Others: 2 * rows}
	same(t, "purged in all", total, want)
}

func purgeDuringIssuance(t tb, b *bench) {
	c := b.client(t).ID
	for range 5 {
		b.litterUntil(t, b.now.Add(10*time.Second))
		b.ending(t, b.now)
	}
	var all []token.Issuance
	for range 8 {
		d, f := b.approvedDevice(t, c)
		all = append(all, b.redemption(b.code(t, c)), b.step(b.redeemed(t, c), 1, 0), b.opening(c), b.own(c), b.deviceRedemption(d, f))
	}
	purges := 4
	allWin(t, together(len(all)+purges, func(i int) error {
		if i < purges {
			_, err := b.handle(i).Purger.Purge(t.Context(), b.everything(20*time.Second))
			return err
		}
		return b.handle(i).Ledger.Commit(t.Context(), all[i-purges])
	}))
	b.purge(t, b.everything(20*time.Second))
	for _, i := range all {
		b.live(t, i.Access.ID)
		if i.Access.Family != "" {
			b.alive(t, i.Access.Family)
			b.commit(t, token.Issuance{At: b.now, Access: b.token(b.ratchet(t, i.Access.Family).Family)})
		}
	}
}

func purgeDuringReplay(t tb, b *bench) {
	c := b.client(t).ID
	for range rounds {
		k, first := b.code(t, c), b.opening(c)
		b.commit(t, b.redemption(k))
		b.commit(t, first)
		replay, other := b.redemption(k), b.opening(c)
		other.Spends = first.Spends
		errs := race(
			func() error { return b.Storage.Ledger.Commit(t.Context(), replay) },
			func() error { _, err := b.twin.Purger.Purge(t.Context(), b.everything(30*time.Second)); return err },
			func() error {
				return b.twin.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: k.Family.ID, At: b.now})
			},
			func() error {
				return b.twin.Ledger.RevokeGrant(t.Context(), grant.Revocation{Family: first.Opens.ID, At: b.now})
			},
			func() error { return b.Storage.Ledger.Commit(t.Context(), other) },
		)
		refused(t, "replay of a code during a purge", errs[0], ports.ErrSpent, ports.ErrRevoked)
		allWin(t, errs[1:4])
		refused(t, "replay of a credential during a purge", errs[4], ports.ErrSpent)
		b.absent(t, replay.Access.ID)
		b.absent(t, other.Access.ID)
	}
}
