package sqlstore

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/token"
)

// deed is what is done in one step or not at all, by itself or with others that came meanwhile: an issuance, an end, or a request that
// is opened. Each can be done once more without harm.
type deed struct {
	issuance token.Issuance
	ends     *ending // if it is one
	asks     *asking // if it is one
}

// take does a deed, and reports whether it changed anything. An answer that was lost on the way is asked for once more.
func (s *Store) take(ctx context.Context, d deed) (bool, error) {
	took, err := s.meanwhile(ctx, d)
	if s.unknown(err) && ctx.Err() == nil {
		took, err = s.alone(ctx, d)
	}
	return took, err
}

// meanwhile does a deed with those that come at the same time. What an opening spends cannot be taken back without all that was done
// beside it, so such a one goes alone.
func (s *Store) meanwhile(ctx context.Context, d deed) (bool, error) {
	if d.issuance.Opens != nil && d.issuance.Spends != nil {
		return s.alone(ctx, d)
	}
	w, leads := s.queue.join(ctx, d)
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
		return s.alone(w.ctx, w.deed)
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

// together does a batch and returns what each of it is to be told.
func (s *Store) together(leader context.Context, batch []*waiter) []word {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(leader), batchWithin)
	defer cancel()
	took, err := s.commitAll(ctx, mapped(batch, func(w *waiter) deed { return w.deed }))
	told := make([]word, len(batch))
	for at := range told {
		if told[at].err = err; err == nil {
			told[at].took = took[at]
		}
	}
	return told
}

// accept takes what a waiter was told. A batch that was undone is done one by one, so that each meets only what is its own: a batch
// that failed fails nobody. Whether one took effect that nobody can tell of is the caller's to ask.
func (s *Store) accept(w *waiter, told word) (bool, error) {
	if told.err != nil && !s.unknown(told.err) {
		return s.alone(w.ctx, w.deed)
	}
	return told.took, told.err
}

// alone does one deed by itself.
func (s *Store) alone(ctx context.Context, d deed) (took bool, err error) {
	err = s.again(ctx, func() (err error) {
		took, err = s.commit(ctx, d)
		return err
	})
	return took, err
}
