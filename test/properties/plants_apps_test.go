package properties

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// nostalgic finds apps that may have all they ever might.
type nostalgic struct{ ports.ClientFinder }

func (f nostalgic) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	c, err := f.ClientFinder.FindClient(ctx, id)
	c.EveryScope = true
	return c, err
}

// merciful keeps, disabled, what is to be deleted.
type merciful struct {
	ports.ClientBook
	find ports.ClientFinder
}

func (b merciful) DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error {
	c, err := b.find.FindClient(ctx, id)
	if err != nil {
		return err
	}
	was := c.UpdatedAt
	c.DisabledAt, c.UpdatedAt = at, at
	return b.ClientBook.UpdateClient(ctx, c, was, entries...)
}

// plodding turns a ratchet by one, however far ahead the token is.
type plodding struct {
	ports.Ledger
	find ports.RefreshFinder
}

func (l plodding) Commit(ctx context.Context, i token.Issuance) error {
	if i.Steps == nil {
		return l.Ledger.Commit(ctx, i)
	}
	r, err := l.find.FindRatchet(ctx, i.Access.Family)
	if err != nil {
		return err
	}
	step := *i.Steps
	step.From = min(step.From, r.Family.Generation)
	i.Steps = &step
	return l.Ledger.Commit(ctx, i)
}

// hasty removes what died a moment ago, and what will die within a time.
type hasty struct {
	ports.Purger
	within time.Duration
}

func (p hasty) Purge(ctx context.Context, w ports.Waste) (ports.Purged, error) {
	w.Before = w.Before.Add(p.within)
	return p.Purger.Purge(ctx, w)
}

// indulgent disables no app.
type indulgent struct{ ports.ClientBook }

func (b indulgent) UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error {
	c.DisabledAt = time.Time{}
	return b.ClientBook.UpdateClient(ctx, c, was, entries...)
}
