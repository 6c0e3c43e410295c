package storagetest

import (
	"context"
	"errors"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// remembers makes a plant that looks for the consent that an approval relies on in a way of its own, and only then approves.
func remembers(look func(ctx context.Context, s ports.Storage, u user.ID, c client.ID, f grant.Family) bool) func(ports.Storage) ports.Storage {
	return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if a.Relies && !look(ctx, s, user.ID(a.Family.Subject.ID), a.Family.Client, a.Family) {
			return ports.ErrRevoked
		}
		a.Relies = false
		return s.ApprovalBook.Approve(ctx, a, e...)
	})
}

var reliancePlants = []plant{
	{"does not look at the consent that an approval relies on", []string{
		"Approvals/an approval that relies on a consent that nobody gave is refused",
		"Approvals/an approval that relies on a consent that does not cover it is refused",
		"Approvals/an approval that relies on a withdrawn consent is refused",
		"Approvals/the consent of another person or for another client covers nothing",
		"Approvals/withdrawing a consent while an approval relies on it leaves nothing alive",
	}, remembers(func(context.Context, ports.Storage, user.ID, client.ID, grant.Family) bool { return true }), nil},
	{"relies on a consent by reading first and writing after", []string{
		"Approvals/withdrawing a consent while an approval relies on it leaves nothing alive",
	}, remembers(func(ctx context.Context, s ports.Storage, u user.ID, c client.ID, f grant.Family) bool {
		found, err := s.ConsentBook.FindConsent(ctx, u, c)
		roundTrip()
		return err == nil && found.Covers(f.Scopes)
	}), nil},
	{"takes any consent for one that covers", []string{
		"Approvals/an approval that relies on a consent that does not cover it is refused",
		"Approvals/an approval that relies on a withdrawn consent is refused",
	}, remembers(func(ctx context.Context, s ports.Storage, u user.ID, c client.ID, _ grant.Family) bool {
		_, err := s.ConsentBook.FindConsent(ctx, u, c)
		return err == nil
	}), nil},
	{"takes the consent to one client for that to all", []string{
		"Approvals/the consent of another person or for another client covers nothing",
	}, remembers(func(ctx context.Context, s ports.Storage, u user.ID, _ client.ID, f grant.Family) bool {
		all, _ := s.ConsentBook.Consents(ctx, u)
		for _, c := range all {
			if c.Covers(f.Scopes) {
				return true
			}
		}
		return false
	}), nil},
	{"lets no approval rely on anything", []string{
		"Approvals/an approval may rely on a consent that covers it",
	}, remembers(func(context.Context, ports.Storage, user.ID, client.ID, grant.Family) bool { return false }), nil},
	{"takes what is relied on for given again", []string{
		"Approvals/an approval may rely on a consent that covers it",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if a.Relies {
			at := a.Family.ExpiresAt
			a.Consent = grant.Consent{User: user.ID(a.Family.Subject.ID), Client: a.Family.Client, Scopes: a.Family.Scopes, CreatedAt: at, UpdatedAt: at}
		}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"leaves behind what relied on a consent that is gone", []string{
		"Approvals/an approval that relies on a consent that nobody gave is refused",
		"Approvals/an approval that relies on a withdrawn consent is refused",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if a.Relies && errors.Is(err, ports.ErrRevoked) {
			a.Relies, a.Request = false, secret.Digest{}
			_ = s.ApprovalBook.Approve(ctx, a)
		}
		return err
	}), nil},
}
