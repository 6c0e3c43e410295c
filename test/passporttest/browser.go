package passporttest

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

// Browser is a person's browser without JavaScript: it keeps cookies, says where its requests come from, and stops at a
// redirect that leaves the server.
type Browser struct {
	t        testing.TB
	base     string
	prefix   string // of the server's paths
	from     string
	http     *http.Client
	secretOf func(client.ID) (secret.Value, bool) // of clients, for Walk.Tokens
}

// Page is what a browser shows.
type Page struct {
	Status   int
	Header   http.Header
	Body     string
	URL      *url.URL
	Location string // where the browser was sent away from the server
}

// String is what a failed test says of a page: its words, and where it sent the browser.
func (p Page) String() string {
	text := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(p.Body, " "))), " ")
	if len(text) > 300 {
		text = text[:300] + "..."
	}
	if p.Location != "" {
		text = "to " + p.Location + " " + text
	}
	return strconv.Itoa(p.Status) + " " + text
}

var tags = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

// Browser opens a new browser without cookies.
func (s *Server) Browser(t testing.TB) *Browser {
	t.Helper()
	b := BrowserAt(t, s.URL)
	b.prefix, b.secretOf = s.prefix, s.knows
	return b
}

// BrowserAt opens a new browser for a server that runs elsewhere.
func BrowserAt(t testing.TB, base string) *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stranger := func(client.ID) (secret.Value, bool) { return secret.Value{}, false }
	b := &Browser{t: t, base: base, prefix: "/oauth", http: &http.Client{Jar: jar}, secretOf: stranger}
	b.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), base+"/") || strings.HasPrefix(r.URL.Path, "/callback") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return b
}

// Jar returns the browser's cookies for the server.
func (b *Browser) Jar() []*http.Cookie {
	u, _ := url.Parse(b.base)
	return b.http.Jar.Cookies(u)
}

// Get opens a path of the server, or a URL.
func (b *Browser) Get(path string) Page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.absolute(path), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "none")
	return b.Do(r)
}

// Post sends a form of the server's own page.
func (b *Browser) Post(path string, form url.Values) Page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.absolute(path), strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

// From lets the browser's requests come from an address, through a proxy that the server must trust.
func (b *Browser) From(address string) *Browser {
	b.from = address
	return b
}

// Do sends any request with the browser's cookies.
func (b *Browser) Do(r *http.Request) Page {
	b.t.Helper()
	if b.from != "" {
		r.Header.Set("X-Forwarded-For", b.from)
	}
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return Page{res.StatusCode, res.Header, string(body), res.Request.URL, res.Header.Get("Location")}
}

func (b *Browser) absolute(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return b.base + path
}

var handleField = regexp.MustCompile(`name="handle" value="([^"]+)"`)

// Handle is the handle that the page's form carries; empty where it has none.
func (p Page) Handle() string {
	m := handleField.FindStringSubmatch(p.Body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// Answer is the authorization response that the browser was sent away with.
func (p Page) Answer() url.Values {
	u, err := url.Parse(p.Location)
	if err != nil {
		return nil
	}
	return u.Query()
}

// SignIn fills in the login page.
func (b *Browser) SignIn(p Page, username, password string) Page {
	b.t.Helper()
	return b.Post(b.prefix+"/login", url.Values{"handle": {p.Handle()}, "username": {username}, "password": {password}})
}

// Approve and Deny press the buttons of the consent page.
func (b *Browser) Approve(p Page) Page {
	b.t.Helper()
	return b.Post(b.prefix+"/authorize", url.Values{"handle": {p.Handle()}, "decision": {"approve"}})
}

// Deny refuses.
func (b *Browser) Deny(p Page) Page {
	b.t.Helper()
	return b.Post(b.prefix+"/authorize", url.Values{"handle": {p.Handle()}, "decision": {"deny"}})
}
