package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
)

// caller sends requests, and writes each down before it is sent and again when it was answered.
type caller struct {
	h      *house
	j      *journal
	http   *http.Client
	ambush atomic.Pointer[func(s *server)] // called once, when an answer begins to arrive; nobody ever sees that answer
}

func newCaller(h *house, j *journal) *caller {
	return &caller{h: h, j: j, http: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: h.timeout + 10*time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// tokens are what a client was given.
type tokens struct {
	access, refresh string
	named
}

// machine asks for a client's token for itself.
func (c *caller) machine(ctx context.Context, s *server) (tokens, class) {
	return c.exchange(ctx, s, record{Kind: machine}, c.h.m2m, url.Values{"grant_type": {"client_credentials"}, "scope": {scopes}})
}

// redeem presents a code.
func (c *caller) redeem(ctx context.Context, s *server, code string) (tokens, class) {
	return c.exchange(ctx, s, record{Kind: redeem, Code: c.digest(code)}, c.h.web, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
	})
}

// refresh presents a refresh token.
func (c *caller) refresh(ctx context.Context, s *server, t tokens, by party) (tokens, class) {
	return c.exchange(ctx, s, record{Kind: refresh, named: named{Family: t.Family, Generation: t.Generation}}, by,
		url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}})
}

func (c *caller) exchange(ctx context.Context, s *server, ask record, by party, form url.Values) (tokens, class) {
	var t tokens
	n := c.post(ctx, s, ask, by, "/oauth/token", form, func(p page) record {
		var got struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		if err := json.Unmarshal([]byte(p.body), &got); err != nil || got.Access == "" {
			return record{Class: odd, Note: "tokens cannot be read"}
		}
		t = tokens{got.Access, got.Refresh, namesOf(got.Access, got.Refresh)}
		return record{Class: granted, named: t.named}
	})
	return t, n
}

// namesOf reads what a client has no business to read.
func namesOf(access, refresh string) (n named) {
	var claims struct {
		ID string `json:"jti"`
	}
	if parts := strings.Split(access, "."); len(parts) == 3 {
		body, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(body, &claims)
	}
	n.Token = claims.ID
	if r, ok := token.ParseRefresh(secret.Of(refresh)); ok {
		n.Family, n.Generation = string(r.Family), r.Generation
	}
	return n
}

// digest is the name of a code in the database.
func (c *caller) digest(code string) string {
	d := c.h.peppers.Digest(secret.Of(code))
	return hex.EncodeToString(d[:])
}

// introspect asks whether an access token of a client lives.
func (c *caller) introspect(ctx context.Context, s *server, t tokens, of party) class {
	ask := record{Kind: introspect, named: named{Token: t.Token}}
	return c.post(ctx, s, ask, c.h.introspector(of), "/oauth/introspect", url.Values{"token": {t.access}}, func(p page) record {
		var got struct{ Active *bool }
		switch err := json.Unmarshal([]byte(p.body), &got); {
		case err != nil || got.Active == nil:
			return record{Class: odd, Note: "introspection cannot be read"}
		case *got.Active:
			return record{Class: active}
		}
		return record{Class: inactive}
	})
}

// revokeAccess ends one token; revokeFamily all that descends from an approval.
func (c *caller) revokeAccess(ctx context.Context, s *server, t tokens, by party) class {
	return c.revoke(ctx, s, named{Token: t.Token}, t.access, by)
}

func (c *caller) revokeFamily(ctx context.Context, s *server, t tokens, by party) class {
	return c.revoke(ctx, s, named{Family: t.Family, Generation: t.Generation}, t.refresh, by)
}

func (c *caller) revoke(ctx context.Context, s *server, n named, text string, by party) class {
	return c.post(ctx, s, record{Kind: revoke, named: n}, by, "/oauth/revoke", url.Values{"token": {text}}, func(page) record {
		return record{Class: ended}
	})
}

// post sends a form as a client does, from anywhere: an address may not ask for many device codes. success says what a 200 means.
func (c *caller) post(ctx context.Context, s *server, ask record, by party, path string, form url.Values, success func(page) record) class {
	if by.Secret == "" {
		form.Set("client_id", by.ID)
	}
	return c.write(s, ask, func() (page, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base()+path, strings.NewReader(form.Encode()))
		if err != nil {
			return page{}, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", somewhere())
		if by.Secret != "" {
			r.SetBasicAuth(by.ID, url.QueryEscape(by.Secret))
		}
		return read(c.http.Do(r))
	}, func(p page) record {
		if p.status == http.StatusOK {
			return success(p)
		}
		return trouble(p)
	})
}

// authorize asks for a code with a person's browser.
func (c *caller) authorize(ctx context.Context, s *server, who *person) (string, class) {
	code := ""
	n := c.write(s, record{Kind: authorize}, func() (page, error) {
		return who.browse(ctx, s, http.MethodGet, who.authorizePath(), nil)
	}, func(p page) record {
		if p.status != http.StatusSeeOther {
			return trouble(p)
		}
		if code = p.code(); code == "" {
			return record{Class: odd, Note: "no code: " + p.header.Get("Location")}
		}
		return record{Class: granted, Code: c.digest(code)}
	})
	return code, n
}

// write wraps a request into the journal. What the journal cannot take must not be sent: there would be no witness.
func (c *caller) write(s *server, ask record, send func() (page, error), read func(page) record) class {
	id, err := c.j.ask(ask)
	if err != nil {
		panic(err)
	}
	p, err := send()
	if f := c.ambush.Load(); f != nil && err == nil && c.ambush.CompareAndSwap(f, nil) {
		(*f)(s)
		err = errors.New("ambushed")
	}
	answer := record{Class: lost}
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial":
		answer.Class = unreached
	case err == nil:
		answer = read(p)
	}
	if answer.Class != lost {
		answer.ID, answer.Answer = id, true
		if err := c.j.append(answer); err != nil {
			panic(err)
		}
	}
	return answer.Class
}

// trouble judges an answer that is no success: a refusal, the word to ask again, or 503 said as it should be said, and nothing else.
func trouble(p page) record {
	var told struct {
		Error string `json:"error"`
	}
	isPage := strings.HasPrefix(p.header.Get("Content-Type"), "text/html")
	if err := json.Unmarshal([]byte(p.body), &told); err != nil && !isPage {
		return record{Class: odd, Note: fmt.Sprintf("%d %.100s", p.status, p.body)}
	}
	wait, _ := strconv.Atoi(p.header.Get("Retry-After"))
	switch {
	case p.status == http.StatusServiceUnavailable && wait > 0 && (isPage || told.Error == "temporarily_unavailable"):
		return record{Class: unavailable}
	case p.status == http.StatusBadRequest && !isPage && (told.Error == "authorization_pending" || told.Error == "slow_down"):
		return record{Class: waits, Note: told.Error}
	case (p.status == http.StatusBadRequest || p.status == http.StatusUnauthorized) && told.Error != "" && !isPage:
		return record{Class: refused, Note: told.Error}
	}
	return record{Class: odd, Note: fmt.Sprintf("%d %s", p.status, told.Error)}
}
