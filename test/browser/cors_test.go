package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
)

// TestBrowserAppOnAnotherOrigin runs a page's script: what it may read is decided by the browser, not by us.
func TestBrowserAppOnAnotherOrigin(t *testing.T) {
	ctx := open(t)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<title>app</title>"))
	}))
	t.Cleanup(web.Close)
	stranger := strings.Replace(web.URL, "127.0.0.1", "localhost", 1)

	s := passporttest.New(t)
	c, _ := s.Client(t, client.Client{
		Auth: client.None, Grants: []string{"authorization_code"}, RedirectURIs: []string{"https://spa.example/cb"}, Origins: []string{web.URL},
	})
	token := `fetch("` + s.URL + `/oauth/token", {method: "POST", headers: {"Content-Type": "application/x-www-form-urlencoded"},
		body: "grant_type=authorization_code&code=x&client_id=` + string(c.ID) + `"}).then(r => r.json()).then(j => j.error, e => "refused by the browser")`
	get := func(path string) string {
		return `fetch("` + s.URL + path + `", {headers: {"Authorization": "x"}}).then(r => "" + r.status, e => "refused by the browser")`
	}
	plain := func(path string) string {
		return `fetch("` + s.URL + path + `").then(r => "" + r.status, e => "refused by the browser")`
	}
	for _, c := range []struct{ name, page, script, want string }{
		{"token endpoint, registered origin", web.URL, token, "invalid_grant"},
		{"token endpoint, another origin", stranger, token, "refused by the browser"},
		{"metadata, any origin", stranger, plain("/.well-known/oauth-authorization-server"), "200"},
		{"JWKS, any origin", stranger, plain("/oauth/jwks"), "200"},
		{"authorization endpoint, registered origin", web.URL, plain("/oauth/authorize"), "refused by the browser"},
		{"introspection endpoint, registered origin", web.URL, get("/oauth/introspect"), "refused by the browser"},
		{"login page, registered origin", web.URL, plain("/oauth/login"), "refused by the browser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := chromedp.Do(ctx, chromedp.Navigate(c.page)); err != nil {
				t.Fatal(err)
			}
			await := func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }
			got, err := chromedp.Run(ctx, chromedp.Evaluate[string](c.script, await))
			if err != nil || got != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}
