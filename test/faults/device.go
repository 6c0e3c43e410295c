package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/gopassport/passport/domain/grant"
)

// gadget is a device that waits for somebody's answer (RFC 8628).
type gadget struct{ code, userCode string }

// begin asks for a device code.
func (c *caller) begin(ctx context.Context, s *server) (gadget, class) {
	var g gadget
	n := c.post(ctx, s, record{Kind: device}, c.h.tv, "/oauth/device/code", url.Values{"scope": {scopes}}, func(p page) record {
		var got struct {
			Code     string `json:"device_code"`
			UserCode string `json:"user_code"`
		}
		if err := json.Unmarshal([]byte(p.body), &got); err != nil || got.Code == "" || got.UserCode == "" {
			return record{Class: odd, Note: "device code cannot be read"}
		}
		g = gadget{got.Code, got.UserCode}
		return record{Class: granted, Code: c.digest(g.code)}
	})
	return g, n
}

// poll asks whether somebody has answered.
func (c *caller) poll(ctx context.Context, s *server, g gadget) (tokens, class) {
	return c.exchange(ctx, s, record{Kind: poll, Code: c.digest(g.code)}, c.h.tv,
		url.Values{"grant_type": {grant.DeviceType}, "device_code": {g.code}})
}

// enter types a user code and returns the handle of the page that asks.
func (c *caller) enter(ctx context.Context, s *server, by *phone, g gadget) (string, class) {
	if n := c.unlock(ctx, s, by); n != fine {
		return "", n
	}
	entry, n := c.visit(ctx, s, by, http.MethodGet, "/oauth/device", nil)
	if n != fine {
		return "", n
	}
	by.typed++
	typed, n := c.visit(ctx, s, by, http.MethodPost, "/oauth/device", url.Values{"handle": {entry.handle()}, "user_code": {g.userCode}})
	if n != fine {
		return "", n
	}
	asks, n := c.visit(ctx, s, by, http.MethodGet, typed.header.Get("Location"), nil)
	return asks.handle(), n
}

// unlock makes sure that its owner is signed in on a phone that may still try codes.
func (c *caller) unlock(ctx context.Context, s *server, p *phone) class {
	if p.signedIn && p.typed < codesPerPhone {
		return fine
	}
	p.replace()
	login, n := c.visit(ctx, s, p, http.MethodGet, "/oauth/login", nil)
	if n != fine {
		return n
	}
	_, n = c.visit(ctx, s, p, http.MethodPost, "/oauth/login", url.Values{"handle": {login.handle()}, "username": {p.name}, "password": {password}})
	p.signedIn = n == fine
	return n
}

// visit opens a page on the way to a decision.
func (c *caller) visit(ctx context.Context, s *server, p *phone, method, path string, form url.Values) (page, class) {
	var got page
	n := c.write(s, record{Kind: other}, func() (page, error) { return p.browse(ctx, s, method, path, form) }, func(p page) record {
		if got = p; p.status == http.StatusOK || p.status == http.StatusSeeOther {
			return record{Class: fine}
		}
		return trouble(p)
	})
	return got, n
}

// decide presses a button of the page that asks: approve or deny. A second decision is told that it comes too late.
func (c *caller) decide(ctx context.Context, s *server, by *phone, g gadget, verdict kind, handle string) class {
	return c.write(s, record{Kind: verdict, Code: c.digest(g.code)}, func() (page, error) {
		return by.browse(ctx, s, http.MethodPost, "/oauth/device/authorize", url.Values{"handle": {handle}, "decision": {string(verdict)}})
	}, func(p page) record {
		switch {
		case p.status == http.StatusOK && p.handle() == "":
			return record{Class: decided}
		case p.status == http.StatusBadRequest && strings.HasPrefix(p.header.Get("Content-Type"), "text/html"):
			return record{Class: refused, Note: "too late"}
		}
		return trouble(p)
	})
}
