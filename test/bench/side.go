package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	scope       = "orders:read"
	callback    = "https://app.example/cb"
	verifier    = "a-verifier-that-is-long-enough-for-anybody-0001"
	password    = "correct horse battery"
	deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"
)

// side is one of those who are measured beside each other: a server with its clients, and what was prepared there.
type side struct {
	*target
	supplier
	name                string
	machine, opaque, tv party
	apps                []party // that people use

	chains   []credential // the newest refresh token of each
	browsers []string     // cookies of each
	arrivals []arrival
	devices  ring
	tokens   map[string][]string // live ones of a client
	best     map[string]float64  // requests per second of a cell, as far as is known
}

// supplier prepares what operations need; it is another for the server and for the floor.
type supplier interface {
	codes(ctx context.Context, n int) ([]credential, error)    // or fewer
	families(ctx context.Context, n int) ([]credential, error) // their refresh tokens
	deviceCodes(ctx context.Context, n int) ([]string, error)
	signedIn(ctx context.Context, n int) ([]string, error) // the cookies of browsers
	arriving(ctx context.Context, n int) ([]arrival, error)
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorizePath is an authorization request of an app; prompt may be empty.
func authorizePath(app party, prompt string) string {
	q := url.Values{
		"response_type": {"code"}, "client_id": {app.ID}, "redirect_uri": {callback}, "scope": {scope},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}, "state": {"some-state-of-the-app"},
	}
	if prompt != "" {
		q.Set("prompt", prompt)
	}
	return "/oauth/authorize?" + q.Encode()
}

// requests guesses how many requests a cell takes: half as many again as the one before.
func (s *side) requests(cell string, conns int, in time.Duration) int {
	guess := 2500.0
	if conns > 1 {
		guess = 5000
	}
	if best := s.best[cell]; best > 0 {
		guess = best * 1.5
	}
	return max(4*conns, int(guess*in.Seconds()))
}

func (s *side) haveChains(ctx context.Context, n int) error {
	if len(s.chains) >= n {
		return nil
	}
	more, err := s.families(ctx, n-len(s.chains))
	s.chains = append(s.chains, more...)
	return err
}

func (s *side) haveBrowsers(ctx context.Context, n int) error {
	if len(s.browsers) >= n {
		return nil
	}
	more, err := s.signedIn(ctx, n-len(s.browsers))
	s.browsers = append(s.browsers, more...)
	return err
}

func (s *side) haveArrivals(ctx context.Context, n int) error {
	if len(s.arrivals) >= n {
		return nil
	}
	more, err := s.arriving(ctx, n-len(s.arrivals))
	s.arrivals = append(s.arrivals, more...)
	return err
}

// haveDevices sees to it that so many devices may poll now.
func (s *side) haveDevices(ctx context.Context, n int) error {
	missing := n - s.devices.rested(time.Now())
	if missing <= 0 {
		return nil
	}
	more, err := s.deviceCodes(ctx, missing)
	s.devices.add(more)
	return err
}

func (s *side) haveTokens(ctx context.Context, owner party) ([]string, error) {
	if len(s.tokens[owner.ID]) >= live {
		return s.tokens[owner.ID], nil
	}
	var err error
	s.tokens[owner.ID], err = s.buy(ctx, owner, live)
	return s.tokens[owner.ID], err
}

// buy asks for tokens of a client for itself.
func (s *side) buy(ctx context.Context, owner party, n int) ([]string, error) {
	tokens, ask := make([]string, n), owner.post("/oauth/token", ownToken())
	return tokens, each(ctx, s.addr, n, 32, func(int) []byte { return ask }, func(i int, a *answer) error {
		tokens[i] = a.text("access_token")
		return a.is(http.StatusOK, `"access_token":"`)
	})
}

// interval is how often a device may poll: the least that can be configured.
const interval = time.Second

// ring is devices that poll in turn.
type ring struct {
	mu   sync.Mutex
	all  []device
	turn int
}

type device struct {
	code   string
	polled time.Time
}

func (d device) restedAt(now time.Time) bool { return now.Sub(d.polled) >= interval }

// rested counts the devices that may poll.
func (r *ring) rested(now time.Time) int {
	n := 0
	for _, d := range r.all {
		if d.restedAt(now) {
			n++
		}
	}
	return n
}

// add lets new devices poll first, and then those that polled first before.
func (r *ring) add(codes []string) {
	var all []device
	for _, c := range codes {
		all = append(all, device{code: c})
	}
	r.all, r.turn = slices.Concat(all, r.all[r.turn:], r.all[:r.turn]), 0
}

// take returns whose turn it is; nothing where it would poll too soon.
func (r *ring) take(now time.Time) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := &r.all[r.turn]
	if !d.restedAt(now) {
		return ""
	}
	d.polled, r.turn = now, (r.turn+1)%len(r.all)
	return d.code
}
