package sqlstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var _ ports.RequestBook = (*Store)(nil)

type requestRow struct {
	bun.BaseModel `bun:"table:oauth_requests"`

	Hash          digest `bun:",pk"`
	SessionID     string
	ClientID      text
	ResponseType  text
	RedirectURI   text `bun:"redirect_uri"`
	RedirectGiven bool
	Device        digest
	Source        text
	State         text
	Scopes        list
	Audience      list
	Challenge     text
	LoginHint     text
	Login         bool
	Consent       bool
	MaxAge        int64 // nanoseconds
	ShownTo       text
	ArrivedAt     stamp
	ExpiresAt     stamp
	DecidedAt     stamp
}

// requestColumns are read in the order of requestRow.targets and written in that of requestRow.values.
const (
	requestColumns = `hash, session_id, client_id, response_type, redirect_uri, redirect_given, device, source, state, scopes, audience,
	challenge, login_hint, login, consent, max_age, shown_to, arrived_at, expires_at, decided_at`
	selectRequest = "SELECT " + requestColumns + " FROM oauth_requests WHERE hash"
)

func (r *requestRow) targets() []any {
	return []any{
		&r.Hash, &r.SessionID, &r.ClientID, &r.ResponseType, &r.RedirectURI, &r.RedirectGiven, &r.Device, &r.Source, &r.State, &r.Scopes,
		&r.Audience, &r.Challenge, &r.LoginHint, &r.Login, &r.Consent, &r.MaxAge, &r.ShownTo, &r.ArrivedAt, &r.ExpiresAt, &r.DecidedAt,
	}
}

func (r *requestRow) values() []any {
	return []any{
		r.Hash, r.SessionID, r.ClientID, r.ResponseType, r.RedirectURI, r.RedirectGiven, r.Device, r.Source, r.State, r.Scopes,
		r.Audience, r.Challenge, r.LoginHint, r.Login, r.Consent, r.MaxAge, r.ShownTo, r.ArrivedAt, r.ExpiresAt, r.DecidedAt,
	}
}

func requestRowOf(r grant.Request) requestRow {
	return requestRow{
		Hash: digest(r.Digest), SessionID: string(r.Session), ClientID: text(r.Client), ResponseType: text(r.ResponseType),
		RedirectURI: text(r.RedirectURI), RedirectGiven: r.RedirectGiven, Device: digest(r.Device), Source: text(r.Source),
		State: text(r.State), Scopes: listOf(r.Scopes.Tokens()),
		Audience: listOf(r.Audience), Challenge: text(r.Challenge), LoginHint: text(r.LoginHint), Login: r.Login, Consent: r.Consent,
		MaxAge: int64(r.MaxAge), ShownTo: text(r.ShownTo),
		ArrivedAt: stampOf(r.ArrivedAt), ExpiresAt: stampOf(r.ExpiresAt), DecidedAt: stampOf(r.DecidedAt),
	}
}

func (r requestRow) request() grant.Request {
	return grant.Request{
		Digest: secret.Digest(r.Hash), Session: session.ID(r.SessionID), Client: client.ID(r.ClientID), ResponseType: string(r.ResponseType),
		RedirectURI: string(r.RedirectURI), RedirectGiven: r.RedirectGiven, Device: secret.Digest(r.Device), Source: string(r.Source),
		State: string(r.State), Scopes: scope.Of(r.Scopes...),
		Audience: r.Audience, Challenge: grant.Challenge(r.Challenge), LoginHint: string(r.LoginHint), Login: r.Login, Consent: r.Consent,
		MaxAge: time.Duration(r.MaxAge), ShownTo: user.ID(r.ShownTo),
		ArrivedAt: r.ArrivedAt.time(), ExpiresAt: r.ExpiresAt.time(), DecidedAt: r.DecidedAt.time(),
	}
}

// OpenRequest implements ports.RequestBook.
func (s *Store) OpenRequest(ctx context.Context, r grant.Request, keep int) error {
	_, err := s.take(ctx, deed{asks: askingOf(r, keep)})
	return s.wrap("open request", err)
}

// FindRequest implements ports.RequestBook.
func (s *Store) FindRequest(ctx context.Context, digests []secret.Digest) (grant.Request, error) {
	if len(digests) == 0 {
		return grant.Request{}, ports.ErrNotFound
	}
	var row requestRow
	if err := s.look(ctx, row.targets(), amongDigests(selectRequest, digests), anys(digestsOf(digests))...); err != nil {
		return grant.Request{}, s.wrap("find request", err)
	}
	return row.request(), nil
}

// ShowRequest implements ports.RequestBook.
func (s *Store) ShowRequest(ctx context.Context, d secret.Digest, to user.ID) error {
	return s.change(ctx, "show request", func(tx bun.Tx) error {
		n, err := changed(tx.NewUpdate().Model((*requestRow)(nil)).Set("shown_to = ?", text(to)).
			Where("hash = ?", digest(d)).Where("decided_at IS NULL").Exec(ctx))
		return openRequest(ctx, tx, d, n, err)
	})
}

// decide spends a request.
func decide(ctx context.Context, tx bun.Tx, d secret.Digest, at time.Time) error {
	n, err := changed(tx.NewUpdate().Model((*requestRow)(nil)).Set("decided_at = ?", stampOf(at)).
		Where("hash = ?", digest(d)).Where("decided_at IS NULL").Exec(ctx))
	return openRequest(ctx, tx, d, n, err)
}

// openRequest judges an update of a request that must be undecided.
func openRequest(ctx context.Context, tx bun.Tx, d secret.Digest, n int64, err error) error {
	if err != nil || n > 0 {
		return err
	}
	return whyNot(ctx, tx.NewSelect().Model((*requestRow)(nil)).Where("hash = ?", digest(d)), ports.ErrSpent)
}
