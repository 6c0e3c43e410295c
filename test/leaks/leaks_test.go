// Package leaks walks a server and its command line through every flow with secrets that are known, and then looks for them in
// all that is left behind: tables, the database's files, logs, those of PostgreSQL too, metrics, and answers.
package leaks

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// Secrets that are chosen here. Those that the server chooses are kept as they come.
const (
	password = "canary of the password: correct horse"
	renewed  = "canary of the new password: staple"
	mistyped = "canary of the wrong password: battery"
	verifier = "canary-of-the-verifier-0123456789-0123456789-0123456789"
	planted  = "canary that is planted, and must be found"
	broken   = "canary in the words of what broke"
)

// trail is a walk and what it left.
type trail struct {
	*passporttest.Server
	database string
	secrets  map[string]string
	answers  strings.Builder // those that are no success
	log      logbook
	metrics  *prometheus.Registry
	trouble  *trouble
	web      client.Client
}

// logbook is a log that the test reads.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// walk goes through all flows on a database.
func walk(t *testing.T, database string) *trail {
	t.Helper()
	w := &trail{database: database, trouble: &trouble{}, secrets: map[string]string{
		"a password": password, "a new password": renewed, "a wrong password": mistyped, "a verifier": verifier,
		"the app key": "an app key of tests, and of nothing else",
	}}
	w.metrics = prometheus.NewRegistry()
	w.Server = passporttest.New(t, passporttest.LoggingTo(&w.log), passporttest.WithMetrics(w.metrics), passporttest.On(func(t testing.TB, k *passporttest.Clock) ports.Storage {
		s, done, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: database, Clock: k.Now, Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(done)
		return sqlstore.Ports(s)
	}), passporttest.Wrapping(func(s ports.Storage) ports.Storage {
		w.trouble.ClientFinder = s.ClientFinder
		s.ClientFinder = w.trouble
		return s
	}))
	w.people(t)
	w.machines(t)
	w.breakdowns(t)
	w.commands(t)
	return w
}

// keep remembers a secret; also without what a reader of the format could add again.
func (w *trail) keep(t *testing.T, name, s string) string {
	t.Helper()
	if s == "" {
		t.Fatalf("got no %s", name)
	}
	w.secrets[name] = s
	if parts := strings.SplitN(s, "_", 3); len(parts) == 3 && parts[0] == "pp" && len(parts[2]) > 20 {
		w.secrets["the body of "+name] = parts[2][:len(parts[2])-6]
	}
	return s
}

// people sign in, well and badly, approve, and have their passwords changed.
func (w *trail) people(t *testing.T) {
	t.Helper()
	if _, err := w.Users.Create(t.Context(), "alice", "Alice", secret.Of(password)); err != nil {
		t.Fatal(err)
	}
	var clientSecret string
	w.web, clientSecret = w.Client(t, client.Client{
		Name: "web", Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, RedirectURIs: []string{"https://app.example/cb"},
	})
	w.keep(t, "a client secret", clientSecret)
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {string(w.web.ID)}, "scope": {"orders:read"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	b := w.Browser(t)
	page := b.Get("/oauth/authorize?" + q.Encode())
	w.keep(t, "a handle", page.Handle())
	w.jar(t, b, "anonymous")
	again := b.SignIn(page, "alice", mistyped)
	w.answers.WriteString(strings.ReplaceAll(again.Body, again.Handle(), "")) // its form goes on with it
	page = b.SignIn(page, "alice", password)
	w.jar(t, b, "signed in")
	code := w.keep(t, "a code", b.Approve(page).Answer().Get("code"))
	waiting := w.keep(t, "a waiting code", b.Get("/oauth/authorize?"+q.Encode()).Answer().Get("code"))
	tokens := w.token(t, clientSecret, "grant_type", "authorization_code", "code", code, "code_verifier", verifier)
	w.keep(t, "an access token", tokens["access_token"])
	w.keep(t, "its signature", tokens["access_token"][strings.LastIndex(tokens["access_token"], ".")+1:])
	refresh := w.keep(t, "a refresh token", tokens["refresh_token"])
	next := w.token(t, clientSecret, "grant_type", "refresh_token", "refresh_token", refresh)
	w.keep(t, "the next refresh token", next["refresh_token"])
	w.token(t, clientSecret, "grant_type", "authorization_code", "code", code, "code_verifier", verifier) // a replay
	w.token(t, mistyped, "grant_type", "authorization_code", "code", waiting, "code_verifier", verifier)
	for _, path := range []string{"/oauth/token", "/oauth/authorize", "/oauth/login", "/nowhere"} { // in the wrong place
		w.answers.WriteString(b.Get(path + "?code=" + waiting + "&handle=" + w.secrets["a handle"] + "&client_secret=" + clientSecret).Body)
	}
	if _, err := w.Users.SetPassword(t.Context(), "alice", secret.Of(renewed)); err != nil {
		t.Fatal(err)
	}
}

func (w *trail) jar(t *testing.T, b *passporttest.Browser, when string) {
	t.Helper()
	for _, k := range b.Jar() {
		w.keep(t, "the cookie "+k.Name+", "+when, k.Value)
	}
}

// machines speak for themselves, look at tokens and end them.
func (w *trail) machines(t *testing.T) {
	t.Helper()
	w.web.OpaqueTokens = true
	if _, err := w.Clients.Update(t.Context(), w.web.ID, func(c *client.Client) { c.OpaqueTokens = true }); err != nil {
		t.Fatal(err)
	}
	_, v, err := w.Clients.RotateSecret(t.Context(), w.web.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w.keep(t, "a rotated secret", v.Reveal())
	opaque := w.keep(t, "an opaque token", w.token(t, v.Reveal(), "grant_type", "client_credentials")["access_token"])
	for _, path := range []string{"/oauth/introspect", "/oauth/revoke"} {
		for _, s := range []string{opaque, w.secrets["a refresh token"], w.secrets["an access token"], mistyped} {
			w.post(t, path, v.Reveal(), url.Values{"token": {s}})
		}
	}
}

func (w *trail) token(t *testing.T, clientSecret string, pairs ...string) map[string]string {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	var all map[string]any
	_ = json.Unmarshal([]byte(w.post(t, "/oauth/token", clientSecret, form)), &all)
	texts := map[string]string{}
	for name, v := range all {
		texts[name], _ = v.(string)
	}
	return texts
}

func (w *trail) post(t *testing.T, path, clientSecret string, form url.Values) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(string(w.web.ID), url.QueryEscape(clientSecret))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 400 {
		w.answers.Write(body)
	}
	return string(body)
}

// look reports each secret that is in a text, in whatever form.
func (w *trail) look(t *testing.T, place, text, mark string) {
	t.Helper()
	if !strings.Contains(text, mark) {
		t.Fatalf("%s: got %d bytes without %q, which must be there: the scan would prove nothing", place, len(text), mark)
	}
	for name, s := range w.secrets {
		if form := found(text, s); form != "" {
			t.Errorf("%s is in %s, %s", name, place, form)
		}
	}
	for form, write := range writings {
		if found(text+" "+write("some text before "+planted+" and after"), planted) == "" {
			t.Errorf("%s: a secret planted %s is not found", place, form)
		}
	}
}

var writings = map[string]func(string) string{
	"plain":              func(s string) string { return s },
	"in hexadecimal":     func(s string) string { return hex.EncodeToString([]byte(s)) },
	"in HEXADECIMAL":     func(s string) string { return fmt.Sprintf("%X", s) },
	"in base64":          func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"in base64url":       func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"for a URL":          url.QueryEscape,
	"for a path":         url.PathEscape,
	"as a list of bytes": func(s string) string { return fmt.Sprint([]byte(s)) },
}

// found tells in which form a secret is in a text; nothing if it is not. What is encoded as a whole may begin anywhere in a group
// of base64, so the middle of it is looked for at each of the three places.
func found(text, s string) string {
	for form, write := range writings {
		for shift := range 3 {
			needle := strings.Trim(write(strings.Repeat("x", shift)+s), "[]=")
			if strings.HasPrefix(form, "in base64") {
				needle = needle[4 : len(needle)-4]
			} else if shift > 0 {
				continue
			}
			if strings.Contains(text, needle) {
				return form
			}
		}
	}
	return ""
}

func TestSQLiteHoldsNoSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := walk(t, "sqlite:"+filepath.Join(dir, "passport.db"))
	tables := dump(t, "sqlite", filepath.Join(dir, "passport.db"), "SELECT name FROM sqlite_master WHERE type = 'table'")
	w.look(t, "the tables", tables, string(w.web.ID))
	var files strings.Builder
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(all) < 2 {
		t.Fatalf("got %q, %v; want the database and its log", all, err)
	}
	for _, f := range all {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		files.Write(b)
	}
	w.look(t, "the files", files.String(), string(w.web.ID))
	w.lookElsewhere(t, tables)
}

func (w *trail) scrape() string {
	r := httptest.NewRecorder()
	promhttp.HandlerFor(w.metrics, promhttp.HandlerOpts{}).ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return r.Body.String()
}

// lookElsewhere looks where every database leaves the same. What broke may say what it likes: the log tells of which kind it was.
func (w *trail) lookElsewhere(t *testing.T, tables string) {
	t.Helper()
	log, answers, metrics := w.log.String(), w.answers.String(), w.scrape()
	w.look(t, "the metrics", metrics, `passport_refusals_total{code="invalid_client",reason="secret_mismatch"}`)
	if strings.Contains(metrics, string(w.web.ID)) || strings.Contains(metrics, "alice") {
		t.Error("the metrics name a client or a person")
	}
	w.look(t, "the log", log, `"refusal"`)
	w.look(t, "answers", answers, "request_id")
	for place, text := range map[string]string{"the log": log, "an answer": answers, "the metrics": metrics, "the tables, audit among them": tables} {
		if form := found(text, broken); form != "" {
			t.Errorf("the words of what broke are in %s, %s", place, form)
		}
	}
	state := map[bool]string{true: "SQLite error 1811", false: "SQLSTATE P0001"}[strings.HasPrefix(w.database, "sqlite:")]
	for what, want := range map[string]string{
		"the trace of a panic":                `"msg":"panic".*"trace":`,
		"what was being done":                 `find client: \(an error of type \*pgconn\.PgError\)`,
		"what kind of error the database had": `commit issuance: ` + state,
	} {
		if !regexp.MustCompile(want).MatchString(log) {
			t.Errorf("the log does not tell %s: want %s", what, want)
		}
	}
}
