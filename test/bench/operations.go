package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// operation is something that clients, browsers or devices ask of a server, in the same words of the server and of the floor.
type operation struct {
	name    string
	prepare func(ctx context.Context, s *side, n need) (work, error)
	most    int // connections at most; 0 for any number
	stretch int // so many spans long, where answers take long
}

// need is what an operation must be prepared for: so many connections, and so many requests where each needs something of its own.
type need struct{ conns, requests int }

// work is an operation made ready.
type work struct {
	script func(worker int) script
	after  func(ctx context.Context) error // proves what the answers alone do not; may be nil
}

// live is how many tokens are introspected in turn.
const live = 64

var operations = []operation{
	{name: "client_credentials", prepare: func(_ context.Context, s *side, _ need) (work, error) {
		return steady(s.machine.post("/oauth/token", ownToken()), http.StatusOK, `"access_token":"eyJ`), nil
	}},
	{name: "client_credentials_opaque", prepare: func(_ context.Context, s *side, _ need) (work, error) {
		w := steady(s.opaque.post("/oauth/token", ownToken()), http.StatusOK, `"access_token":"`)
		return w.butNot(`"access_token":"eyJhbGciOiJ`), nil // three letters may come by chance
	}},
	{name: "authorization_code", prepare: redeemCodes},
	{name: "refresh_token", prepare: turnChains},
	{name: "device_poll", prepare: pollDevices},
	{name: "introspection_jwt", prepare: func(ctx context.Context, s *side, _ need) (work, error) {
		return introspect(ctx, s, s.machine)
	}},
	{name: "introspection_opaque", prepare: func(ctx context.Context, s *side, _ need) (work, error) {
		return introspect(ctx, s, s.opaque)
	}},
	{name: "revocation", prepare: revokeTokens},
	{name: "jwks", prepare: func(context.Context, *side, need) (work, error) {
		return steady(get("/oauth/jwks"), http.StatusOK, `"kty"`), nil
	}},
	{name: "metadata", prepare: func(context.Context, *side, need) (work, error) {
		return steady(get("/.well-known/oauth-authorization-server"), http.StatusOK, `"issuer"`), nil
	}},
	{name: "authorization_page", prepare: askForConsent},
	// More connections than these would wait longer for their turn to hash than the server lets anybody wait.
	{name: "login", prepare: signIn, most: 16, stretch: 3},
}

func ownToken() url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}
}

// steady asks the same each time.
func steady(request []byte, status int, text string) work {
	s := script{func() []byte { return request }, func(a *answer) error { return a.is(status, text) }}
	return work{script: func(int) script { return s }}
}

// butNot is w, which refuses answers with a text in them.
func (w work) butNot(text string) work {
	s := w.script(0)
	return work{script: func(int) script {
		return script{s.next, func(a *answer) error {
			if err := s.check(a); err != nil || !strings.Contains(string(a.body), text) {
				return err
			}
			return errors.New("unexpected answer: there is " + text + " in it")
		}}
	}}
}

// once asks for each of some things once, whichever connection comes first.
func once[T any](things []T, request func(thing T) []byte, status int, text string) work {
	var taken atomic.Int64
	s := script{func() []byte {
		i := int(taken.Add(1)) - 1
		if i >= len(things) {
			return nil
		}
		return request(things[i])
	}, func(a *answer) error { return a.is(status, text) }}
	return work{script: func(int) script { return s }}
}

func redeemCodes(ctx context.Context, s *side, n need) (work, error) {
	codes, err := s.codes(ctx, n.requests)
	return once(codes, credential.redemption, http.StatusOK, `"refresh_token":"`), err
}

// credential is what an app was given.
type credential struct {
	text string
	app  party
}

// redemption is the token request for a code.
func (c credential) redemption() []byte {
	return c.app.post("/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {c.text}, "redirect_uri": {callback}, "code_verifier": {verifier},
	})
}

// turnChains lets each connection turn a chain of its own: what it was given buys the next.
func turnChains(ctx context.Context, s *side, n need) (work, error) {
	if err := s.haveChains(ctx, n.conns); err != nil {
		return work{}, err
	}
	return work{script: func(worker int) script {
		chain := &s.chains[worker]
		return script{func() []byte {
			return chain.app.post("/oauth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {chain.text}})
		}, func(a *answer) error {
			next := a.text("refresh_token")
			if next == "" || next == chain.text {
				return errors.Join(errors.New("the refresh token did not change"), a.is(http.StatusOK, `"refresh_token":"`))
			}
			chain.text = next
			return a.is(http.StatusOK, `"access_token":"eyJ`)
		}}
	}}, nil
}

// pollDevices polls many devices that nobody has answered, each once an interval: who polls more often is told to slow down.
func pollDevices(ctx context.Context, s *side, n need) (work, error) {
	if err := s.haveDevices(ctx, n.requests); err != nil {
		return work{}, err
	}
	w := script{func() []byte {
		code := s.devices.take(time.Now())
		if code == "" {
			return nil
		}
		return s.tv.post("/oauth/token", url.Values{"grant_type": {deviceGrant}, "device_code": {code}})
	}, func(a *answer) error { return a.is(http.StatusBadRequest, "authorization_pending") }}
	return work{script: func(int) script { return w }}, nil
}

// introspect asks about a client's own live tokens, one after the other.
func introspect(ctx context.Context, s *side, owner party) (work, error) {
	tokens, err := s.haveTokens(ctx, owner)
	if err != nil {
		return work{}, err
	}
	requests := make([][]byte, len(tokens))
	for i, t := range tokens {
		requests[i] = owner.post("/oauth/introspect", url.Values{"token": {t}})
	}
	var turn atomic.Uint64
	w := script{func() []byte { return requests[turn.Add(1)%uint64(len(requests))] }, func(a *answer) error {
		return a.is(http.StatusOK, `"active":true`)
	}}
	return work{script: func(int) script { return w }}, nil
}

// revokeTokens ends a token with each request, and looks afterwards whether the first of them has ended.
func revokeTokens(ctx context.Context, s *side, n need) (work, error) {
	tokens, err := s.buy(ctx, s.machine, n.requests)
	if err != nil {
		return work{}, err
	}
	w := once(tokens, func(t string) []byte { return s.machine.post("/oauth/revoke", url.Values{"token": {t}}) }, http.StatusOK, "")
	w.after = func(ctx context.Context) error {
		ask := s.machine.post("/oauth/introspect", url.Values{"token": {tokens[0]}})
		return each(ctx, s.addr, 1, 1, func(int) []byte { return ask }, func(_ int, a *answer) error {
			return a.is(http.StatusOK, `"active":false`)
		})
	}
	return w, nil
}

// askForConsent opens the authorization page in browsers where somebody is signed in, one for each connection.
func askForConsent(ctx context.Context, s *side, n need) (work, error) {
	if err := s.haveBrowsers(ctx, n.conns); err != nil {
		return work{}, err
	}
	return work{script: func(worker int) script {
		request := get(authorizePath(s.apps[0], "consent"), "Cookie: "+s.browsers[worker])
		return script{func() []byte { return request }, func(a *answer) error { return a.is(http.StatusOK, `name="handle"`) }}
	}}, nil
}

// signIn signs people in, again and again, each in a browser of their own that knows them from the second time on.
func signIn(ctx context.Context, s *side, n need) (work, error) {
	if err := s.haveArrivals(ctx, n.conns); err != nil {
		return work{}, err
	}
	return work{script: func(worker int) script {
		at := &s.arrivals[worker]
		return script{at.login, at.signedIn}
	}}, nil
}
