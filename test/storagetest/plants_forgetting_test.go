package storagetest

import (
	"context"
	"sync"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// forgets makes a plant that is told of an approval otherwise than it is.
func forgets(change func(ctx context.Context, s ports.Storage, a *grant.Approval)) func(ports.Storage) ports.Storage {
	return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		change(ctx, s, &a)
		return s.ApprovalBook.Approve(ctx, a, e...)
	})
}

// forgetsAlone takes scopes out of a consent and does nothing else that a case would see.
func forgetsAlone(ctx context.Context, s ports.Storage, a grant.Approval, c client.ID) {
	a.Request, a.Device, a.Code, a.Consent, a.Relies = secret.Digest{}, secret.Digest{}, grant.Code{}, grant.Consent{}, false
	a.Family.ID, a.Family.Client = grant.ID(newUUID()), c
	_ = s.ApprovalBook.Approve(ctx, a)
}

// remembersForEver makes a plant whose approvals rely on whatever was allowed once.
func remembersForEver(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	ever := map[user.ID]scope.Set{}
	s = remembers(func(_ context.Context, _ ports.Storage, u user.ID, _ client.ID, f grant.Family) bool {
		mu.Lock()
		defer mu.Unlock()
		return f.Scopes.Within(ever[u])
	})(s)
	return forgets(func(_ context.Context, _ ports.Storage, a *grant.Approval) {
		mu.Lock()
		defer mu.Unlock()
		ever[a.Consent.User] = ever[a.Consent.User].Union(a.Consent.Scopes)
	})(s)
}

var forgettingPlants = []plant{
	{"forgets nothing", []string{
		"Approvals/refused scopes are forgotten",
		"Approvals/a scope that is allowed and refused at once is forgotten",
		"Approvals/refused scopes are forgotten where nothing is added",
		"Approvals/forgetting touches no other person and no other client",
		"Approvals/an approval that relies on a forgotten scope is refused",
		"Approvals/concurrent approvals that add and forget all count",
	}, forgets(func(_ context.Context, _ ports.Storage, a *grant.Approval) { a.Forgets = scope.Set{} }), nil},
	{"forgets first and adds then", []string{
		"Approvals/a scope that is allowed and refused at once is forgotten",
	}, forgets(func(_ context.Context, _ ports.Storage, a *grant.Approval) {
		a.Forgets = a.Forgets.Without(a.Consent.Scopes)
	}), nil},
	{"forgets only where it adds", []string{
		"Approvals/refused scopes are forgotten where nothing is added",
		"Approvals/refused scopes are forgotten",
	}, forgets(func(_ context.Context, _ ports.Storage, a *grant.Approval) {
		if a.Consent.Scopes.Empty() {
			a.Forgets = scope.Set{}
		}
	}), nil},
	{"forgets nothing of who is to be asked again anyway", []string{
		"Approvals/refused scopes are forgotten where nothing is added",
	}, forgets(func(_ context.Context, _ ports.Storage, a *grant.Approval) {
		if a.Consent.User == "" {
			a.Forgets = scope.Set{}
		}
	}), nil},
	{"remembers that nothing was forgotten", []string{
		"Approvals/where nothing is remembered nothing is forgotten",
	}, forgets(func(_ context.Context, _ ports.Storage, a *grant.Approval) {
		if a.Consent.User == "" && !a.Forgets.Empty() {
			a.Consent = grant.Consent{User: user.ID(a.Family.Subject.ID), Client: a.Family.Client}
		}
	}), nil},
	{"withdraws the whole consent for one scope", []string{
		"Approvals/refused scopes are forgotten where nothing is added",
		"Approvals/an approval that relies on a forgotten scope is refused",
	}, forgets(func(ctx context.Context, s ports.Storage, a *grant.Approval) {
		if !a.Forgets.Empty() {
			_ = s.ConsentBook.WithdrawConsent(ctx, user.ID(a.Family.Subject.ID), a.Family.Client, a.Family.CreatedAt)
		}
	}), nil},
	{"forgets for all clients what one was refused", []string{
		"Approvals/forgetting touches no other person and no other client",
	}, forgets(func(ctx context.Context, s ports.Storage, a *grant.Approval) {
		all, _ := s.ConsentBook.Consents(ctx, user.ID(a.Family.Subject.ID))
		for _, c := range all {
			forgetsAlone(ctx, s, *a, c.Client)
		}
	}), nil},
	{"forgets of all what one person refused", []string{
		"Approvals/forgetting touches no other person and no other client",
	}, forgets(func(ctx context.Context, s ports.Storage, a *grant.Approval) {
		other := *a
		other.Family.Subject = subject.OfUser("two")
		forgetsAlone(ctx, s, other, a.Family.Client)
	}), nil},
	{"forgets although it does not approve", []string{
		"Approvals/an approval that is refused forgets nothing",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if err != nil {
			forgetsAlone(ctx, s, a, a.Family.Client)
		}
		return err
	}), nil},
	{"lets an approval rely on whatever was allowed once", []string{
		"Approvals/an approval that relies on a forgotten scope is refused",
	}, remembersForEver, nil},
	{"adds and forgets by reading first and writing after", []string{
		"Approvals/concurrent approvals that add and forget all count",
	}, forgets(func(ctx context.Context, s ports.Storage, a *grant.Approval) {
		if before, err := s.ConsentBook.FindConsent(ctx, a.Consent.User, a.Consent.Client); err == nil {
			roundTrip()
			a.Consent.Scopes = before.Scopes.Union(a.Consent.Scopes)
		}
	}), nil},
}
