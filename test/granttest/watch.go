package granttest

import (
	"context"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// watch sees what is written into a storage.
type watch struct {
	mu      sync.Mutex
	written []string // the verbs
	issued  []token.Access
}

// newWatch stands before the ports through which a grant could write. Those of browsers, keys and housekeeping are not among them, nor
// is DeviceBook, whose polls the protocol itself wants counted (RFC 8628, 3.5).
func newWatch(s *ports.Storage) *watch {
	w := new(watch)
	s.Ledger = ledger{s.Ledger, w}
	s.AccessBook = accessBook{s.AccessBook, w}
	s.ApprovalBook = approvalBook{s.ApprovalBook, w}
	s.ConsentBook = consentBook{s.ConsentBook, w}
	s.ClientBook = clientBook{s.ClientBook, w}
	s.UserBook = userBook{s.UserBook, w}
	s.AttemptBook = attemptBook{s.AttemptBook, w}
	s.Journal = journal{s.Journal, w}
	return w
}

func (w *watch) note(verb string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written = append(w.written, verb)
}

// verbs lists what was written so far.
func (w *watch) verbs() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written[:len(w.written):len(w.written)]
}

// tokens lists the access tokens that were stored so far.
func (w *watch) tokens() []token.Access {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.issued[:len(w.issued):len(w.issued)]
}

type ledger struct {
	ports.Ledger
	*watch
}

func (l ledger) Commit(ctx context.Context, i token.Issuance) error {
	l.note("Ledger.Commit")
	err := l.Ledger.Commit(ctx, i)
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.issued = append(l.issued, i.Access)
	}
	return err
}

func (l ledger) RevokeGrant(ctx context.Context, r grant.Revocation, e ...audit.Entry) error {
	l.note("Ledger.RevokeGrant")
	return l.Ledger.RevokeGrant(ctx, r, e...)
}

func (l ledger) RevokeSubject(ctx context.Context, s subject.Subject, at time.Time, e ...audit.Entry) error {
	l.note("Ledger.RevokeSubject")
	return l.Ledger.RevokeSubject(ctx, s, at, e...)
}

type accessBook struct {
	ports.AccessBook
	*watch
}

func (b accessBook) RevokeAccess(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error {
	b.note("AccessBook.RevokeAccess")
	return b.AccessBook.RevokeAccess(ctx, id, at, e...)
}

type attemptBook struct {
	ports.AttemptBook
	*watch
}

func (b attemptBook) Attempt(ctx context.Context, all []ports.Bucket, at time.Time) (time.Duration, error) {
	b.note("AttemptBook.Attempt")
	return b.AttemptBook.Attempt(ctx, all, at)
}

func (b attemptBook) Forgive(ctx context.Context, all []ports.Bucket) error {
	b.note("AttemptBook.Forgive")
	return b.AttemptBook.Forgive(ctx, all)
}

type journal struct {
	ports.Journal
	*watch
}

func (j journal) Append(ctx context.Context, e ...audit.Entry) error {
	j.note("Journal.Append")
	return j.Journal.Append(ctx, e...)
}
