package client_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
)

func TestValidateRedirectURI(t *testing.T) {
	t.Parallel()
	const any, onlyNative, never = "any client", "native clients only", "nobody"
	for _, tc := range []struct{ name, uri, who string }{
		{"https", "https://app.example/cb", any},
		{"https with a port and a query", "https://app.example:8443/cb?tenant=1&x", any},
		{"https on an address", "https://[2001:db8::1]/cb", any},
		{"http on 127.0.0.1", "http://127.0.0.1/cb", any},
		{"http on [::1]", "http://[::1]:8080/cb", any},
		{"http on localhost", "http://localhost/cb", any},
		{"a scheme of an app", "com.example.app:/cb", onlyNative},
		{"a scheme of an app with a host", "com.example.app://cb", onlyNative},
		{"as long as it may be", "https://app.example/" + strings.Repeat("x", client.MaxURILen-20), any},

		{"O03 http elsewhere", "http://app.example/cb", never},
		{"O03 http on a host that looks like loopback", "http://127.0.0.1.evil.example/cb", never},
		{"O03 http on a host that begins with localhost", "http://localhost.evil.example/cb", never},
		{"O03 http on another address of this machine", "http://127.0.0.2/cb", never},
		{"O03 http on zero", "http://0.0.0.0/cb", never},
		{"O03 http on LOCALHOST", "http://LOCALHOST/cb", never},
		{"O03 a fragment", "https://app.example/cb#f", never},
		{"O03 an empty fragment", "https://app.example/cb#", never},
		{"O03 a user", "https://user@app.example/cb", never},
		{"O03 a user and a password", "https://user:pw@app.example/cb", never},
		{"O03 an empty user", "https://@app.example/cb", never},
		{"O03 a user before loopback", "http://evil@127.0.0.1/cb", never},
		{"O03 a wildcard host", "https://*.app.example/cb", never},
		{"O03 a wildcard path", "https://app.example/*", never},
		{"O03 javascript", "javascript:alert(1)", never},
		{"O03 javascript that looks like a host", "javascript://app.example/%0aalert(1)", never},
		{"O03 data", "data:text/html,x", never},
		{"O03 vbscript", "vbscript:x", never},
		{"O03 file", "file:///etc/passwd", never},
		{"O03 blob", "blob:https://app.example/1", never},
		{"O03 about", "about:blank", never},
		{"O03 a scheme without a dot", "myapp:/cb", never},
		{"O03 a scheme that ends with a dot", "myapp.:/cb", never},
		{"O03 10 KiB", "https://app.example/" + strings.Repeat("x", 10<<10), never},
		{"O03 a byte too long", "https://app.example/" + strings.Repeat("x", client.MaxURILen-19), never},
		{"O03 code in the query", "https://app.example/cb?code=1", never},
		{"O03 state in the query", "https://app.example/cb?a=1&state=x", never},
		{"O03 iss in the query", "https://app.example/cb?iss=", never},
		{"O03 iss without a value", "https://app.example/cb?iss", never},
		{"O03 error in the query", "https://app.example/cb?error=x", never},
		{"O03 code in another encoding", "https://app.example/cb?c%6fde=1", never},
		{"O03 code with a broken value", "https://app.example/cb?code=%zz", never},
		{"O03 code behind a semicolon", "https://app.example/cb?a=1;code=2", never},
		{"O03 code before a semicolon", "https://app.example/cb?code=1;a=2", never},
		{"O03 code in the query of an app's scheme", "com.example.app:cb?code=1", never},

		{"nothing", "", never},
		{"a path", "/cb", never},
		{"no scheme", "//app.example/cb", never},
		{"no host", "https:///cb", never},
		{"a port and no host", "https://:443/cb", never},
		{"https without slashes", "https:app.example/cb", never},
		{"http without slashes", "http:127.0.0.1/cb", never},
		{"a scheme in upper case", "HTTPS://app.example/cb", never},
		{"an app's scheme in upper case", "Com.Example.App:/cb", never},
		{"a backslash", `https://app.example\@evil.example/cb`, never},
		{"a quote", `https://app.example/"`, never},
		{"a tag", "https://app.example/<b>", never},
		{"a space", "https://app.example/c b", never},
		{"a newline", "https://app.example/cb\n", never},
		{"a NUL", "https://app.example/cb\x00", never},
		{"a letter outside ASCII", "https://аpp.example/cb", never},
		{"a broken escape", "https://app.example/%zz", never},
		{"a port that is none", "https://app.example:80abc/cb", never},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, native := range []bool{false, true} {
				want := tc.who == any || tc.who == onlyNative && native
				if err := client.ValidateRedirectURI(tc.uri, native); (err == nil) != want {
					t.Errorf("native %v: got %v; want accepted %v", native, err, want)
				}
			}
		})
	}
}

func FuzzValidateRedirectURI(f *testing.F) {
	for _, s := range []string{
		"https://app.example/cb", "https://app.example:8443/cb?a=1", "http://127.0.0.1:1/", "http://[::1]", "http://localhost?x", "com.example.app:/cb",
		"https://app.example/cb?code=%zz", "https://app.example/cb?a;state=1", "https://@app.example", "javascript:x", "https:///", "http:127.0.0.1", "HTTPS://a",
	} {
		f.Add(s, true)
		f.Add(s, false)
	}
	shape := regexp.MustCompile(`\A(?:https://[^/?@]+|http://(?:127\.0\.0\.1|\[::1\]|localhost)(?::[0-9]*)?)(?:[/?].*)?\z`)
	ownScheme := regexp.MustCompile(`\A[a-z][a-z0-9+.-]*\.[a-z0-9+.-]*[a-z0-9+-]:`)
	forbidden := regexp.MustCompile(`\A(?:code|state|iss|error|error_description|error_uri|access_token|response)\z`)
	f.Fuzz(func(t *testing.T, uri string, native bool) {
		if client.ValidateRedirectURI(uri, native) != nil {
			return
		}
		if !shape.MatchString(uri) && (!native || !ownScheme.MatchString(uri)) {
			t.Errorf("%q, native %v: accepted; neither https, nor loopback, nor an app's own scheme", uri, native)
		}
		if len(uri) > client.MaxURILen || strings.ContainsAny(uri, "#*\\\"<>^{|}`") || strings.IndexFunc(uri, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
			t.Errorf("%q: accepted with a character that has no place in it", uri)
		}
		_, query, _ := strings.Cut(uri, "?")
		for _, pair := range strings.FieldsFunc(query, func(r rune) bool { return r == '&' || r == ';' }) {
			name, _, _ := strings.Cut(pair, "=")
			if plain, err := url.QueryUnescape(name); err != nil || forbidden.MatchString(plain) {
				t.Errorf("%q: accepted with the parameter %q", uri, name)
			}
		}
		c := client.Client{RedirectURIs: []string{uri}, Native: native}
		if got, ok := c.Redirect(uri); !ok || got != uri {
			t.Errorf("%q: may be registered, but Redirect says %q, %v", uri, got, ok)
		}
	})
}

func TestValidate(t *testing.T) {
	t.Parallel()
	good := func() client.Client {
		return client.Client{
			Name: "Web shop", Auth: client.Basic, Grants: []string{"authorization_code", "refresh_token"},
			RedirectURIs: []string{"https://app.example/cb"}, Secrets: []client.Secret{{Hash: "x"}},
			Audience: []string{"https://api.example"}, Serves: []string{"urn:example:orders"}, Origins: []string{"https://app.example", "http://localhost:3000"},
		}
	}
	public := func(change func(*client.Client)) func(*client.Client) {
		return func(c *client.Client) {
			c.Auth, c.Secrets, c.Serves = client.None, nil, nil
			change(c)
		}
	}
	for _, tc := range []struct {
		name   string
		change func(*client.Client)
		want   string // a part of what is said; empty where all is well
	}{
		{"all is well", func(*client.Client) {}, ""},
		{"a public client", public(func(*client.Client) {}), ""},
		{"a name in another script", func(c *client.Client) { c.Name = "Магазин 店" }, ""},
		{"a machine needs no redirect URI", func(c *client.Client) { c.Grants, c.RedirectURIs = []string{"client_credentials"}, nil }, ""},
		{"as many redirect URIs as there may be", func(c *client.Client) { c.RedirectURIs = manyURIs(client.MaxRedirectURIs) }, ""},

		{"no name", func(c *client.Client) { c.Name = "" }, "name must have"},
		{"a name too long", func(c *client.Client) { c.Name = strings.Repeat("x", client.MaxNameLen+1) }, "name must have"},
		{"a newline in the name", func(c *client.Client) { c.Name = "Web\nshop" }, "control characters"},
		{"a NUL in the name", func(c *client.Client) { c.Name = "Web\x00shop" }, "control characters"},
		{"a name that turns the page around", func(c *client.Client) { c.Name = "Web \u202epohs" }, "control characters"},
		{"a name that isolates", func(c *client.Client) { c.Name = "Web \u2066shop" }, "control characters"},
		{"a broken byte in the name", func(c *client.Client) { c.Name = "Web\xffshop" }, "control characters"},
		{"an unknown method", func(c *client.Client) { c.Auth = "private_key_jwt" }, "is not known"},
		{"no method", func(c *client.Client) { c.Auth = "" }, "is not known"},
		{"no grant", func(c *client.Client) { c.Grants = nil }, "at least one grant"},
		{"a public machine", public(func(c *client.Client) { c.Grants = append(c.Grants, "client_credentials") }), "client_credentials"},
		{"a public client without PKCE", public(func(c *client.Client) { c.WithoutPKCE = true }), "PKCE"},
		{"a public client that does not rotate", public(func(c *client.Client) { c.WithoutRotation = true }), "refresh token"},
		{"a public client with a secret", public(func(c *client.Client) { c.Secrets = []client.Secret{{Hash: "x"}} }), "no secret"},
		{"a public client that introspects", public(func(c *client.Client) { c.Serves = []string{"https://api.example"} }), "introspect"},
		{"codes with nowhere to go", func(c *client.Client) { c.RedirectURIs = nil }, "needs a redirect URI"},
		{"O03 too many redirect URIs", func(c *client.Client) { c.RedirectURIs = manyURIs(10_000) }, "at most 50"},
		{"O03 one redirect URI too many", func(c *client.Client) { c.RedirectURIs = manyURIs(client.MaxRedirectURIs + 1) }, "at most 50"},
		{"O03 a bad redirect URI among good ones", func(c *client.Client) { c.RedirectURIs = append(c.RedirectURIs, "http://evil.example/") }, "must use https"},
		{"an app's scheme for a client that is not native", func(c *client.Client) { c.RedirectURIs = []string{"com.example.app:/cb"} }, "native clients"},
		{"an origin with a slash", func(c *client.Client) { c.Origins = []string{"https://app.example/"} }, "origin"},
		{"an origin in upper case", func(c *client.Client) { c.Origins = []string{"https://APP.example"} }, "origin"},
		{"an origin without a scheme", func(c *client.Client) { c.Origins = []string{"app.example"} }, "origin"},
		{"an origin with a user", func(c *client.Client) { c.Origins = []string{"https://u@app.example"} }, "origin"},
		{"an origin of another scheme", func(c *client.Client) { c.Origins = []string{"file://app.example"} }, "origin"},
		{"every origin", func(c *client.Client) { c.Origins = []string{"*"} }, "origin"},
		{"the null origin", func(c *client.Client) { c.Origins = []string{"null"} }, "origin"},
		{"a relative resource", func(c *client.Client) { c.Audience = []string{"/orders"} }, "resource"},
		{"a resource with a fragment", func(c *client.Client) { c.Serves = []string{"https://api.example/#"} }, "resource"},
		{"a resource with a space", func(c *client.Client) { c.Serves = []string{"https://api.example/a b"} }, "resource"},
		{"an empty resource", func(c *client.Client) { c.Audience = []string{""} }, "resource"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := good()
			tc.change(&c)
			err := c.Validate()
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("got %v; want no complaint", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v; want a complaint that says %q", err, tc.want)
			case tc.want != "" && tc.name != "O03 too many redirect URIs" && strings.Count(err.Error(), "\n") > 0:
				t.Errorf("got %v; want one complaint", err)
			}
		})
	}
	t.Run("tells all that is wrong at once", func(t *testing.T) {
		t.Parallel()
		c := good()
		c.Name, c.Grants, c.Origins = "", nil, []string{"*"}
		for _, want := range []string{"name", "grant type", "origin"} {
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v; want a complaint about %s too", err, want)
			}
		}
	})
}

func manyURIs(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("https://app.example/cb%d", i)
	}
	return all
}
