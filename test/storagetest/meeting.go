package storagetest

import (
	"context"
	"errors"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// meeting is what must hold where commits that come at the same time are done together.
var meeting = []contractCase{
	{"commits of every kind at once all succeed", kindsAtOnce, nil},
	{"of the uses of many credentials at once one of each wins", manyCredentialsAtOnce, nil},
	{"who leaves takes nobody along, and its commit is whole or not at all", leaversAmongMany, nil},
	{"ending a family amid many commits ends no other", endedAmongMany, nil},
}

// kinds is an issuance of each kind.
func (b *bench) kinds(t tb) []token.Issuance {
	c := b.client(t).ID
	quiet, unpriced, keeping := b.redemption(b.code(t, c)), b.opening(c), b.step(b.redeemed(t, c), 1, 0)
	quiet.Starts, unpriced.Spends, keeping.Steps.Keep = false, nil, true
	return []token.Issuance{
		b.own(c), b.redemption(b.code(t, c)), quiet, b.opening(c), unpriced, b.step(b.redeemed(t, c), 1, wide), keeping,
		{At: b.now, Access: b.token(b.redeemed(t, c))},
	}
}

func kindsAtOnce(t tb, b *bench) {
	var all []token.Issuance
	for range 5 {
		all = append(all, b.kinds(t)...)
	}
	allWin(t, together(len(all), func(i int) error { return b.handle(i).Ledger.Commit(t.Context(), all[i]) }))
	for _, i := range all {
		b.live(t, i.Access.ID)
	}
}

func manyCredentialsAtOnce(t tb, b *bench) {
	const uses = 3
	c := b.client(t).ID
	var all []token.Issuance
	for range crowd / uses {
		k := b.code(t, c)
		for range uses {
			all = append(all, b.redemption(k))
		}
	}
	errs := together(len(all), func(i int) error { return b.handle(i%uses).Ledger.Commit(t.Context(), all[i]) })
	for first := 0; first < len(all); first += uses {
		won := first + oneWins(t, errs[first:first+uses], ports.ErrSpent)
		for i := first; i < first+uses; i++ {
			if i == won {
				b.live(t, all[i].Access.ID)
			} else {
				b.absent(t, all[i].Access.ID)
			}
		}
	}
}

func leaversAmongMany(t tb, b *bench) {
	var all []token.Issuance
	for range 5 {
		all = append(all, b.kinds(t)...)
	}
	ctx, leave := context.WithCancel(t.Context())
	errs := together(len(all)+1, func(i int) error {
		switch {
		case i == len(all):
			leave()
			return nil
		case i%2 == 0:
			return b.handle(i/2).Ledger.Commit(ctx, all[i])
		}
		return b.handle(i/2).Ledger.Commit(t.Context(), all[i])
	})
	for i, err := range errs[:len(all)] {
		if err != nil && (i%2 == 1 || errors.Is(err, ports.ErrSpent)) {
			t.Fatalf("caller %d: got error %v; want success, or that it left", i, err)
		}
		must(t, "the same again", b.handle(i).Ledger.Commit(t.Context(), all[i]))
		b.live(t, all[i].Access.ID)
	}
}

func endedAmongMany(t tb, b *bench) {
	c := b.client(t).ID
	all := make([]token.Issuance, crowd)
	for i := range all {
		all[i] = b.step(b.redeemed(t, c), 1, 0)
	}
	ended := all[crowd/2]
	errs := together(crowd+1, func(i int) error {
		if i == crowd {
			b.revoke(t, ended.Access.Family)
			return nil
		}
		return b.handle(i).Ledger.Commit(t.Context(), all[i])
	})
	if err := errs[crowd/2]; err != nil {
		refused(t, "step in an ended family", err, ports.ErrRevoked)
	}
	b.dead(t, ended.Access.ID)
	for i, other := range all {
		if i != crowd/2 {
			must(t, "step", errs[i])
			b.live(t, other.Access.ID)
		}
	}
}
