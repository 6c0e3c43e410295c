// Package roster remembers registered clients for a few seconds, so that not every request reads the record of its client.
//
// What is remembered may be out of date by as much as life, where another process changed it; what this process changes through a Book
// is forgotten at once. Whoever issues on a remembered record has the storage compare it (token.Issuance.ClientAsOf), and no refusal
// rests on one alone.
package roster

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

const (
	life = 3 * time.Second
	room = 1024 // records in a generation
)

// Clients remembers records. It holds two generations: when the younger is full or has lived for as long as a record may, it becomes
// the older one, and what was older is forgotten.
type Clients struct {
	finder ports.ClientFinder
	now    func() time.Time // how old a record is has nothing to do with the time of day

	mu         sync.Mutex
	young, old map[client.ID]record
	born       time.Time // the younger generation
	changes    uint64    // how often a record was forgotten because it changed
}

type record struct {
	client client.Client
	read   time.Time // when reading it began
}

// New makes an empty Clients.
func New(f ports.ClientFinder) *Clients { return &Clients{finder: f, now: time.Now} }

// Find returns the client that a client_id names, and whether from memory; the zero Client where it names none. Nobody may change what
// its slices hold: others have them too.
func (k *Clients) Find(ctx context.Context, clientID string) (c client.Client, remembered bool, err error) {
	if c, remembered = k.recall(client.ID(clientID)); remembered {
		return c, true, nil
	}
	c, err = k.Read(ctx, clientID)
	return c, false, err
}

// Read returns the client as the storage has it now, and remembers that.
func (k *Clients) Read(ctx context.Context, clientID string) (client.Client, error) {
	began, changes := k.now(), k.count()
	c, err := lookup.Client(ctx, k.finder, clientID)
	if err != nil {
		return client.Client{}, err
	}
	return k.keep(client.ID(clientID), c, began, changes), nil
}

func (k *Clients) recall(id client.ID) (client.Client, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, known := k.young[id]
	if !known {
		r, known = k.old[id]
	}
	return r.client, known && k.now().Sub(r.read) < life
}

func (k *Clients) count() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changes
}

// keep remembers what was read, unless something was changed while it was being read. Who does not exist is not remembered, nor a record
// whose version nobody could compare.
func (k *Clients) keep(id client.ID, c client.Client, began time.Time, changes uint64) client.Client {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c.UpdatedAt.IsZero() {
		k.drop(id)
		return c
	}
	if k.changes != changes {
		return c
	}
	if k.young == nil || len(k.young) >= room || began.Sub(k.born) >= life {
		k.young, k.old, k.born = make(map[client.ID]record), k.young, began
	}
	c = sealed(c)
	k.young[id] = record{c, began}
	return c
}

// forget is for a record that this process may have changed. What is being read meanwhile is not remembered.
func (k *Clients) forget(id client.ID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	k.drop(id)
}

func (k *Clients) drop(id client.ID) {
	delete(k.young, id)
	delete(k.old, id)
}

// sealed makes whoever appends to a list of the client's get one of their own.
func sealed(c client.Client) client.Client {
	c.Secrets, c.Grants, c.RedirectURIs = slices.Clip(c.Secrets), slices.Clip(c.Grants), slices.Clip(c.RedirectURIs)
	c.Audience, c.Serves, c.Origins = slices.Clip(c.Audience), slices.Clip(c.Serves), slices.Clip(c.Origins)
	return c
}
