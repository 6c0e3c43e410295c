// Package browser walks the pages in a real Chromium.
package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"golang.org/x/oauth2"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// open starts a browser of the test's own, or skips where there is none and none is required.
func open(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if slices.Contains(strings.Split(os.Getenv("PASSPORT_REQUIRE"), ","), "browser") {
			t.Fatal("a browser is required and there is no Chromium")
		}
		t.Skip("no browser: install Chromium to run this test")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	ctx, closeAllocator := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(closeAllocator)
	ctx, closeBrowser := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	return ctx
}

// app is a client on another port and another host name: what it is sent, it keeps.
func app(t *testing.T) (callback string, got chan url.Values) {
	t.Helper()
	got = make(chan url.Values, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/callback" {
			got <- r.URL.Query()
		}
		_, _ = w.Write([]byte("<title>back in the app</title>"))
	}))
	t.Cleanup(web.Close)
	return strings.Replace(web.URL, "127.0.0.1", "localhost", 1) + "/callback", got
}

func TestSignInAndAllow(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		ctx := open(t)
		callback, got := app(t)
		s := passporttest.New(t, on)
		s.User(t, "ada@example.test")
		c, v := s.Client(t, client.Client{Grants: []string{"authorization_code", "refresh_token"}, RedirectURIs: []string{callback}})
		cfg := &oauth2.Config{
			ClientID: string(c.ID), ClientSecret: v, RedirectURL: callback, Scopes: []string{"orders:read"},
			Endpoint: oauth2.Endpoint{AuthURL: s.URL + "/oauth/authorize", TokenURL: s.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInHeader},
		}
		verifier := oauth2.GenerateVerifier()
		begin := cfg.AuthCodeURL("xyz", oauth2.S256ChallengeOption(verifier))

		signIn(ctx, t, begin, "ada@example.test", "wrong password")
		text := read(ctx, t, `[role=alert]`)
		if !strings.Contains(text, "Username or password is wrong.") {
			t.Errorf("got %q; want to be told that it is wrong", text)
		}
		signIn(ctx, t, begin, "ada@example.test", passporttest.Password)
		if text := read(ctx, t, "main"); !strings.Contains(text, "Acme Orders") || !strings.Contains(text, "See your orders") {
			t.Errorf("got %q; want the app and what it asks for", text)
		}
		press(ctx, t, `button[value=approve]`)
		back := await(t, got)
		if back.Get("state") != "xyz" || back.Get("iss") != s.URL {
			t.Fatalf("got %v; want the answer to the request", back)
		}
		tok, err := cfg.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
		if err != nil || tok.RefreshToken == "" {
			t.Fatalf("got %+v, %v; want tokens", tok, err)
		}

		// The consent is remembered: the same request comes back at once.
		if err := chromedp.Do(ctx, chromedp.Navigate(begin)); err != nil {
			t.Fatal(err)
		}
		if back := await(t, got); back.Get("code") == "" {
			t.Errorf("got %v; want another code without being asked", back)
		}
	})
}

func TestCancel(t *testing.T) {
	ctx := open(t)
	callback, got := app(t)
	s := passporttest.New(t)
	s.User(t, "ada@example.test")
	c, _ := s.Client(t, client.Client{Grants: []string{"authorization_code"}, RedirectURIs: []string{callback}})
	cfg := &oauth2.Config{ClientID: string(c.ID), RedirectURL: callback, Endpoint: oauth2.Endpoint{AuthURL: s.URL + "/oauth/authorize"}}
	signIn(ctx, t, cfg.AuthCodeURL("xyz", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), "ada@example.test", passporttest.Password)
	press(ctx, t, `button[value=deny]`)
	if back := await(t, got); back.Get("error") != "access_denied" || back.Get("state") != "xyz" {
		t.Errorf("got %v; want access_denied", back)
	}
}

func signIn(ctx context.Context, t *testing.T, begin, username, password string) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Navigate(begin), chromedp.SendKeys(chromedp.CSS(`input[name=username]`), username),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), password), pressed(`form[action="/oauth/login"] button`))
	if err != nil {
		t.Fatal(err)
	}
}

func press(ctx context.Context, t *testing.T, button string) {
	t.Helper()
	if err := chromedp.Do(ctx, pressed(button)); err != nil {
		t.Fatal(err)
	}
}

// pressed clicks and waits for the page that follows.
func pressed(button string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(button)))
		return chromedp.Void{}, err
	}
}

func read(ctx context.Context, t *testing.T, selector string) string {
	t.Helper()
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func await(t *testing.T, got chan url.Values) url.Values {
	t.Helper()
	select {
	case v := <-got:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("the browser did not come back to the app")
		return nil
	}
}
