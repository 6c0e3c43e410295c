package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// open registers the app and leaves the rows of everybody else alone.
func (s *surgery) open(ctx context.Context) error {
	out, err := s.passport(ctx, "", "client", "create", "--name", "corrupt", "-o", "json", "--kind", "web", "--redirect-uri", callback,
		"--grant-type", "authorization_code", "--grant-type", "refresh_token", "--grant-type", "client_credentials")
	if err != nil {
		return err
	}
	return json.Unmarshal(out, &s.app)
}

func is200(p page) bool { return p.status == http.StatusOK }

// form sends what the app would. No journal tells of it: what comes of a row that is not sound is no promise.
func (s *surgery) form(path string, pairs ...string) func(context.Context) (page, error) {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return func(ctx context.Context) (page, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.server.base()+path, strings.NewReader(form.Encode()))
		if err != nil {
			return page{}, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(s.app.ID, url.QueryEscape(s.app.Secret))
		return read(s.http.Do(r))
	}
}

// tokens asks for tokens that must be given.
func (s *surgery) tokens(ctx context.Context, pairs ...string) (tokens, error) {
	p, err := s.form("/oauth/token", pairs...)(ctx)
	var got struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(p.body), &got)
	}
	if err != nil || got.Access == "" {
		return tokens{}, errors.Join(err, fmt.Errorf("ask for tokens: got %d %s", p.status, p.body))
	}
	return tokens{got.Access, got.Refresh, namesOf(got.Access, got.Refresh)}, nil
}

func (s *surgery) accessToken(ctx context.Context) (sample, error) {
	t, err := s.tokens(ctx, "grant_type", "client_credentials", "scope", scopes)
	return sample{
		table: "oauth_access_tokens", where: "id = $1", id: t.Token,
		made: []change{
			shaped("scopes"), shaped("audience"), flipped("scopes"), flipped("audience"), object("claims"),
			word("subject_kind"), word("user_id"), late("expires_at"), late("created_at"), late("revoked_at"),
		},
		ask:   s.form("/oauth/introspect", "token", t.access),
		opens: func(p page) bool { return is200(p) && strings.Contains(p.body, `"active":true`) },
	}, err
}

func (s *surgery) code(ctx context.Context) (sample, error) {
	who, err := s.somebody(ctx)
	if err != nil {
		return sample{}, err
	}
	code, err := s.codeOf(ctx, who)
	hash, _ := hex.DecodeString(s.digest(code))
	redeem := s.form("/oauth/token", "grant_type", "authorization_code", "code", code, "redirect_uri", callback, "code_verifier", verifier)
	asked := 0
	return sample{
		table: "oauth_auth_codes", where: "hash = $1", id: hash,
		made: []change{word("challenge"), word("redirect_uri"), late("expires_at")},
		ask: func(ctx context.Context) (page, error) {
			if asked++; asked == 1 { // it works once, and that is for later
				return page{status: http.StatusOK}, nil
			}
			return redeem(ctx)
		},
		opens: is200,
	}, err
}

func (s *surgery) family(ctx context.Context) (sample, error) {
	who, err := s.somebody(ctx)
	if err != nil {
		return sample{}, err
	}
	code, err := s.codeOf(ctx, who)
	if err != nil {
		return sample{}, err
	}
	t, err := s.tokens(ctx, "grant_type", "authorization_code", "code", code, "redirect_uri", callback, "code_verifier", verifier)
	refresh := s.form("/oauth/token", "grant_type", "refresh_token", "refresh_token", t.refresh)
	return sample{
		table: "oauth_refresh_tokens", where: "id = $1", id: t.Family,
		made: []change{
			bits("salt"), number("generation"), number("pepper"), shaped("scopes"), shaped("audience"), object("claims"), lax(flipped("scopes")),
			word("subject_kind"), word("user_id"), late("expires_at"), late("rotated_at"), late("revoked_at"), late("spent_at"),
		},
		ask: refresh, opens: is200,
	}, err
}

func (s *surgery) client(context.Context) (sample, error) {
	return sample{
		table: "oauth_clients", where: "id = $1", id: s.app.ID, stamp: "updated_at",
		made: []change{
			shaped("secrets"), lax(flipped("secrets")), word("auth_method"), shaped("grant_types"), shaped("redirect_uris"), shaped("origins"),
			shaped("scopes"), shaped("audience"), shaped("serves"), late("disabled_at"), late("created_at"), late("valid_from"),
		},
		ask: s.form("/oauth/token", "grant_type", "client_credentials"), opens: is200,
	}, nil
}

// somebody is a new person, signed in, who has allowed the app what it asks for.
func (s *surgery) somebody(ctx context.Context) (*person, error) {
	s.people++
	name := fmt.Sprintf("corrupt%d-%s@example.test", s.people, s.app.ID)
	if _, err := s.passport(ctx, password+"\n", "user", "create", name, "--password-stdin"); err != nil {
		return nil, err
	}
	own := *s.house
	own.web = s.app
	who := newPerson(&own, name)
	return who, who.signIn(ctx, s.server)
}

func (s *surgery) codeOf(ctx context.Context, who *person) (string, error) {
	p, err := who.browse(ctx, s.server, http.MethodGet, who.authorizePath(), nil)
	if err == nil && p.code() == "" {
		err = fmt.Errorf("ask for a code: got %d", p.status)
	}
	return p.code(), err
}

// person is somebody who signs in. A few failures are all that the limits allow.
func (s *surgery) person(ctx context.Context) (sample, error) {
	who, err := s.somebody(ctx)
	if err != nil {
		return sample{}, err
	}
	return sample{
		table: "oauth_users", where: "username = $1", id: who.name,
		made: []change{late("disabled_at"), {column: "password_hash", values: func(old any, _ string) []any {
			hash := fmt.Sprint(old)
			return []any{hash[:len(hash)-7], strings.Replace(hash, "$argon2id$", "$argon2martian$", 1), flip([]byte(hash))}
		}}},
		ask: func(ctx context.Context) (page, error) {
			fresh := newPerson(s.house, who.name)
			login, err := fresh.browse(ctx, s.server, http.MethodGet, "/oauth/login", nil)
			if err != nil {
				return page{}, err
			}
			return fresh.browse(ctx, s.server, http.MethodPost, "/oauth/login",
				url.Values{"handle": {login.handle()}, "username": {who.name}, "password": {password}})
		},
		opens: func(p page) bool { return p.status == http.StatusSeeOther },
	}, nil
}

// session is a browser that keeps its cookies, whatever it is told.
func (s *surgery) session(ctx context.Context) (sample, error) {
	who, err := s.somebody(ctx)
	if err != nil {
		return sample{}, err
	}
	at, err := url.Parse(s.server.base())
	if err != nil {
		return sample{}, err
	}
	cookies := who.jar.Cookies(at)
	var id string
	err = s.db.QueryRowContext(ctx, `SELECT id FROM oauth_sessions WHERE user_id = (SELECT id FROM oauth_users WHERE username = $1)`, who.name).Scan(&id)
	return sample{
		table: "oauth_sessions", where: "id = $1", id: id,
		made: []change{bits("hash"), word("user_id"), late("expires_at"), late("auth_time"), late("seen_at")},
		ask: func(ctx context.Context) (page, error) {
			fresh := newPerson(s.house, who.name)
			fresh.jar.SetCookies(at, cookies)
			return fresh.browse(ctx, s.server, http.MethodGet, "/oauth/login", nil)
		},
		opens: func(p page) bool { return is200(p) && strings.Contains(p.body, "You are signed in") },
	}, err
}

// consent is what lets the app get codes without asking.
func (s *surgery) consent(ctx context.Context) (sample, error) {
	who, err := s.somebody(ctx)
	if err != nil {
		return sample{}, err
	}
	return sample{
		table: "oauth_consents", where: "user_id = (SELECT id FROM oauth_users WHERE username = $1)", id: who.name,
		made: []change{shaped("scopes"), flipped("scopes")},
		ask: func(ctx context.Context) (page, error) {
			return who.browse(ctx, s.server, http.MethodGet, who.authorizePath(), nil)
		},
		opens: func(p page) bool { return p.code() != "" },
	}, nil
}

// snapshotLife is how long a server works with the keys that it has read, and a little more.
const snapshotLife = 3200 * time.Millisecond

// signingKey is one that is published and does not sign yet. Servers go on with what they read before.
func (s *surgery) signingKey(ctx context.Context) (sample, error) {
	out, err := s.passport(ctx, "", "key", "generate", "-o", "json")
	var made struct {
		ID string `json:"kid"`
	}
	if err == nil {
		err = json.Unmarshal(out, &made)
	}
	asked := 0
	all := []change{bits("public_key"), bits("seal"), word("algorithm"), word("state")}
	one := all[rand.IntN(len(all))]
	return sample{
		table: "oauth_keys", where: "id = $1", id: made.ID, aside: true,
		made: []change{{column: one.column, values: func(old any, engine string) []any {
			values := one.values(old, engine)
			return values[:min(1, len(values))] // each takes its time
		}}},
		ask: func(ctx context.Context) (page, error) {
			if asked++; asked == 2 { // the row was changed
				time.Sleep(snapshotLife)
			}
			if status, err := probe(ctx, s.server.base()+"/oauth/jwks"); status != http.StatusOK {
				return page{status: status}, err
			}
			return s.form("/oauth/token", "grant_type", "client_credentials")(ctx)
		},
		opens: is200,
	}, err
}

// bits changes a digest, a salt, a seal or a key, any bit of which must be noticed.
func bits(column string) change {
	return change{column: column, values: func(old any, _ string) []any {
		b, _ := old.([]byte)
		return []any{flip(b), flip(b), b[:len(b)-1], []byte{}}
	}}
}

// flip returns bytes with another bit somewhere.
func flip(b []byte) []byte {
	changed := append([]byte{}, b...)
	changed[rand.IntN(len(changed))] ^= 1 << rand.IntN(8)
	return changed
}

// shaped gives a list another shape; SQLite also takes what is no JSON.
func shaped(column string) change { return jsonChange(column, `{"a":1}`, `[1,2]`, `[["a"]]`) }

// object does the same to an object.
func object(column string) change { return jsonChange(column, `["a"]`) }

func jsonChange(column string, shapes ...string) change {
	return change{column: column, values: func(_ any, engine string) []any {
		all := []any{`"x"`, `7`}
		for _, s := range shapes {
			all = append(all, s)
		}
		if engine == "sqlite" {
			all = append(all, `[`, "\xff\x01", strings.Repeat("[", 20_000))
		}
		return all
	}}
}

// flipped changes a bit of a text. Where that makes it no JSON, PostgreSQL refuses it.
func flipped(column string) change {
	return change{column: column, values: func(old any, _ string) []any {
		text := textOf(old)
		if text == "" {
			return nil
		}
		return []any{string(flip([]byte(text))), string(flip([]byte(text))), string(flip([]byte(text)))}
	}}
}

func lax(c change) change {
	c.lax = true
	return c
}

func textOf(v any) string {
	switch t := v.(type) {
	case string:
		return t
	case []byte:
		return string(t)
	}
	return ""
}

// word is one that nobody knows.
func word(column string) change {
	return change{column: column, values: func(any, string) []any { return []any{"martian", "\u202e"} }}
}

func number(column string) change {
	return change{column: column, values: func(any, string) []any { return []any{int64(-1), int64(1) << 40} }}
}

// late is a time that is none. PostgreSQL knows better.
func late(column string) change {
	return change{column: column, values: func(_ any, engine string) []any {
		if engine != "sqlite" {
			return nil
		}
		return []any{"yesterday", int64(7), []byte{0xff}}
	}}
}
