package properties

import (
	"context"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// careless loses the newest personal access token from the list.
type careless struct{ ports.TokenLister }

func (l careless) PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
	all, err := l.TokenLister.PersonalTokens(ctx, u, at, limit)
	return all[min(1, len(all)):], err
}

// sentimental goes on with the password that a person had first.
type sentimental struct {
	ports.UserFinder
	mu    sync.Mutex
	first map[user.ID]string
}

func (f *sentimental) FindUsername(ctx context.Context, provider, name string) (user.User, error) {
	u, err := f.UserFinder.FindUsername(ctx, provider, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.first[u.ID] == "" {
		f.first[u.ID] = u.PasswordHash
	}
	u.PasswordHash = f.first[u.ID]
	return u, err
}

// stubborn remembers what was refused.
type stubborn struct{ ports.ApprovalBook }

func (b stubborn) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	a.Forgets = scope.Set{}
	return b.ApprovalBook.Approve(ctx, a, entries...)
}

// loyal ends no personal access token.
type loyal struct{ ports.Ledger }

func (l loyal) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	if len(entries) > 0 && entries[0].Kind == audit.TokenRevoked {
		return nil
	}
	return l.Ledger.RevokeGrant(ctx, r, entries...)
}

// lenient disables nobody.
type lenient struct{ ports.UserBook }

func (b lenient) UpdateUser(ctx context.Context, u user.User, was time.Time, entries ...audit.Entry) error {
	u.DisabledAt = time.Time{}
	return b.UserBook.UpdateUser(ctx, u, was, entries...)
}
