package install

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// The grant types of the two clients.
const (
	Password = "password"
	Personal = "personal_access"
)

// Client is one of the clients that a run made or found.
type Client struct {
	Kind   string // Password or Personal
	Client client.Client
	Secret secret.Value // of one that this run made; the personal-access client has none
	Made   bool
}

func (s *Service) clientsOf(ctx context.Context, provider, app string) ([]Client, error) {
	p, err := s.password(ctx, provider, app)
	if err != nil {
		return nil, fmt.Errorf("make the password-grant client: %w", err)
	}
	a, err := s.standsForPersonal(ctx, provider, app)
	if err != nil {
		return []Client{p}, fmt.Errorf("make the personal-access client: %w", err)
	}
	return []Client{p, a}, nil
}

func (s *Service) password(ctx context.Context, provider, app string) (Client, error) {
	c := draft(Password, provider, app)
	c.Grants = []string{Password, token.RefreshType}
	have, shown, made, err := s.clients.Ensure(ctx, c, false)
	return Client{Password, have, shown, made}, err
}

// standsForPersonal keeps the client that stands for personal access tokens, as long as it is there.
func (s *Service) standsForPersonal(ctx context.Context, provider, app string) (Client, error) {
	id, err := s.personal.PersonalClient(ctx, provider)
	if err == nil {
		have, err := s.clients.Find(ctx, id)
		if !errors.Is(err, ports.ErrNotFound) {
			return Client{Kind: Personal, Client: have}, err
		}
	}
	if err != nil && !errors.Is(err, ports.ErrNotFound) {
		return Client{}, fmt.Errorf("find personal access client: %w", err)
	}
	c := draft(Personal, provider, app)
	c.Grants, c.Scopes = []string{Personal}, scope.Of(scope.All)
	have, _, made, err := s.clients.Ensure(ctx, c, true)
	if err != nil {
		return Client{}, err
	}
	return Client{Personal, have, secret.Value{}, made}, s.Stand(ctx, have)
}

// draft is a client whose ID is computed: of two runs at once one makes it and the other finds it.
func draft(kind, provider, app string) client.Client {
	names := map[string]string{Password: "password grant client", Personal: "personal access client"}
	return client.Client{
		ID: idOf(kind, provider), Name: strings.Join(strings.Fields(app+" "+provider+" "+names[kind]), " "), Provider: provider,
		Auth: client.Basic, EveryScope: true, FirstParty: true,
	}
}

func idOf(kind, provider string) client.ID {
	sum := sha256.Sum256([]byte("passport install\x00" + kind + "\x00" + provider))
	b := [16]byte(sum[:16])
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // RFC 9562, 5.8
	return client.ID(grant.IDOf(b))
}
