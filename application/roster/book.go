package roster

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

// Book is a ports.ClientBook that makes Clients forget what it changes. It forgets whatever came of it: a change whose answer was lost
// may have been made.
type Book struct {
	ports.ClientBook
	clients *Clients
}

// NewBook makes a Book.
func NewBook(b ports.ClientBook, k *Clients) Book { return Book{b, k} }

// UpdateClient implements ports.ClientBook.
func (b Book) UpdateClient(ctx context.Context, c client.Client, was time.Time, entries ...audit.Entry) error {
	defer b.clients.forget(c.ID)
	return b.ClientBook.UpdateClient(ctx, c, was, entries...)
}

// DeleteClient implements ports.ClientBook.
func (b Book) DeleteClient(ctx context.Context, id client.ID, at time.Time, entries ...audit.Entry) error {
	defer b.clients.forget(id)
	return b.ClientBook.DeleteClient(ctx, id, at, entries...)
}
