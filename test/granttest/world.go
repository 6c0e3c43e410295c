package granttest

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// The scopes that the server knows. The client of a world is registered for the first two.
const (
	Read  = "read"
	Write = "write"
	Admin = "admin"
)

// World is what a grant is made in.
type World struct {
	Clock   *Clock
	Storage ports.Storage  // what the pipeline stores in, and a grant reads from if it reads from storage
	Peppers secret.Peppers // of the handles in it
	Random  ports.Random
	Client  client.Client // asks for tokens. It is registered when the subject has been made: change it there
	Person  user.User     // has an account

	t tb
}

// Must fails the case where something went wrong that the case is not about.
func (w *World) Must(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: got error %v; want success", what, err)
	}
}

// Text returns a text that nobody has seen before.
func (w *World) Text() string { return hex.EncodeToString(w.Random.Bytes(16)) }

func newWorld(t tb, open Open) *World {
	clock := &Clock{at: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	w := &World{Clock: clock, Storage: open(clock), Random: source{}, t: t}
	w.Peppers = secret.Peppers{secret.NewPepper(w.Random.Bytes(32))}
	w.Client = client.Client{
		ID: client.ID(w.Random.UUID()), Name: "Shop", Auth: client.Post, Scopes: scope.Of(Read, Write),
		RedirectURIs: []string{"https://shop.example/callback"}, CreatedAt: clock.Now(), UpdatedAt: clock.Now(),
	}
	w.Person = user.User{ID: user.ID(w.Random.UUID()), Username: "ada@example.test", Name: "Ada", CreatedAt: clock.Now(), UpdatedAt: clock.Now()}
	w.Must("add the person", w.Storage.UserBook.AddUser(t.Context(), w.Person))
	return w
}

// Clock stands still until a case moves it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now implements ports.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// source is the operating system's randomness.
type source struct{}

func (source) Bytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the program ends instead
	return b
}

func (s source) UUID() string { return string(grant.IDOf([16]byte(s.Bytes(16)))) }
