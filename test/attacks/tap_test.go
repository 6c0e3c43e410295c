package attacks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// tap stands between a server and its storage. Before a call and after it, it asks the test, which may wait, or give an error
// that stands in for the call or for its answer.
type tap struct {
	mu     sync.Mutex
	before func(ctx context.Context, call string) error
	after  func(ctx context.Context, call string, err error) error
}

var errDown = errors.New("the database went away at 10.0.0.5:5432")

func (p *tap) option() passporttest.Option { return passporttest.Wrapping(p.wrap) }

// set replaces both hooks; nil is none.
func (p *tap) set(before func(context.Context, string) error, after func(context.Context, string, error) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.after = before, after
}

func (p *tap) hooks() (func(context.Context, string) error, func(context.Context, string, error) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.before, p.after
}

func through[T any](ctx context.Context, p *tap, call string, do func() (T, error)) (T, error) {
	before, after := p.hooks()
	if before != nil {
		if err := before(ctx, call); err != nil {
			var none T
			return none, err
		}
	}
	v, err := do()
	if after != nil {
		if instead := after(ctx, call, err); instead != nil {
			var none T
			return none, instead
		}
	}
	return v, err
}

func passing(ctx context.Context, p *tap, call string, do func() error) error {
	_, err := through(ctx, p, call, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// wrap taps what the endpoints for clients use.
func (p *tap) wrap(s ports.Storage) ports.Storage {
	s.Ledger = tappedLedger{s.Ledger, p}
	s.CodeFinder = tappedCodes{s.CodeFinder, p}
	s.RefreshFinder = tappedRatchets{s.RefreshFinder, p}
	s.AccessBook = tappedAccess{s.AccessBook, p}
	s.ClientFinder = tappedClients{s.ClientFinder, p}
	s.UserFinder = tappedUsers{s.UserFinder, p}
	s.OriginLister = tappedOrigins{s.OriginLister, p}
	s.KeyBook = tappedKeys{s.KeyBook, p}
	s.Journal = tappedJournal{s.Journal, p}
	return s
}

type tappedLedger struct {
	ports.Ledger
	p *tap
}

func (l tappedLedger) Commit(ctx context.Context, i token.Issuance) error {
	return passing(ctx, l.p, "Commit", func() error { return l.Ledger.Commit(ctx, i) })
}

func (l tappedLedger) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	return passing(ctx, l.p, "RevokeGrant", func() error { return l.Ledger.RevokeGrant(ctx, r, entries...) })
}

type tappedCodes struct {
	ports.CodeFinder
	p *tap
}

func (f tappedCodes) FindCode(ctx context.Context, d []secret.Digest) (grant.Code, error) {
	return through(ctx, f.p, "FindCode", func() (grant.Code, error) { return f.CodeFinder.FindCode(ctx, d) })
}

type tappedRatchets struct {
	ports.RefreshFinder
	p *tap
}

func (f tappedRatchets) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	return through(ctx, f.p, "FindRatchet", func() (token.Ratchet, error) { return f.RefreshFinder.FindRatchet(ctx, id) })
}

type tappedAccess struct {
	ports.AccessBook
	p *tap
}

func (b tappedAccess) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	return through(ctx, b.p, "FindAccess", func() (token.Access, error) { return b.AccessBook.FindAccess(ctx, id) })
}

func (b tappedAccess) FindOpaque(ctx context.Context, d []secret.Digest) (token.Access, error) {
	return through(ctx, b.p, "FindOpaque", func() (token.Access, error) { return b.AccessBook.FindOpaque(ctx, d) })
}

func (b tappedAccess) RevokeAccess(ctx context.Context, id token.ID, at time.Time, entries ...audit.Entry) error {
	return passing(ctx, b.p, "RevokeAccess", func() error { return b.AccessBook.RevokeAccess(ctx, id, at, entries...) })
}

type tappedClients struct {
	ports.ClientFinder
	p *tap
}

func (f tappedClients) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	return through(ctx, f.p, "FindClient", func() (client.Client, error) { return f.ClientFinder.FindClient(ctx, id) })
}

type tappedUsers struct {
	ports.UserFinder
	p *tap
}

func (f tappedUsers) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	return through(ctx, f.p, "FindUser", func() (user.User, error) { return f.UserFinder.FindUser(ctx, id) })
}

type tappedOrigins struct {
	ports.OriginLister
	p *tap
}

func (l tappedOrigins) Origins(ctx context.Context) ([]string, error) {
	return through(ctx, l.p, "Origins", func() ([]string, error) { return l.OriginLister.Origins(ctx) })
}

type tappedKeys struct {
	ports.KeyBook
	p *tap
}

func (b tappedKeys) Keys(ctx context.Context) ([]key.Key, error) {
	return through(ctx, b.p, "Keys", func() ([]key.Key, error) { return b.KeyBook.Keys(ctx) })
}

type tappedJournal struct {
	ports.Journal
	p *tap
}

func (j tappedJournal) Append(ctx context.Context, entries ...audit.Entry) error {
	return passing(ctx, j.p, "Append", func() error { return j.Journal.Append(ctx, entries...) })
}
