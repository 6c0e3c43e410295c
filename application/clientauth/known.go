package clientauth

import (
	"context"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
)

// Known is a client that proved who it is, by its record as it was read a few seconds ago at most.
type Known struct {
	client.Client
	remembered bool
}

// Remembered reports whether the record was not read for this request. What is refused because of it must be decided again: see Again.
func (k Known) Remembered() bool { return k.remembered }

type finder func(ctx context.Context, clientID string) (c client.Client, remembered bool, err error)

// Recognize is Authenticate for requests that come often: it reads the record only where it does not remember it, or where the client
// would be refused by it.
func (s *Service) Recognize(ctx context.Context, p Presented) (Known, error) {
	return s.authenticate(ctx, p, s.clients.Find)
}

// Again reads the record of a client that was recognized, and reports whether it is another one by now; the client has proved itself by
// that one too. It costs no more than Recognize saved.
func (s *Service) Again(ctx context.Context, k Known, p Presented) (Known, bool, error) {
	c, err := s.clients.Read(ctx, string(k.ID))
	if err != nil || same(c, k.Client) {
		return Known{Client: k.Client}, false, err
	}
	found := func(context.Context, string) (client.Client, bool, error) { return c, false, nil }
	k, err = s.authenticate(ctx, p, found)
	return k, true, err
}

// proveAgain reads the record anew, and decides by that where it is another one.
func (s *Service) proveAgain(ctx context.Context, m Method, old client.Client, p Presented, reason fault.Reason) (client.Client, fault.Reason, error) {
	c, err := s.clients.Read(ctx, string(old.ID))
	if err != nil || same(c, old) {
		return old, reason, err
	}
	reason, err = s.prove(ctx, m, c, p)
	return c, reason, err
}

// same reports whether two records are one version.
func same(a, b client.Client) bool { return a.ID == b.ID && a.UpdatedAt.Equal(b.UpdatedAt) }
