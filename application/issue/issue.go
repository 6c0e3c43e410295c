// Package issue is the only door by which tokens leave: it applies the ceiling, signs, commits and tells.
package issue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// Order is one issuance as it is asked for.
type Order struct {
	Client        client.Client
	ClientAsOf    time.Time // see token.Issuance; zero where the record was read for this
	Grant         string    // the grant type, for its lifetimes
	Authorization grant.Authorization
	Scopes        scope.Set     // narrower than the authorization's ceiling; empty asks for all of it
	Resources     []string      // RFC 8707; none asks for all that is allowed
	Name          string        // of a personal access token
	Life          time.Duration // of this token, instead of the configured one; zero for that
	NoRefresh     bool          // whatever the client may use
	Source        string
}

// Answer is what the client receives.
type Answer struct {
	Access       token.Access // as it was stored
	AccessToken  secret.Value
	RefreshToken secret.Value // empty where none is due
	ExpiresIn    time.Duration
	Scopes       scope.Set
	TellScopes   bool // they differ from what was asked for (RFC 6749, 5.1)
}

// Tools are what issuing needs.
type Tools struct {
	Signer    ports.Signer
	Ledger    ports.Ledger
	Clock     ports.Clock
	Random    ports.Random
	Peppers   secret.Peppers
	Listeners Listeners
}

// Issuer issues.
type Issuer struct {
	cfg Config
	t   Tools
}

// New makes an Issuer.
func New(cfg Config, t Tools) *Issuer { return &Issuer{cfg, t} }

// Issue signs first and writes last: what it returns has been stored, and if it fails nothing was. The errors are faults,
// a *grant.Replay whose family the caller must End, or an accident.
func (s *Issuer) Issue(ctx context.Context, o Order) (Answer, error) {
	if !o.Authorization.Subject.Valid() { // a mistake in a grant, and none of the client's
		return Answer{}, errors.New("the authorization names no resource owner")
	}
	scopes, err := s.scopes(o)
	if err != nil {
		return Answer{}, err
	}
	audience, err := s.audience(o)
	if err != nil {
		return Answer{}, err
	}
	d := s.draft(o, scopes, audience)
	raw, err := s.write(ctx, o.Client, &d.issuance.Access)
	if err != nil {
		return Answer{}, fmt.Errorf("sign access token: %w", err)
	}
	refresh, err := s.refresh(d)
	if err != nil {
		return Answer{}, err
	}
	if err := s.commit(ctx, d); err != nil {
		return Answer{}, err
	}
	s.t.Listeners.Tell(ctx, append(d.issuance.Entries, d.told)...)
	a := d.issuance.Access
	return Answer{
		Access: a, AccessToken: raw, RefreshToken: refresh, ExpiresIn: a.ExpiresAt.Sub(a.IssuedAt.Truncate(time.Second)),
		Scopes: scopes, TellScopes: !o.Scopes.Equal(scopes) || o.Authorization.Family != nil && scopes.Empty(),
	}, nil
}

// draft is an issuance before it is signed.
type draft struct {
	issuance token.Issuance
	family   grant.Family // zero for a client's token for itself
	told     audit.Entry
}

func (s *Issuer) draft(o Order, scopes scope.Set, audience []string) draft {
	now := s.t.Clock.Now()
	d := draft{issuance: token.Issuance{At: now, ClientAsOf: o.ClientAsOf, Spends: o.Authorization.Spends, Steps: o.Authorization.Steps}}
	lives := client.Lives{Access: o.Life, Refresh: o.Life}.Or(s.cfg.lives(o.Grant, o.Client))
	d.family = s.family(o, scopes, lives, now)
	a := o.Authorization
	if a.Family == nil && d.family.ID != "" {
		d.issuance.Opens = &d.family
	}
	d.issuance.Starts = a.Steps == nil && d.family.ID != "" && !o.NoRefresh && o.Client.MayUse(token.RefreshType)
	d.issuance.Access = token.Access{
		ID: token.ID(s.t.Random.UUID()), Name: o.Name, Client: o.Client.ID, Subject: a.Subject, Family: d.family.ID,
		Scopes: scopes, Audience: audience, Claims: token.Extra(a.Claims), AuthTime: a.AuthTime,
		IssuedAt: now, ExpiresAt: expiry(now, lives.Access, d.family),
	}
	d.told = s.told(o, d)
	d.issuance.Entries = s.noteworthy(o, d)
	return d
}

// family is the one drawn upon, or a new one. A client that speaks for itself and pays nothing needs none.
func (s *Issuer) family(o Order, scopes scope.Set, lives client.Lives, now time.Time) grant.Family {
	a := o.Authorization
	switch {
	case a.Family != nil:
		return *a.Family
	case a.Subject.Kind == subject.Client && a.Spends == nil:
		return grant.Family{}
	}
	f := s.draw(o.Client.ID, a, lives, now)
	f.Scopes, f.SpentAt = scopes, now
	if a.Spends != nil {
		f.ID = grant.FoundedBy(o.Client.ID, *a.Spends)
	}
	return f
}

// Lives are how long what comes of a grant type lives for a client.
func (s *Issuer) Lives(c client.Client, grantType string) client.Lives {
	return s.cfg.lives(grantType, c)
}

// NewFamily draws a family for what a person allowed a client by a grant type.
func (s *Issuer) NewFamily(c client.Client, grantType string, a grant.Authorization, now time.Time) grant.Family {
	return s.draw(c.ID, a, s.cfg.lives(grantType, c), now)
}

func (s *Issuer) draw(c client.ID, a grant.Authorization, lives client.Lives, now time.Time) grant.Family {
	return grant.Family{
		ID: grant.ID(s.t.Random.UUID()), Client: c, Subject: a.Subject, Scopes: a.Scopes, Audience: a.Audience,
		Claims: token.Extra(a.Claims), AuthTime: a.AuthTime, CreatedAt: now, ExpiresAt: now.Add(lives.Refresh),
		Salt: [16]byte(s.t.Random.Bytes(16)), Pepper: s.t.Peppers.Current().Version(),
	}
}

// expiry never outlives the family.
func expiry(now time.Time, life time.Duration, f grant.Family) time.Time {
	end := now.Truncate(time.Second).Add(life)
	if f.ID != "" && f.ExpiresAt.Before(end) {
		return f.ExpiresAt.Truncate(time.Second)
	}
	return end
}

// write puts the access token into the form the client is registered for.
func (s *Issuer) write(ctx context.Context, c client.Client, a *token.Access) (secret.Value, error) {
	if !c.OpaqueTokens {
		return s.t.Signer.Sign(ctx, token.ClaimsOf(*a, s.cfg.Issuer))
	}
	kind := secret.Access
	if a.Name != "" {
		kind = secret.Personal
	}
	raw := secret.NewHandle(kind, s.t.Random.Bytes(secret.EntropySize))
	a.Digest = s.t.Peppers.Digest(raw)
	return raw, nil
}

// refresh computes the refresh token that the commit will make valid.
func (s *Issuer) refresh(d draft) (secret.Value, error) {
	var generation uint32
	switch {
	case d.issuance.Steps != nil:
		generation = d.issuance.Steps.To()
	case d.issuance.Starts:
		generation = 1
	default:
		return secret.Value{}, nil
	}
	v, ok := token.NewRefresh(d.family, generation, s.t.Peppers)
	if !ok {
		return v, fmt.Errorf("compute refresh token of family %s: its pepper %d is not configured", d.family.ID, d.family.Pepper)
	}
	return v, nil
}

func (s *Issuer) told(o Order, d draft) audit.Entry {
	kind := audit.TokenIssued
	if d.issuance.Steps != nil {
		kind = audit.TokenRefreshed
	}
	return audit.Entry{
		Kind: kind, At: d.issuance.At, Client: o.Client.ID, Subject: o.Authorization.Subject, Family: d.family.ID,
		Object: string(d.issuance.Access.ID), Source: o.Source,
	}
}

// noteworthy are the turns of a ratchet that an operator should know of.
func (s *Issuer) noteworthy(o Order, d draft) []audit.Entry {
	e := d.told
	switch step := d.issuance.Steps; {
	case o.Name != "":
		e.Kind = audit.PersonalTokenIssued
	case step == nil || step.Keep || step.From == d.family.Generation:
		return nil
	case step.From > d.family.Generation:
		e.Kind = audit.RefreshRestored
	default:
		e.Kind = audit.RefreshRepeated
	}
	return []audit.Entry{e}
}

// audience decides for which resources the token is: see client.Resources.
func (s *Issuer) audience(o Order) ([]string, error) {
	resources, err := o.Client.Resources(o.Authorization.Audience, o.Resources)
	if err != nil || len(resources) > 0 {
		return resources, err
	}
	return []string{s.cfg.Issuer}, nil
}
