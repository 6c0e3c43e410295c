package guard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/singleflight"

	"github.com/gopassport/passport/domain/secret"
)

// ByIntrospection guards an API that asks the server about each token (RFC 7662): JWTs and opaque ones, and what was revoked is refused as
// soon as the last answer has grown old (WithAnswersKept). The client must be confidential, and registered as serving the audience.
// Nothing is asked before the first request. Requests with one token share a question; where none is answered they get 503.
func ByIntrospection(issuer, audience, clientID string, clientSecret secret.Value, opts ...Option) (*Guard, error) {
	g, err := newGuard(audience, append([]Option{WithIssuer(issuer)}, opts...))
	if err != nil {
		return nil, err
	}
	if clientID == "" || clientSecret.Empty() {
		return nil, errors.New("guard: introspection needs the id and the secret of a client")
	}
	s, err := newServer(g)
	if err != nil {
		return nil, err
	}
	v := &byIntrospection{server: s, id: clientID, secret: clientSecret}
	var others error
	v.good, err = newMemo(g.memory)
	v.bad, others = newMemo(g.memory)
	if err := errors.Join(err, others); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	g.verifier = v
	return g, nil
}

type byIntrospection struct {
	*server
	id     string
	secret secret.Value
	good   memo
	bad    memo // apart, so that a flood of bad tokens pushes no good one out
	flight singleflight.Group
}

func (v *byIntrospection) verify(ctx context.Context, raw secret.Value) (*facts, error) {
	id := fingerprintOf(raw)
	if f, known := v.answered(id); known {
		return f.verdict()
	}
	extra, ok := v.promising(raw)
	if !ok {
		return nil, errRefused
	}
	if v.g.keep == 0 { // an answer to a question that was asked before is one of old
		return v.ask(raw, id, extra)
	}
	flight := v.flight.DoChan(string(id[:]), func() (any, error) {
		if f, known := v.answered(id); known { // by the flight before this one
			return f.verdict()
		}
		return v.ask(raw, id, extra)
	})
	select {
	case r := <-flight:
		f, _ := r.Val.(*facts)
		return f, r.Err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answered returns what the server said about a token a moment ago.
func (v *byIntrospection) answered(id fingerprint) (finding, bool) {
	now := v.g.clock.Now()
	if f, ok := v.good.find(id, now); ok {
		return f, true
	}
	return v.bad.find(id, now)
}

// promising sorts out what need not be asked about: texts of another form, and JWTs that say themselves that they are not meant. It
// returns the claims of a JWT that an answer does not repeat.
func (v *byIntrospection) promising(raw secret.Value) (map[string]any, bool) {
	if !couldBeAccess(raw) {
		return nil, false
	}
	if secret.KindOf(raw) != "" {
		return nil, true
	}
	t, ok := parseAccess(raw)
	return t.claims.extra, ok && t.claims.meant(v.g, v.g.clock.Now())
}

// ask asks for all that wait, and keeps the answer. Trouble is not kept.
func (v *byIntrospection) ask(raw secret.Value, id fingerprint, extra map[string]any) (*facts, error) {
	ctx, cancel := context.WithTimeout(v.life, fetchTimeout)
	defer cancel()
	asked := v.g.clock.Now()
	a, err := v.introspect(ctx, raw)
	if err != nil {
		return nil, err
	}
	until := asked.Add(v.g.keep)
	if !a.holds(v.g) {
		v.bad.keep(id, finding{until: until})
		return nil, errRefused
	}
	a.extra = extra
	f := a.facts(v.g)
	if f.expiresAt.Before(until) {
		until = f.expiresAt
	}
	v.good.keep(id, finding{facts: f, until: until})
	return f, nil
}

// verdict is an answer of RFC 7662, 2.2.
type verdict struct {
	Active *bool  `json:"active"`
	Type   string `json:"token_type"`
	claims
}

// holds checks what the server leaves to whoever asks: that the token is an access token, by this issuer, and for this API.
func (a *verdict) holds(g *Guard) bool {
	return *a.Active && strings.EqualFold(a.Type, "Bearer") && a.Issuer == g.issuer && slices.Contains(a.Audience, g.audience) && a.complete()
}

func (v *byIntrospection) introspect(ctx context.Context, raw secret.Value) (*verdict, error) {
	d, err := v.about.current(ctx)
	if err != nil {
		return nil, err
	}
	at, err := v.endpoint(d.Introspection, "introspection_endpoint")
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form("token", raw.Reveal())))
	if err != nil {
		return nil, &trouble{"ask " + v.g.issuer, err}
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(url.QueryEscape(v.id), url.QueryEscape(v.secret.Reveal())) // RFC 6749, 2.3.1
	var a verdict
	if err = read(v.http, r, &a); err == nil {
		err = a.settle()
	}
	if err != nil {
		return nil, &trouble{"ask " + v.g.issuer + " about a token", err}
	}
	return &a, nil
}

// settle refuses to guess: an answer that does not say whether the token is active, or says it of scopes that are none, is no verdict.
func (a *verdict) settle() error {
	if a.Active == nil {
		return errors.New("it does not say whether the token is active")
	}
	return a.readScopes()
}
