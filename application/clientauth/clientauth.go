// Package clientauth proves who the client is (RFC 6749, 2.3).
package clientauth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/application/roster"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

// Method is one way to authenticate. A client is registered for one of them, by its Name, which metadata lists.
type Method interface {
	Name() client.AuthMethod
	// Names returns the client_id that this method's evidence is for; false where the request holds no such evidence.
	Names(p Presented) (clientID string, found bool)
	// Proves reports whether the evidence is the client's. The zero Client, which stands for an unknown one, must take as long
	// as any other.
	Proves(ctx context.Context, c client.Client, p Presented) (bool, error)
}

// Methods are those offered.
type Methods []Method

// limit counts failures of one client from one source.
const (
	limit  = 20
	window = time.Minute
)

const (
	detail        = "Client authentication failed. Check client_id, client_secret and the authentication method."
	throttleDelay = "Too many failed attempts to authenticate. Try again later."
)

// Service authenticates clients.
type Service struct {
	clients *roster.Clients
	methods Methods
	limiter ports.Limiter
	record  *record.Recorder
	clock   ports.Clock
}

// New makes a Service.
func New(c *roster.Clients, m Methods, l ports.Limiter, r *record.Recorder, k ports.Clock) *Service {
	return &Service{c, m, l, r, k}
}

// Methods lists the names of the methods offered.
func (s *Service) Methods() []client.AuthMethod {
	names := make([]client.AuthMethod, len(s.methods))
	for i, m := range s.methods {
		names[i] = m.Name()
	}
	return names
}

// Authenticate returns the client that sent the request, or invalid_client in words that tell neither whether the client exists
// nor what was wrong. A request that authenticates in two ways is invalid_request.
func (s *Service) Authenticate(ctx context.Context, p Presented) (client.Client, error) {
	read := func(ctx context.Context, clientID string) (client.Client, bool, error) {
		c, err := s.clients.Read(ctx, clientID)
		return c, false, err
	}
	k, err := s.authenticate(ctx, p, read)
	return k.Client, err
}

// authenticate decides on the record that find returns, and where that is a remembered one and not good enough, on another that it reads.
func (s *Service) authenticate(ctx context.Context, p Presented, find finder) (Known, error) {
	m, name, err := s.method(p)
	if err != nil {
		return Known{}, err
	}
	now := s.clock.Now()
	// Methods are counted apart: a public client's, which proves nothing and never fails, is not used up by guesses at a secret.
	bucket := ports.Bucket{Name: strings.Join([]string{"client", string(m.Name()), name, p.Source}, "\x00"), Limit: limit, Window: window}
	if wait := s.limiter.Full(bucket, now); wait > 0 {
		return Known{}, fault.TooMany("client_throttled", wait, throttleDelay)
	}
	c, remembered, err := find(ctx, name)
	if err != nil {
		return Known{}, err
	}
	reason, err := s.prove(ctx, m, c, p)
	if err == nil && reason != "" && remembered {
		c, reason, err = s.proveAgain(ctx, m, c, p, reason)
		remembered = false
	}
	if err != nil {
		return Known{}, err
	}
	if reason != "" {
		s.limiter.Count(bucket, now)
		return Known{}, s.refuse(ctx, c, p, reason)
	}
	return Known{c, remembered}, nil
}

// method picks the one method whose evidence the request holds.
func (s *Service) method(p Presented) (Method, string, error) {
	var chosen Method
	var name string
	for _, m := range s.methods {
		id, found := m.Names(p)
		if !found {
			continue
		}
		if chosen != nil {
			return nil, "", multiple()
		}
		chosen, name = m, id
	}
	if chosen != nil && p.Form.Has("client_assertion") && (chosen.Name() == client.Basic || chosen.Name() == client.Post) {
		return nil, "", multiple() // an assertion is evidence too, whether or not a method here reads it
	}
	if chosen == nil {
		return nil, "", fault.InvalidClient.For("auth_missing", "No client authentication was sent.")
	}
	if id := p.Form.Get("client_id"); id != "" && id != name {
		return nil, "", fault.InvalidRequest.For("auth_mixed", "The parameter client_id names another client than the credentials.")
	}
	return chosen, name, nil
}

// multiple refuses a request that authenticates twice (RFC 6749, 2.3).
func multiple() error {
	return fault.InvalidRequest.For("auth_multiple", "The request uses more than one client authentication method. Send the credentials once.")
}

// prove returns why the client is refused, or nothing. The proof is always computed, so that its time tells no reason. That a
// client exists may be told by the entry that its failures leave; client_id is public.
func (s *Service) prove(ctx context.Context, m Method, c client.Client, p Presented) (fault.Reason, error) {
	proven, err := m.Proves(ctx, c, p)
	switch {
	case err != nil:
		return "", fmt.Errorf("prove client: %w", err)
	case c.ID == "":
		return "client_unknown", nil
	case c.Auth != m.Name():
		return "auth_method", nil
	case !proven:
		return "secret_mismatch", nil
	case !c.Enabled():
		return "client_disabled", nil
	}
	return "", nil
}

func (s *Service) refuse(ctx context.Context, c client.Client, p Presented, reason fault.Reason) error {
	if c.ID != "" {
		e := audit.Entry{Kind: audit.ClientAuthFailed, At: s.clock.Now(), Client: c.ID, Reason: string(reason), Source: p.Source}
		if err := s.record.Store(ctx, e); err != nil {
			return err
		}
	}
	return fault.InvalidClient.For(reason, detail)
}
