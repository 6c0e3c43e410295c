package attacks

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // reads the database as a thief would
	_ "modernc.org/sqlite"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
	"github.com/gopassport/passport/test/pgtest"
)

func passwordOf(*house) secret.Value { return secret.Of(passporttest.Password) }

// onDatabase opens a database whose whereabouts the test knows.
func onDatabase(address string) passporttest.Option {
	return passporttest.On(func(t testing.TB, k *passporttest.Clock) ports.Storage {
		s, done, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: address, Clock: k.Now, Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(done)
		return sqlstore.Ports(s)
	})
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

func TestNothingSecretIsKept(t *testing.T) {
	t.Parallel()
	t.Run("U05 U07 SQLite", func(t *testing.T) {
		dir := t.TempDir()
		scan(t, "sqlite:"+filepath.Join(dir, "passport.db"), func() string {
			var all strings.Builder
			for _, suffix := range []string{"", "-wal", "-shm"} {
				b, err := os.ReadFile(filepath.Join(dir, "passport.db"+suffix))
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
				all.Write(b)
			}
			return all.String() + dump(t, "sqlite", filepath.Join(dir, "passport.db"),
				"SELECT name FROM sqlite_master WHERE type = 'table'")
		})
	})
	t.Run("U05 U07 PostgreSQL", func(t *testing.T) {
		address := pgtest.URL(t, nil)
		scan(t, address, func() string {
			return dump(t, "pgx", address, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
		})
	})
}

// scan runs all flows and looks for every secret in what is left of them.
func scan(t *testing.T, address string, dumped func() string) {
	log := &logbook{}
	h := open(t, onDatabase(address), passporttest.LoggingTo(log))
	secrets := flows(t, h)
	for place, text := range map[string]string{"the database": dumped(), "the log": log.String()} {
		if !strings.Contains(text, string(h.web.ID)) && place == "the database" || len(text) < 1000 {
			t.Fatalf("%s: got %d bytes without what must be there: the scan would prove nothing", place, len(text))
		}
		for name, s := range secrets {
			for form, needle := range forms(s) {
				if strings.Contains(text, needle) {
					t.Errorf("%s is in %s, %s", name, place, form)
				}
			}
		}
	}
	if !found(fmt.Sprintf("%x", passporttest.Password), passporttest.Password) || !found(base64.StdEncoding.EncodeToString([]byte("xy"+passporttest.Password)), passporttest.Password) {
		t.Error("a planted secret is not found")
	}
}

func found(text, s string) bool {
	for _, needle := range forms(s) {
		if strings.Contains(text, needle) {
			return true
		}
	}
	return false
}

// forms are the ways a text may lie about: also inside something that was encoded as a whole, whatever stands before it.
func forms(s string) map[string]string {
	all := map[string]string{
		"plain": s, "in hexadecimal": hex.EncodeToString([]byte(s)), "in HEXADECIMAL": strings.ToUpper(hex.EncodeToString([]byte(s))), "for a URL": url.QueryEscape(s),
	}
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s + "xxx"))
		text = text[[]int{0, 2, 3}[shift] : len(text)-6]
		all[fmt.Sprintf("in base64, shifted by %d", shift)] = text
		all[fmt.Sprintf("in base64url, shifted by %d", shift)] = strings.NewReplacer("+", "-", "/", "_").Replace(text)
	}
	return all
}

// flows returns every secret that passed through a server in them, some spent and some alive.
func flows(t *testing.T, h *house) map[string]string {
	t.Helper()
	secrets := map[string]string{
		"a client secret": h.web.secret, "the secret of m2m": h.m2m.secret, "a password": passporttest.Password, "a verifier": pkce(verifier),
		"a wrong password": "this is not her password", "the app key": "an app key of tests, and of nothing else",
	}
	keep := func(name, s string) {
		if s == "" {
			t.Fatalf("got no %s", name)
		}
		secrets[name] = s
	}
	v := h.visitor()
	page := v.authorize(t, ask(h.cli))
	keep("a request's handle", page.handle())
	keep("an anonymous cookie", v.cookie(sessionCookie))
	v.post(t, "/oauth/login", credentials(page.handle(), "alice", "this is not her password"))
	v.post(t, "/oauth/login", credentials(page.handle(), "this is not her password", "x")) // typed into the wrong field
	page = v.login(t, page, "alice", passporttest.Password)
	keep("a session's cookie", v.cookie(sessionCookie))
	keep("a familiar browser's cookie", v.cookie("passport_familiar"))
	keep("a waiting code", v.approve(t, page).told().Get("code"))
	code := v.code(t, ask(h.web))
	keep("a spent code", code)
	tokens := h.redeem(t, h.web, code)
	keep("an access token", accessToken(t, tokens))
	keep("its signature", secrets["an access token"][strings.LastIndex(secrets["an access token"], ".")+1:])
	keep("a refresh token", refreshToken(t, tokens))
	next := h.token(t, h.web, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {secrets["a refresh token"]}})
	keep("the next refresh token", refreshToken(t, next))
	keep("a token of m2m", accessToken(t, h.token(t, h.m2m, url.Values{"grant_type": {"client_credentials"}})))
	_, rotated, err := h.Clients.RotateSecret(t.Context(), h.m2m.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	keep("a rotated secret", rotated.Reveal())
	h.redeem(t, h.web, code) // a replay
	h.redeem(t, h.evil, secrets["a waiting code"])
	wrong := party{h.web.Client, strings.Repeat("wrong", 10)}
	keep("a wrong secret", wrong.secret)
	h.redeem(t, wrong, "pp_ac_"+strings.Repeat("z", 49))
	keep("a code that is none", "pp_ac_"+strings.Repeat("z", 49))
	introspected(t, h, h.web, secrets["a refresh token"])
	for _, path := range []string{"/oauth/token", "/oauth/authorize", "/oauth/login", "/nowhere"} { // in the wrong place
		v.get(t, path+"?code="+secrets["a waiting code"]+"&handle="+secrets["a request's handle"]+"&password=this+is+not+her+password")
	}
	r := v.at("GET", "/oauth/authorize", "")
	r.Header.Set("Authorization", "Bearer "+secrets["an access token"])
	v.send(t, r)
	for name, s := range secrets {
		if kind, body, ok := cutHandle(s); ok {
			secrets["the body of "+name+", "+kind] = body
		}
	}
	return secrets
}

// cutHandle takes prefix and checksum off: what is left would do.
func cutHandle(s string) (string, string, bool) {
	parts := strings.SplitN(s, "_", 3)
	if len(parts) != 3 || parts[0] != "pp" || len(parts[2]) < 20 {
		return "", "", false
	}
	return parts[1], parts[2][:len(parts[2])-6], true
}

// dump returns every value of every table.
func dump(t *testing.T, driver, address, tables string) string {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var all strings.Builder
	names := column(t, db, tables)
	for _, name := range names {
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+name+`"`)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				switch v := (*v.(*any)).(type) {
				case []byte:
					fmt.Fprintf(&all, "%s %x\n", v, v)
				default:
					fmt.Fprintln(&all, v)
				}
			}
		}
		_ = rows.Close()
	}
	if len(names) < 10 {
		t.Fatalf("got the tables %v; want all", names)
	}
	return all.String()
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestFiles(t *testing.T) {
	t.Parallel()
	t.Run("U04 only the owner reads the database's files", func(t *testing.T) {
		dir := t.TempDir()
		h := open(t, onDatabase("sqlite:"+filepath.Join(dir, "passport.db")))
		h.as(t, "alice").code(t, ask(h.web))
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || !slices.Contains(files, filepath.Join(dir, "passport.db-wal")) {
			t.Fatalf("got %v, %v; want the log beside the database", files, err)
		}
		for _, f := range files {
			info, err := os.Stat(f)
			if err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: got %v, %v; want nothing for others", filepath.Base(f), info.Mode(), err)
			}
		}
	})
}

// U20: a server whose clock is not the database's.
func TestClocksDiffer(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		t.Run(fmt.Sprintf("U20 storage is %s ahead", ahead), func(t *testing.T) {
			eachstore.RunSkewed(t, ahead, func(t *testing.T, on passporttest.Option) {
				h := open(t, on)
				v := h.as(t, "alice")
				if a := h.redeem(t, h.web, v.code(t, ask(h.web))); a.status != http.StatusOK {
					t.Errorf("a fresh code: got %s; want tokens", a)
				}
				code := v.code(t, ask(h.web))
				h.Clock.Advance(61 * time.Second)
				if a := h.redeem(t, h.web, code); a.status != 400 || !strings.Contains(a.body, "invalid_grant") {
					t.Errorf("an old code: got %s; want invalid_grant", a)
				}
				page := v.authorize(t, ask(h.cli))
				redirected(t, h, v.approve(t, page), cliCallback, "")
				for i := range 6 {
					if a := h.visitor().guess(t, "bob", "wrong password"); (a.status == http.StatusTooManyRequests) != (i >= 5) {
						t.Errorf("guess %d: got %s", i, a)
					}
				}
				refresh := refreshToken(t, h.redeem(t, h.web, v.code(t, ask(h.web))))
				form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}
				first, again := h.token(t, h.web, form), h.token(t, h.web, form)
				if refreshToken(t, first) != refreshToken(t, again) {
					t.Error("within the grace window: got another refresh token; want the same")
				}
				h.Clock.Advance(11 * time.Second)
				if a := h.token(t, h.web, form); a.status != http.StatusBadRequest {
					t.Errorf("after the grace window: got %s; want a refusal", a)
				}
			})
		})
	}
}

func TestUsernames(t *testing.T) {
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, on)
		t.Run("U30 names that look the same are the same, or refused", func(t *testing.T) {
			h.User(t, "josé@example.test")
			for _, twin := range []string{"jose\u0301@example.test", "JOSÉ@example.test", " josé@example.test ", "ｊosé@example.test", "Alice", "ａlice"} {
				if _, err := h.Users.Create(t.Context(), twin, "", passwordOf(h)); !errors.Is(err, ports.ErrExists) {
					t.Errorf("%q: got %v; want it taken", twin, err)
				}
			}
			for _, odd := range []string{"al\u200bice", "alice\u00ad", "\u202ealice", "ali\u017fe", "ﬁn", "alice\u2060", "a lice", "\u0000alice", "", "\u3164"} {
				if _, err := h.Users.Create(t.Context(), odd, "", passwordOf(h)); err == nil || errors.Is(err, ports.ErrExists) {
					t.Errorf("%q: got %v; want a refusal", odd, err)
				}
			}
			for _, spelling := range []string{"josé@example.test", "jose\u0301@EXAMPLE.test", "Ｊosé@example.test"} {
				if a := h.visitor().guess(t, spelling, passporttest.Password); a.status != http.StatusSeeOther {
					t.Errorf("%q: got %s; want to be let in", spelling, a)
				}
			}
			for _, pair := range [][2]string{{"straße", "strasse"}, {"İnci", "inci"}, {"ıris", "iris"}} { // two people, not one
				for _, name := range pair {
					if _, err := h.Users.Create(t.Context(), name, "", secret.Of("password of "+name)); err != nil {
						t.Errorf("%q: %v", name, err)
					}
				}
				if a := h.visitor().guess(t, pair[0], "password of "+pair[1]); a.status != http.StatusForbidden {
					t.Errorf("%q: got %s; want nobody let in with the password of %q", pair[0], a, pair[1])
				}
			}
		})
		t.Run("U12 consent withdrawn ends the pair's tokens", func(t *testing.T) {
			h.Clock.Advance(time.Hour)
			v := h.as(t, "alice")
			of := h.redeem(t, h.web, v.code(t, ask(h.web)))
			other := h.redeem(t, h.web, h.as(t, "bob").code(t, ask(h.web)))
			h.withdraw(t, h.alice, h.web)
			if a := introspected(t, h, h.web, accessToken(t, of)); a.body != `{"active":false}` {
				t.Errorf("the access token: got %s; want it dead", a)
			}
			if a := h.token(t, h.web, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken(t, of)}}); a.status != 400 {
				t.Errorf("the refresh token: got %s; want it dead", a)
			}
			if a := introspected(t, h, h.web, accessToken(t, other)); !strings.Contains(a.body, `"active":true`) {
				t.Errorf("bob's: got %s; want it alive", a)
			}
		})
		t.Run("U28 headers that mean something elsewhere", func(t *testing.T) {
			v := h.visitor()
			for name, value := range map[string]string{
				"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "PUT", "X-Original-URL": "/oauth/introspect", "Range": "bytes=0-1", "If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT",
			} {
				r := v.at("POST", "/oauth/token", url.Values{"grant_type": {"client_credentials"}}.Encode())
				r.SetBasicAuth(string(h.m2m.ID), h.m2m.secret)
				r.Header.Set(name, value)
				if a := v.send(t, r); a.status != 200 || accessToken(t, a) == "" || a.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: got %s; want it ignored", name, a)
				}
			}
		})
	})
}
