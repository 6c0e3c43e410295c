package browser

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/oauth2"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// TestDevice approves with a keyboard what x/oauth2 waits for.
func TestDevice(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		ctx := open(t)
		s := passporttest.New(t, on, passporttest.Configured(func(c *core.Config) { c.DeviceInterval = time.Second }))
		s.User(t, "ada@example.test")
		c, _ := s.Client(t, client.Client{Auth: client.None, Native: true, Grants: []string{grant.DeviceType, "refresh_token"}})
		cfg := &oauth2.Config{ClientID: string(c.ID), Scopes: []string{"orders:read"}, Endpoint: oauth2.Endpoint{
			TokenURL: s.URL + "/oauth/token", DeviceAuthURL: s.URL + "/oauth/device/code", AuthStyle: oauth2.AuthStyleInParams,
		}}
		d, err := cfg.DeviceAuth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if typeCode(ctx, t, d.VerificationURI, "BBBB-BBBB"); !strings.Contains(read(ctx, t, "[role=alert]"), "not known") {
			t.Error("a wrong code was taken")
		}
		typeCode(ctx, t, d.VerificationURI, strings.ToLower(d.UserCode))
		fillIn(ctx, t, "ada@example.test", passporttest.Password)
		text := read(ctx, t, "main")
		for _, words := range []string{"Acme Orders", "See your orders", "127.0.0.1", "Go on only if you started this yourself"} {
			if !strings.Contains(text, words) {
				t.Errorf("got %q; want %q in it", text, words)
			}
		}
		press(ctx, t, `button[value=approve]`)
		if text := read(ctx, t, "main"); !strings.Contains(text, "go back to your device") {
			t.Errorf("got %q; want to be sent back to the device", text)
		}
		if tok, err := cfg.DeviceAccessToken(t.Context(), d); err != nil || tok.RefreshToken == "" {
			t.Errorf("got %+v, %v; want tokens", tok, err)
		}
	})
}

func typeCode(ctx context.Context, t *testing.T, at, code string) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Navigate(at), chromedp.SendKeys(chromedp.CSS(`input[name=user_code]`), code), pressed(`form[action="/oauth/device"] button`))
	if err != nil {
		t.Fatal(err)
	}
}

func fillIn(ctx context.Context, t *testing.T, username, password string) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(`input[name=username]`), username),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), password), pressed(`form[action="/oauth/login"] button`))
	if err != nil {
		t.Fatal(err)
	}
}

// TestTicks refuses one of two scopes by its box, and looks after the rest on the pages of the account.
func TestTicks(t *testing.T) {
	ctx := open(t)
	callback, got := app(t)
	s := passporttest.New(t, passporttest.Configured(func(c *core.Config) { c.Scopes[2].Optional = true }))
	s.User(t, "ada@example.test")
	s.Install(t)
	c, v := s.Client(t, client.Client{Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{callback}})
	cfg := &oauth2.Config{
		ClientID: string(c.ID), ClientSecret: v, RedirectURL: callback, Scopes: []string{"orders:read", "profile"},
		Endpoint: oauth2.Endpoint{AuthURL: s.URL + "/oauth/authorize", TokenURL: s.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
	}
	verifier := oauth2.GenerateVerifier()
	signIn(ctx, t, cfg.AuthCodeURL("xyz", oauth2.S256ChallengeOption(verifier)), "ada@example.test", passporttest.Password)
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`input[value=profile]`))); err != nil {
		t.Fatal(err)
	}
	press(ctx, t, `button[value=approve]`)
	tok, err := cfg.Exchange(t.Context(), await(t, got).Get("code"), oauth2.VerifierOption(verifier))
	if err != nil || tok.Extra("scope") != "orders:read" {
		t.Fatalf("got scope %v, %v; want orders:read alone", tok.Extra("scope"), err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/oauth/account/tokens"), chromedp.SendKeys(chromedp.CSS("#name"), "Backup")); err != nil {
		t.Fatal(err)
	}
	press(ctx, t, `form[action="/oauth/account/tokens"] button`)
	if text := read(ctx, t, "main"); !strings.Contains(text, "Your new token Backup") || !strings.Contains(text, "Revoke Backup") {
		t.Errorf("got %q; want a token that is shown, and listed", text)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/oauth/account/apps")); err != nil {
		t.Fatal(err)
	}
	press(ctx, t, `button[name=client]`)
	if text := read(ctx, t, "main"); !strings.Contains(text, "No app has access to your account.") {
		t.Errorf("got %q; want the app gone", text)
	}
}
