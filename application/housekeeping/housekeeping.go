// Package housekeeping removes what can never be of use again, and writes down what may wait, while the server goes on.
package housekeeping

import (
	"context"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/ports"
)

// Config says how often and how thoroughly.
type Config struct {
	Every time.Duration // between two purges of their own accord; zero or less leaves it to the operator
	Keep  time.Duration // what is dead stays so long, for those who look into what happened
}

// Service keeps house.
type Service struct {
	cfg    Config
	purger ports.Purger
	uses   *tokens.Uses
	clock  ports.Clock
}

// New makes a Service.
func New(c Config, p ports.Purger, u *tokens.Uses, k ports.Clock) *Service {
	return &Service{c, p, u, k}
}

// Batches are small enough that nobody waits for one, and between two of them others have the database for longer than the first took:
// a file that one process writes at a time is theirs for most of the time.
const (
	batch    = 500
	minRest  = 5 * time.Millisecond
	maxRest  = time.Second
	restsFor = 2 // times as long as the batch took
)

// inFlight is how long what has just died stays in any case: a request that began before relies on it.
const inFlight = 10 * time.Minute

// Purge removes what expired, what was revoked, or both, more than keep ago (ten minutes at least), batch by batch until nothing is left. It may run beside
// any number of servers and of other purges. What was removed before an error is counted.
func (s *Service) Purge(ctx context.Context, expired, revoked bool, keep time.Duration) (ports.Purged, error) {
	now := s.clock.Now()
	w := ports.Waste{Expired: expired, Revoked: revoked, Brief: now.Add(-inFlight), Before: now.Add(-max(keep, inFlight)), Limit: batch}
	var all ports.Purged
	for {
		began := s.clock.Now()
		done, err := s.purger.Purge(ctx, w)
		all = all.Plus(done)
		if err != nil {
			return all, fmt.Errorf("purge: %w", err)
		}
		if done.Most() < batch {
			return all, nil
		}
		select {
		case <-ctx.Done():
			return all, ctx.Err()
		case <-time.After(min(max(restsFor*s.clock.Now().Sub(began), minRest), maxRest)):
		}
	}
}

// writeEvery is how exactly the last use of a personal access token is told.
const writeEvery = 30 * time.Second

// Run keeps house until ctx ends; then it writes down what is left. What fails is told and tried again in its turn.
func (s *Service) Run(ctx context.Context, failed func(doing string, err error)) {
	write := time.NewTicker(writeEvery)
	defer write.Stop()
	var purge <-chan time.Time
	if s.cfg.Every > 0 {
		t := time.NewTicker(s.cfg.Every)
		defer t.Stop()
		purge = t.C
	}
	for {
		select {
		case <-ctx.Done():
			s.last(ctx, failed)
			return
		case <-write.C:
			tell(failed, "write down uses", s.uses.Write(ctx))
		case <-purge:
			if _, err := s.Purge(ctx, true, true, s.cfg.Keep); ctx.Err() == nil { // the end of it all is no failure
				tell(failed, "purge", err)
			}
		}
	}
}

func (s *Service) last(ctx context.Context, failed func(string, error)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	tell(failed, "write down uses", s.uses.Write(ctx))
}

func tell(failed func(string, error), doing string, err error) {
	if err != nil {
		failed(doing, err)
	}
}
