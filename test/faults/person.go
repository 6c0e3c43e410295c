package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	callback = "https://app.example/cb"
	verifier = "a-verifier-that-is-long-enough-for-anybody-0001"
	scopes   = "orders:read"
)

// person is somebody with a browser, signed in.
type person struct {
	h    *house
	name string
	http *http.Client
	jar  *cookiejar.Jar

	from  string // the address that a proxy in front of the server would tell; empty for this machine's
	phone *phone // for devices; nil where nobody needs it
}

func newPerson(h *house, name string) *person {
	jar, _ := cookiejar.New(nil)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	return &person{h: h, name: name, jar: jar, http: &http.Client{
		Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout: h.timeout + 10*time.Second,
	}}
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (p *person) authorizePath() string {
	return "/oauth/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {p.h.web.ID}, "redirect_uri": {callback}, "scope": {scopes},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}, "state": {"s"},
	}.Encode()
}

// page is an answer, read to its end.
type page struct {
	status int
	header http.Header
	body   string
}

// browse sends what a browser would.
func (p *person) browse(ctx context.Context, s *server, method, path string, form url.Values) (page, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.base()+path, strings.NewReader(form.Encode()))
	if err != nil {
		return page{}, err
	}
	r.Header.Set("Sec-Fetch-Site", "none")
	if p.from != "" {
		r.Header.Set("X-Forwarded-For", p.from)
	}
	if method == http.MethodPost {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return read(p.http.Do(r))
}

func read(res *http.Response, err error) (page, error) {
	if err != nil {
		return page{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return page{res.StatusCode, res.Header, string(b)}, err
}

var handleField = regexp.MustCompile(`name="handle" value="([^"]+)"`)

func (p page) handle() string {
	m := handleField.FindStringSubmatch(p.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// signIn walks through login and consent once; from then on the app is answered at once. On a busy machine that takes a few tries.
func (p *person) signIn(ctx context.Context, s *server) error {
	var err error
	for range 5 {
		if err = p.trySignIn(ctx, s); err == nil {
			return nil
		}
	}
	return err
}

func (p *person) trySignIn(ctx context.Context, s *server) error {
	login, err := p.browse(ctx, s, http.MethodGet, p.authorizePath(), nil)
	if err != nil {
		return err
	}
	in, err := p.browse(ctx, s, http.MethodPost, "/oauth/login", url.Values{"handle": {login.handle()}, "username": {p.name}, "password": {password}})
	if err != nil || in.status != http.StatusSeeOther {
		return errors.Join(err, fmt.Errorf("sign in: got %d", in.status))
	}
	consent, err := p.browse(ctx, s, http.MethodGet, in.header.Get("Location"), nil)
	if err != nil {
		return err
	}
	back, err := p.browse(ctx, s, http.MethodPost, "/oauth/authorize", url.Values{"handle": {consent.handle()}, "decision": {"approve"}})
	if err != nil || back.code() == "" {
		return errors.Join(err, fmt.Errorf("consent: got %d", back.status))
	}
	return nil
}

// code is the code that the browser was sent away with.
func (p page) code() string {
	u, err := url.Parse(p.header.Get("Location"))
	if err != nil || !strings.HasPrefix(p.header.Get("Location"), callback) {
		return ""
	}
	return u.Query().Get("code")
}
