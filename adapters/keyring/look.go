package keyring

import (
	"context"
	"fmt"
	"time"
)

const (
	freshFor    = 3 * time.Second // how long a snapshot is used without another thought
	tolerated   = 5 * time.Second // how long it is used while somebody looks again
	betweenLook = time.Second     // how often a failure, or a stranger's kid, may make us look
	lookTimeout = 3 * time.Second
)

// view is what the last look left behind.
type view struct {
	began    time.Time
	err      error     // of that look
	snapshot *snapshot // of the last look that succeeded; nil where none did
}

// Reload implements ports.KeyMaker.
func (r *Ring) Reload(ctx context.Context) error {
	_, err := r.look(ctx)
	return err
}

// current returns the snapshot to work with. Where storage fails it is the last one there was, for signing needs nothing new; an
// error means that there never was one. After a long silence it looks before it answers: the active key may have changed hands
// and the former one retired.
func (r *Ring) current(ctx context.Context) (*snapshot, error) {
	v, now := r.seen.Load(), r.now()
	if v == nil || v.snapshot == nil {
		return r.look(ctx)
	}
	age := now.Sub(v.snapshot.read)
	switch {
	case age < freshFor || now.Sub(v.began) < betweenLook:
		return v.snapshot, nil
	case age < tolerated:
		r.lookAside(ctx)
		return v.snapshot, nil
	}
	if fresh, err := r.look(ctx); err == nil {
		return fresh, nil
	}
	return v.snapshot, nil
}

// again is for what the current snapshot does not know: it looks once more, unless somebody did a moment ago.
func (r *Ring) again(ctx context.Context) (*snapshot, error) {
	if v := r.seen.Load(); v != nil && r.now().Sub(v.began) < betweenLook {
		return v.snapshot, v.err
	}
	return r.look(ctx)
}

// look returns a snapshot whose reading began after the call did. Callers that wait for each other share one.
func (r *Ring) look(ctx context.Context) (*snapshot, error) {
	began := r.now()
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the signing keys: %w", context.Cause(ctx))
	}
	v := r.seen.Load()
	if v == nil || !v.began.After(began) {
		v = r.read(ctx)
	}
	return v.snapshot, v.err
}

// lookAside looks without making anybody wait, unless somebody is looking already.
func (r *Ring) lookAside(ctx context.Context) {
	select {
	case r.turn <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-r.turn }()
		r.read(ctx)
	}()
}

// read looks on behalf of everybody, so it does not end when the request that caused it does. The caller holds the turn.
func (r *Ring) read(ctx context.Context) *view {
	v := &view{began: r.now()}
	if before := r.seen.Load(); before != nil {
		v.snapshot = before.snapshot
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	defer cancel()
	if s, err := r.take(ctx); err != nil {
		v.err = fmt.Errorf("read the signing keys: %w", err)
	} else {
		s.read, v.snapshot = v.began, s
	}
	r.seen.Store(v)
	return v
}
