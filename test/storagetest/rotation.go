package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// wide is a grace window that no test outlasts; sliver is one that has passed as soon as the clock has moved.
const (
	wide   = time.Hour
	sliver = time.Nanosecond
)

var rotation = []contractCase{
	{"a step moves the generation on", stepMoves, nil},
	{"of many concurrent steps within their grace all succeed and the generation moves once", stepsWithinGrace, nil},
	{"of many concurrent steps without grace exactly one succeeds", stepsWithoutGrace, nil},
	{"without grace a step is never answered again", noSecondAnswerWithoutGrace, nil},
	{"a step answered again moves nothing", repeatedStepMovesNothing, nil},
	{"a step is spent once its grace is over", graceEnds, nil},
	{"grace is measured by the storage's clock", graceByStorageClock, nil},
	{"a step from two generations ago is spent even within grace", olderStepIsSpent, nil},
	{"a step from a generation not reached yet moves past it", restoredStepMovesPast, nil},
	{"a step that keeps its generation only renews the turn", keptGeneration, nil},
	{"a step that keeps its generation is spent unless it is the family's", keepOnlyTheCurrent, nil},
	{"a family without a refresh token admits no step", noStepBeforeTheFirst, nil},
	{"an expired family admits no step", noStepAfterExpiry, nil},
}

func (b *bench) tryStep(t tb, i token.Issuance) error { return b.Storage.Ledger.Commit(t.Context(), i) }

func stepMoves(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.tick(t, f.ID)
	before := b.ratchet(t, f.ID).Family.RotatedAt
	i := b.step(f, 1, 0)
	b.commit(t, i)
	b.live(t, i.Access.ID)
	b.generation(t, f.ID, 2)
	r := b.ratchet(t, f.ID)
	if !r.Family.RotatedAt.After(before) || r.Family.RotatedAt.After(r.ReadAt) {
		t.Errorf("turned: got %v; want later than %v and not after %v", r.Family.RotatedAt, before, r.ReadAt)
	}
	if !r.Family.ExpiresAt.Equal(f.ExpiresAt) {
		t.Errorf("end of the family: got it moved to %v; want %v", r.Family.ExpiresAt, f.ExpiresAt)
	}
}

// steps makes a crowd take the same step of a new family.
func (b *bench) steps(t tb, grace time.Duration) (tries []token.Issuance, errs []error) {
	f := b.redeemed(t, b.client(t).ID)
	for range crowd {
		tries = append(tries, b.step(f, 1, grace))
	}
	errs = together(crowd, func(i int) error { return b.handle(i).Ledger.Commit(t.Context(), tries[i]) })
	b.generation(t, f.ID, 2)
	return tries, errs
}

func stepsWithinGrace(t tb, b *bench) {
	tries, errs := b.steps(t, wide)
	allWin(t, errs)
	for _, try := range tries {
		b.live(t, try.Access.ID)
	}
}

func stepsWithoutGrace(t tb, b *bench) {
	tries, errs := b.steps(t, 0)
	won := oneWins(t, errs, ports.ErrSpent)
	for i, try := range tries {
		if i == won {
			b.live(t, try.Access.ID)
		} else {
			b.absent(t, try.Access.ID)
		}
	}
}

func noSecondAnswerWithoutGrace(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 1, 0))
	// The clock of the caller may be behind the storage's: it must not matter.
	late := b.step(f, 1, 0)
	late.At = b.now.Add(-time.Minute)
	refused(t, "step again without grace", b.tryStep(t, late), ports.ErrSpent)
	b.absent(t, late.Access.ID)
	b.generation(t, f.ID, 2)
}

func repeatedStepMovesNothing(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 1, wide))
	before := b.ratchet(t, f.ID).Family
	b.tick(t, f.ID)
	b.commit(t, b.step(f, 1, wide))
	same(t, "family", b.ratchet(t, f.ID).Family, before)
}

func graceEnds(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 1, sliver))
	b.tick(t, f.ID)
	late := b.step(f, 1, sliver)
	refused(t, "step again after its grace", b.tryStep(t, late), ports.ErrSpent)
	b.absent(t, late.Access.ID)
	b.generation(t, f.ID, 2)
}

func graceByStorageClock(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 1, wide))
	ahead := b.step(f, 1, wide)
	ahead.At = b.now.Add(2 * wide)
	must(t, "step again, asked by a clock that is ahead", b.tryStep(t, ahead))
	b.tick(t, f.ID)
	behind := b.step(f, 1, sliver)
	behind.At = b.now.Add(-wide)
	refused(t, "step again, asked by a clock that is behind", b.tryStep(t, behind), ports.ErrSpent)
}

func olderStepIsSpent(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 1, wide))
	b.commit(t, b.step(f, 2, wide))
	old := b.step(f, 1, wide)
	refused(t, "step from two generations ago", b.tryStep(t, old), ports.ErrSpent)
	b.absent(t, old.Access.ID)
	b.generation(t, f.ID, 3)
}

func restoredStepMovesPast(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 7, 0))
	b.generation(t, f.ID, 8)
	refused(t, "the same step again", b.tryStep(t, b.step(f, 7, 0)), ports.ErrSpent)
	refused(t, "a step it has passed", b.tryStep(t, b.step(f, 2, wide)), ports.ErrSpent)
	b.generation(t, f.ID, 8)
}

func keptGeneration(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	for range 3 {
		b.tick(t, f.ID)
		before := b.ratchet(t, f.ID).Family.RotatedAt
		i := b.step(f, 1, 0)
		i.Steps.Keep = true
		b.commit(t, i)
		b.live(t, i.Access.ID)
		b.generation(t, f.ID, 1)
		if got := b.ratchet(t, f.ID).Family.RotatedAt; !got.After(before) {
			t.Errorf("turned: got %v; want later than %v", got, before)
		}
	}
}

func keepOnlyTheCurrent(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	b.commit(t, b.step(f, 1, wide))
	for _, from := range []uint32{1, 3} {
		i := b.step(f, from, wide)
		i.Steps.Keep = true
		refused(t, "keep another generation", b.tryStep(t, i), ports.ErrSpent)
		b.absent(t, i.Access.ID)
	}
	b.generation(t, f.ID, 2)
}

func noStepBeforeTheFirst(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	for _, from := range []uint32{0, 1} {
		i := b.step(k.Family, from, wide)
		refused(t, "step before the first refresh token", b.tryStep(t, i), ports.ErrSpent)
		b.absent(t, i.Access.ID)
	}
	b.generation(t, k.Family.ID, 0)
}

func noStepAfterExpiry(t tb, b *bench) {
	f := b.redeemed(t, b.client(t).ID)
	late := b.step(f, 1, wide)
	late.At = f.ExpiresAt
	refused(t, "step in an expired family", b.tryStep(t, late), ports.ErrExpired)
	b.absent(t, late.Access.ID)
	b.generation(t, f.ID, 1)
}
