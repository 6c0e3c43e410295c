// Package acceptance walks through what Laravel Passport's own tests assert, line by line: each is a subtest named by its number,
// or it is said what this server does instead, and why. See table.md.
package acceptance

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// house is a server with those who use it.
type house struct {
	*passporttest.Server
	on      passporttest.Option
	heard   *ear
	web     party // a confidential app for people
	spa     party // a public one
	machine party // a client that speaks for itself
	api     party // serves the resource that tokens are for where nobody says otherwise
	alice   user.User
}

// party is a registered client and its secret.
type party struct {
	client.Client
	secret string
}

const (
	webCallback = "https://app.example/cb"
	spaCallback = "https://spa.example/cb"
	verifier    = "a-verifier-would-be-random--this-one-is-known"
)

var challenge = challengeOf(verifier)

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func open(t *testing.T, opts ...passporttest.Option) *house {
	t.Helper()
	h := &house{heard: &ear{}}
	h.Server = passporttest.New(t, append([]passporttest.Option{passporttest.WithListener(h.heard)}, opts...)...)
	forPeople := []string{"authorization_code", "refresh_token"}
	h.web = h.register(t, client.Client{Name: "Acme Web", Grants: forPeople, RedirectURIs: []string{webCallback}})
	h.spa = h.register(t, client.Client{Name: "Acme Page", Auth: client.None, Grants: forPeople, RedirectURIs: []string{spaCallback}})
	h.machine = h.register(t, client.Client{Name: "Acme Robot", Grants: []string{"client_credentials"}})
	h.api = h.register(t, client.Client{Name: "Acme API", Grants: []string{"client_credentials"}, Serves: []string{h.URL}})
	h.alice = h.User(t, "alice")
	return h
}

func (h *house) register(t testing.TB, c client.Client) party {
	t.Helper()
	c, v := h.Server.Client(t, c)
	return party{c, v}
}

// rule is a line of the inventory, or several, and what tries it.
type rule struct {
	name  string
	holds func(t *testing.T, h *house)
}

// onEach tries rules in one house on each storage.
func onEach(t *testing.T, rules []rule, opts ...passporttest.Option) {
	t.Helper()
	t.Parallel()
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		h := open(t, append([]passporttest.Option{on}, opts...)...)
		h.on = on
		h.try(t, rules)
	})
}

// inMemory tries rules that touch no storage in a way that storages differ in.
func inMemory(t *testing.T, rules []rule, opts ...passporttest.Option) {
	t.Helper()
	t.Parallel()
	open(t, opts...).try(t, rules)
}

// try lets some minutes pass between rules, so that no limit counts them together.
func (h *house) try(t *testing.T, rules []rule) {
	for _, r := range rules {
		h.Clock.Advance(5 * time.Minute)
		t.Run(r.name, func(t *testing.T) { r.holds(t, h) })
	}
}

// ear hears what was committed.
type ear struct {
	mu  sync.Mutex
	all []audit.Entry
}

// Heard implements ports.Listener.
func (e *ear) Heard(_ context.Context, entry audit.Entry) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, entry)
}

// since returns a function that tells what was heard of a kind from now on.
func (e *ear) since(kind audit.Kind) func() []audit.Entry {
	e.mu.Lock()
	defer e.mu.Unlock()
	from := len(e.all)
	return func() []audit.Entry {
		e.mu.Lock()
		defer e.mu.Unlock()
		var of []audit.Entry
		for _, entry := range e.all[from:] {
			if entry.Kind == kind {
				of = append(of, entry)
			}
		}
		return of
	}
}

// noted checks that the newest entries of the journal tell of something for a reason.
func (h *house) noted(t testing.TB, kind audit.Kind, by client.ID, reason string) {
	t.Helper()
	entries, err := h.Storage.Journal.Entries(t.Context(), 5)
	if err != nil {
		t.Fatalf("read journal: %v", err)
	}
	for _, e := range entries {
		if e.Kind == kind && e.Client == by && (reason == "" || e.Reason == reason) {
			return
		}
	}
	t.Errorf("got journal %+v; want %s of %s because of %q", entries, kind, by, reason)
}

// form makes a form of pairs of name and value; an empty value takes the parameter out.
func form(pairs ...string) url.Values { return changed(url.Values{}, pairs) }

func changed(f url.Values, pairs []string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			f.Del(pairs[i])
		}
	}
	return f
}

// contains checks that a text holds others.
func contains(t testing.TB, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(text, w) {
			t.Errorf("got %q; want %q in it", text, w)
		}
	}
}
