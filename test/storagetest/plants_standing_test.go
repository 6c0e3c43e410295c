package storagetest

import (
	"context"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// standingPlants tell beside a grant what the directory does not.
var standingPlants = []plant{
	{"tells of a disabled person that they are there", []string{
		"Approvals/who is told of beside a code is as the directory has them",
		"Approvals/who is told of beside a refresh token is as the directory has them",
	}, tellsOwners(func(o *grant.Owner) { o.Enabled = o.Enabled || o.Provider != "" }), nil},
	{"tells of people of every provider that they are of the default one", []string{
		"Approvals/who is told of beside a code is as the directory has them",
		"Approvals/who is told of beside a refresh token is as the directory has them",
	}, tellsOwners(func(o *grant.Owner) { o.Provider = "" }), nil},
	{"tells of whoever is not there that they are", []string{
		"Approvals/who is told of beside a code is as the directory has them",
		"Approvals/who is told of beside a refresh token is as the directory has them",
	}, tellsOwners(func(o *grant.Owner) { o.Enabled = o.Enabled || o.Provider == "" }), nil},
}

func tellsOwners(otherwise func(o *grant.Owner)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		codes, ratchets := s.CodeFinder, s.RefreshFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			c, err := codes.FindCode(ctx, d)
			if err == nil {
				otherwise(c.Owner)
			}
			return c, err
		})
		s.RefreshFinder = findRatchetBy(func(ctx context.Context, id grant.ID) (token.Ratchet, error) {
			r, err := ratchets.FindRatchet(ctx, id)
			if err == nil {
				otherwise(r.Owner)
			}
			return r, err
		})
		return s
	}
}
