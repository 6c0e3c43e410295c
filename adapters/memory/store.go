// Package memory is the reference storage: plain maps under one mutex.
//
// It keeps every promise of the storage ports in the most obvious way, so that it can be read beside them. Use-cases are tested
// against it; a server that may forget everything can run on it.
package memory

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Store keeps everything in this process. What goes in and what comes out are copies.
type Store struct {
	clock ports.Clock
	mu    sync.Mutex

	clients   map[client.ID]client.Client
	users     map[user.ID]user.User
	signedOut map[user.ID]time.Time // sign-ins from before have ended
	sessions  map[session.ID]session.Session
	requests  map[secret.Digest]grant.Request
	consents  map[consentKey]grant.Consent
	codes     map[secret.Digest]grant.Code
	devices   map[secret.Digest]device
	families  map[grant.ID]grant.Family
	stillborn map[grant.ID]time.Time // families that were ended before they were born, and until when that is remembered
	spent     map[spentKey]spending
	access    map[token.ID]token.Access
	personal  map[string]client.ID // by provider
	attempts  map[string]window
	keys      map[key.ID]key.Key
	appKeys   map[secret.Version]key.Check
	journal   []audit.Entry
}

// New makes an empty store. Its clock measures grace windows: it is the storage's own.
func New(clock ports.Clock) *Store {
	return &Store{
		clock:     clock,
		clients:   map[client.ID]client.Client{},
		users:     map[user.ID]user.User{},
		signedOut: map[user.ID]time.Time{},
		sessions:  map[session.ID]session.Session{},
		requests:  map[secret.Digest]grant.Request{},
		consents:  map[consentKey]grant.Consent{},
		codes:     map[secret.Digest]grant.Code{},
		families:  map[grant.ID]grant.Family{},
		devices:   map[secret.Digest]device{},
		stillborn: map[grant.ID]time.Time{},
		spent:     map[spentKey]spending{},
		access:    map[token.ID]token.Access{},
		personal:  map[string]client.ID{},
		attempts:  map[string]window{},
		keys:      map[key.ID]key.Key{},
		appKeys:   map[secret.Version]key.Check{},
	}
}

// Ports gives every storage port by this one store.
func Ports(s *Store) ports.Storage {
	return ports.Storage{
		Ledger: s, CodeFinder: s, RefreshFinder: s, AccessBook: s, DeviceBook: s, TokenLister: s,
		RequestBook: s, ApprovalBook: s, ConsentBook: s,
		ClientFinder: s, ClientBook: s, OriginLister: s, OwnerLister: s, PersonalClients: s, UserFinder: s, UserBook: s,
		SessionBook: s, AttemptBook: s, KeyBook: s, AppKeyBook: s,
		Journal: s, Purger: s, Migrator: s, Health: s,
	}
}

// errSame ends a change that found everything as it should be: the caller hears success, and no entry is stored.
var errSame = errors.New("nothing to change")

// change runs do alone in the store and then stores the entries. do checks everything before it changes anything, so that a
// change that fails leaves nothing behind. A caller who has left changes nothing, as with a database.
func (s *Store) change(ctx context.Context, entries []audit.Entry, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := do(); errors.Is(err, errSame) {
		return nil
	} else if err != nil {
		return err
	}
	s.note(entries)
	return nil
}

// look runs a reading function alone in the store.
func look[T any](ctx context.Context, s *Store, read func() (T, error)) (T, error) {
	if err := ctx.Err(); err != nil {
		var none T
		return none, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return read()
}
