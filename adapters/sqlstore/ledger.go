package sqlstore

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var _ ports.Ledger = (*Store)(nil)

// Commit implements ports.Ledger. The engine does it in one step or not at all, by itself or with others that came meanwhile; only
// where it was refused does a second look find out why. An answer that was lost on the way is asked for once more: the access
// token's id makes that safe.
func (s *Store) Commit(ctx context.Context, i token.Issuance) error {
	if err := check(i); err != nil {
		return s.wrap("commit issuance", err)
	}
	if expired(i) {
		return s.wrap("commit issuance", s.diagnose(ctx, i, ports.ErrExpired))
	}
	paid, err := s.pay(ctx, i)
	if s.unknown(err) && ctx.Err() == nil {
		paid, err = s.alone(ctx, i)
	}
	if err == nil && !paid {
		err = s.diagnose(ctx, i, ports.ErrSpent)
	}
	return s.wrap("commit issuance", err)
}

// pay commits an issuance with those that come at the same time. What an opening spends cannot be taken back without all that was done
// beside it, so such a one goes alone.
func (s *Store) pay(ctx context.Context, i token.Issuance) (bool, error) {
	if i.Opens != nil && i.Spends != nil {
		return s.alone(ctx, i)
	}
	if err := encodable(i); err != nil {
		return false, err
	}
	w, leads := s.queue.join(ctx, i)
	if leads {
		return s.lead(w)
	}
	select {
	case <-ctx.Done():
		s.queue.leave(w)
		return false, ctx.Err()
	case told := <-w.word:
		if told.lead {
			return s.lead(w)
		}
		return s.accept(w, told)
	}
}

// batchWithin is what a batch may take. It does not end with the request that leads it: others wait for it too.
const batchWithin = 5 * time.Second

// lead does what those who wait came for. It lets all others run first who are ready to: where one processor does everything, nobody
// comes to the queue while a commit keeps it busy.
func (s *Store) lead(w *waiter) (bool, error) {
	runtime.Gosched()
	batch := s.queue.take()
	pass := sync.OnceFunc(s.queue.pass)
	defer pass()
	if s.queue.patience > 0 {
		defer time.AfterFunc(s.queue.patience, pass).Stop()
	}
	if len(batch) == 1 {
		return s.alone(w.ctx, w.issuance)
	}
	handed := false
	defer func() {
		if !handed { // there was a panic, which is the leader's alone: the others try by themselves
			for _, other := range batch {
				if other != w {
					other.word <- word{err: errUndone}
				}
			}
		}
	}()
	for at, told := range s.together(w.ctx, batch) {
		batch[at].word <- told
	}
	handed = true
	return s.accept(w, <-w.word)
}

var errUndone error = words("the batch was undone")

// together commits a batch and returns what each of it is to be told.
func (s *Store) together(leader context.Context, batch []*waiter) []word {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(leader), batchWithin)
	defer cancel()
	paid, err := s.commitAll(ctx, mapped(batch, func(w *waiter) token.Issuance { return w.issuance }))
	told := make([]word, len(batch))
	for at := range told {
		if told[at].err = err; err == nil {
			told[at].paid = paid[at]
		}
	}
	return told
}

// accept takes what a waiter was told. A batch that was undone is done one by one, so that each meets only what is its own: a batch
// that failed fails nobody. Whether one took effect that nobody can tell of is the caller's to ask.
func (s *Store) accept(w *waiter, told word) (bool, error) {
	if told.err != nil && !s.unknown(told.err) {
		return s.alone(w.ctx, w.issuance)
	}
	return told.paid, told.err
}

// alone commits one issuance by itself.
func (s *Store) alone(ctx context.Context, i token.Issuance) (paid bool, err error) {
	err = s.again(ctx, func() (err error) {
		paid, err = s.commit(ctx, i)
		return err
	})
	return paid, err
}

// encodable tries what a grant added, which is of types that we do not know: what goes wrong there is to go wrong here, and not in a batch.
func encodable(i token.Issuance) error {
	if len(i.Access.Claims) == 0 { // what a family holds they hold too
		return nil
	}
	if _, err := json.Marshal(i.Access.Claims); err != nil {
		return words("the claims are not JSON")
	}
	return nil
}

// expired reports what needs no look at the database. The family's own end its row knows best.
func expired(i token.Issuance) bool {
	spendsLate := i.Spends != nil && !i.Spends.ExpiresAt.IsZero() && !i.At.Before(i.Spends.ExpiresAt)
	return spendsLate || i.Opens != nil && !i.At.Before(i.Opens.ExpiresAt)
}

// check refuses what the program that built the issuance got wrong: it would store tokens that nobody paid for.
func check(i token.Issuance) error {
	switch {
	case i.Opens != nil && i.Opens.ID != i.Access.Family:
		return words("the access token is not of the family that is opened")
	case i.Access.Family == "" && (i.Spends != nil || i.Steps != nil), i.Spends != nil && i.Steps != nil, i.Opens != nil && i.Steps != nil:
		return words("the price does not fit the issuance")
	}
	return nil
}
