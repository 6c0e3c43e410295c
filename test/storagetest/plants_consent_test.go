package storagetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// sees makes a plant that gives access tokens back otherwise than they are.
func sees(see func(a token.Access) token.Access) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		s.AccessBook = findAccessBy{s.AccessBook, see}
		return s
	}
}

// remembersTokens tells do what was committed.
func remembersTokens(do func(s *ports.Storage, committed func() []token.Access)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		var all []token.Access
		s = commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, i.Access)
			return s.Ledger.Commit(ctx, i)
		})(s)
		do(&s, func() []token.Access {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(all)
		})
		return s
	}
}

var accessPlants = []plant{
	{"looks at a token's own end only", []string{
		"Access/a token dies with its family",
		"Access/a token dies with its client",
		"Access/a client's own tokens die when they are older than it accepts",
		"Access/a token whose client is not there is dead",
		"Ledger/an ended family's tokens are dead and it admits no commit",
	}, sees(func(a token.Access) token.Access {
		a.RevokedAt = time.Time{}
		return a
	}), nil},
	{"looks at an opaque token's own end only", []string{
		"Access/a token dies with its family",
	}, func(s ports.Storage) ports.Storage {
		inner := s.AccessBook
		s.AccessBook = findOpaqueBy{inner, func(ctx context.Context, d []secret.Digest) (token.Access, error) {
			a, err := inner.FindOpaque(ctx, d)
			a.RevokedAt = time.Time{}
			return a, err
		}}
		return s
	}, nil},
	{"finds something by no digest", []string{
		"Access/no digest finds no token",
	}, remembersTokens(func(s *ports.Storage, committed func() []token.Access) {
		inner := s.AccessBook
		s.AccessBook = findOpaqueBy{inner, func(ctx context.Context, d []secret.Digest) (token.Access, error) {
			for _, a := range committed() {
				if slices.Contains(d, a.Digest) {
					return a, nil
				}
			}
			return inner.FindOpaque(ctx, d)
		}}
	}), nil},
	{"looks an opaque token up under the first digest only", []string{
		"Access/an opaque token is found under any of its digests",
	}, func(s ports.Storage) ports.Storage {
		inner := s.AccessBook
		s.AccessBook = findOpaqueBy{inner, func(ctx context.Context, d []secret.Digest) (token.Access, error) {
			return inner.FindOpaque(ctx, d[:min(1, len(d))])
		}}
		return s
	}, nil},
	{"ends the family with one token", []string{
		"Access/a revoked access token ends alone",
	}, func(s ports.Storage) ports.Storage {
		inner := s
		s.AccessBook = revokeAccessBy{s.AccessBook, func(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error {
			a, err := inner.AccessBook.FindAccess(ctx, id)
			if err != nil {
				return err
			}
			_ = inner.Ledger.RevokeGrant(ctx, grant.Revocation{Family: a.Family, At: at})
			return inner.AccessBook.RevokeAccess(ctx, id, at, e...)
		}}
		return s
	}, nil},
	{"moves the end of a token that has ended", []string{
		"Access/an access token revoked again keeps its end",
	}, func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		ends := map[token.ID]time.Time{}
		inner := s.AccessBook
		s.AccessBook = revokeAccessBy{inner, func(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			ends[id] = at
			return inner.RevokeAccess(ctx, id, at, e...)
		}}
		return sees(func(a token.Access) token.Access {
			mu.Lock()
			defer mu.Unlock()
			if at, ok := ends[a.ID]; ok {
				a.RevokedAt = at
			}
			return a
		})(s)
	}, nil},
	{"ends a token that is not there", []string{
		"Access/an unknown access token is not found",
	}, func(s ports.Storage) ports.Storage {
		inner := s.AccessBook
		s.AccessBook = revokeAccessBy{inner, func(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error {
			_ = inner.RevokeAccess(ctx, id, at, e...)
			return nil
		}}
		return s
	}, nil},
	{"cuts names", []string{
		"Access/everything of an access token comes back as it was",
	}, changed(func(i *token.Issuance) { i.Access.Name = i.Access.Name[:min(1, len(i.Access.Name))] }), nil},
	{"gives times back in local time", []string{
		"Access/times of an access token come back in UTC and whole microseconds",
		"Access/everything of an access token comes back as it was",
	}, sees(func(a token.Access) token.Access {
		zone := time.FixedZone("here", 3600)
		a.AuthTime, a.IssuedAt, a.ExpiresAt = a.AuthTime.In(zone), a.IssuedAt.In(zone), a.ExpiresAt.In(zone)
		return a
	}), nil},
}

// approves makes a plant whose Approve goes wrong.
func approves(do func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.ApprovalBook = approveBy{s.ApprovalBook, func(ctx context.Context, a grant.Approval, e ...audit.Entry) error {
			return do(ctx, inner, a, e...)
		}}
		return s
	}
}

// forgives makes a plant that hears success where Approve was refused.
func forgives(refusal error) func(ports.Storage) ports.Storage {
	return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if errors.Is(err, refusal) {
			return nil
		}
		return err
	})
}

// ownConsents makes a plant that keeps consents by itself: merge sees what was remembered and what is added.
func ownConsents(merge func(old, added grant.Consent) grant.Consent, between func()) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		kept := map[string]grant.Consent{}
		find := func(u user.ID, c client.ID) (grant.Consent, bool) {
			mu.Lock()
			defer mu.Unlock()
			found, ok := kept[string(u)+" "+string(c)]
			return found, ok
		}
		inner := s.ConsentBook
		s.ConsentBook = findConsentBy{inner, func(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
			if found, ok := find(u, c); ok {
				return found, nil
			}
			return inner.FindConsent(ctx, u, c)
		}}
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			old, _ := find(a.Consent.User, a.Consent.Client)
			between()
			if err := s.ApprovalBook.Approve(ctx, a, e...); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			kept[string(a.Consent.User)+" "+string(a.Consent.Client)] = merge(old, a.Consent)
			return nil
		})(s)
	}
}

var approvalPlants = []plant{
	{"approves without spending the request", []string{
		"Approvals/an approval stores its family, its code and its consent and spends its request",
		"Approvals/of many concurrent approvals of one request one wins and the others leave nothing",
		"Approvals/a decided request is spent and its second approval leaves nothing",
		"Approvals/a request that is not there is not decided",
		"Approvals/of an approval and a refusal at once one wins",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		a.Request = secret.Digest{}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"decides by reading first and writing after", []string{
		"Approvals/of many concurrent approvals of one request one wins and the others leave nothing",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if r, err := s.RequestBook.FindRequest(ctx, []secret.Digest{a.Request}); err != nil || !r.DecidedAt.IsZero() {
			return s.ApprovalBook.Approve(ctx, a, e...)
		}
		roundTrip()
		_ = s.ApprovalBook.CloseRequest(ctx, a.Request, a.Family.CreatedAt)
		a.Request = secret.Digest{}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"leaves family and code of a refused approval behind", []string{
		"Approvals/of many concurrent approvals of one request one wins and the others leave nothing",
		"Approvals/a decided request is spent and its second approval leaves nothing",
		"Approvals/a refusal spends its request and gives nothing",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if errors.Is(err, ports.ErrSpent) {
			a.Request = secret.Digest{}
			_ = s.ApprovalBook.Approve(ctx, a)
		}
		return err
	}), nil},
	{"refuses without spending the request", []string{
		"Approvals/of an approval and a refusal at once one wins",
		"Approvals/a refusal spends its request and gives nothing",
	}, func(s ports.Storage) ports.Storage {
		s.ApprovalBook = closeBy{s.ApprovalBook, func(context.Context, secret.Digest, time.Time, ...audit.Entry) error { return nil }}
		return s
	}, nil},
	{"spends the request of an approval that failed", []string{
		"Approvals/a client that is gone or disabled is approved nothing",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if errors.Is(err, ports.ErrRevoked) {
			_ = s.ApprovalBook.CloseRequest(ctx, a.Request, a.Family.CreatedAt)
		}
		return err
	}), nil},
	{"approves for whom it should not", []string{
		"Approvals/a client that is gone or disabled is approved nothing",
		"Approvals/a disabled person approves nothing",
	}, forgives(ports.ErrRevoked), nil},
	{"knows only its own people", []string{
		"Approvals/a person of another directory may approve",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if _, err := s.UserFinder.FindUser(ctx, user.ID(a.Family.Subject.ID)); err != nil {
			return ports.ErrRevoked
		}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"lets any number of codes wait", []string{
		"Approvals/when too many codes wait the oldest give way",
		"Approvals/codes give way also under concurrency",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		a.MaxCodes = 1000
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"counts families instead of codes that wait", []string{
		"Approvals/codes of others and redeemed ones do not count",
	}, func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		families := map[subject.Subject][]grant.ID{}
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			who := a.Family.Subject
			families[who] = append(families[who], a.Family.ID)
			for len(families[who]) > a.MaxCodes {
				_ = s.Ledger.RevokeGrant(ctx, grant.Revocation{Family: families[who][0], At: a.Family.CreatedAt})
				families[who] = families[who][1:]
			}
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
	}, nil},
	{"replaces a consent instead of adding to it", []string{
		"Approvals/consent adds to the scopes that are remembered",
	}, ownConsents(func(_, added grant.Consent) grant.Consent { return added }, func() {}), nil},
	{"adds to a consent by reading first and writing after", []string{
		"Approvals/concurrent consents are all remembered",
	}, ownConsents(func(old, added grant.Consent) grant.Consent {
		added.Scopes = old.Scopes.Union(added.Scopes)
		return added
	}, roundTrip), nil},
	{"remembers a consent that nobody gave", []string{
		"Approvals/an approval without a person's consent remembers none",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if a.Consent.User == "" {
			a.Consent = grant.Consent{User: user.ID(a.Family.Subject.ID), Client: a.Family.Client}
		}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"forgets the consent of an approval", []string{
		"Approvals/an approval stores its family, its code and its consent and spends its request",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		a.Consent = grant.Consent{}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"looks a code up under the first digest only", []string{
		"Approvals/a code is found under any of its digests",
	}, func(s ports.Storage) ports.Storage {
		inner := s.CodeFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			return inner.FindCode(ctx, d[:min(1, len(d))])
		})
		return s
	}, nil},
	{"finds a code where none was stored", []string{
		"Approvals/an approval without a code stores none",
	}, func(s ports.Storage) ports.Storage {
		inner := s.CodeFinder
		s.CodeFinder = findCodeBy(func(ctx context.Context, d []secret.Digest) (grant.Code, error) {
			if slices.Contains(d, secret.Digest{}) {
				return grant.Code{}, nil
			}
			return inner.FindCode(ctx, d)
		})
		return s
	}, nil},
}

var requestPlants = []plant{
	{"loses the state of a request", []string{
		"Requests/everything of a request comes back as it was",
	}, opens(func(r *grant.Request, _ *int) { r.State = "" }), nil},
	{"loses the device of a request", []string{
		"Requests/everything of a request comes back as it was",
	}, opens(func(r *grant.Request, _ *int) { r.Device = secret.Digest{} }), nil},
	{"loses the address that a request comes from", []string{
		"Requests/everything of a request comes back as it was",
	}, opens(func(r *grant.Request, _ *int) { r.Source = "" }), nil},
	{"demands a client of every request", []string{
		"Requests/a plain sign-in without a client is a request too",
	}, func(s ports.Storage) ports.Storage {
		inner := s.RequestBook
		s.RequestBook = openRequestBy{inner, func(ctx context.Context, r grant.Request, keep int) error {
			if r.Client == "" {
				return ports.ErrNotFound
			}
			return inner.OpenRequest(ctx, r, keep)
		}}
		return s
	}, nil},
	{"looks a request up under the first digest only", []string{
		"Requests/a request is found under any of its digests",
	}, func(s ports.Storage) ports.Storage {
		inner := s.RequestBook
		s.RequestBook = findRequestBy{inner, func(ctx context.Context, d []secret.Digest) (grant.Request, error) {
			return inner.FindRequest(ctx, d[:min(1, len(d))])
		}}
		return s
	}, nil},
	{"keeps every request", []string{
		"Requests/of the undecided requests of a session the newest stay",
		"Requests/requests of a session stay within bounds when many are opened at once",
	}, opens(func(_ *grant.Request, keep *int) { *keep = 1000 }), nil},
	{"counts the requests of all sessions together", []string{
		"Requests/decided requests and those of other sessions give no way",
	}, opens(func(r *grant.Request, _ *int) { r.Session = session.ID(grant.IDOf([16]byte{})) }), nil},
	{"changes what a decided request has shown", []string{
		"Requests/the account that a page shows is remembered until the decision",
	}, func(s ports.Storage) ports.Storage {
		inner := s.RequestBook
		s.RequestBook = showRequestBy{inner, func(ctx context.Context, d secret.Digest, to user.ID) error {
			if err := inner.ShowRequest(ctx, d, to); !errors.Is(err, ports.ErrSpent) {
				return err
			}
			return nil
		}}
		return s
	}, nil},
}

// opens makes a plant that opens another request than it was given.
func opens(change func(r *grant.Request, keep *int)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.RequestBook
		s.RequestBook = openRequestBy{inner, func(ctx context.Context, r grant.Request, keep int) error {
			change(&r, &keep)
			return inner.OpenRequest(ctx, r, keep)
		}}
		return s
	}
}

// withdraws makes a plant whose WithdrawConsent goes wrong.
func withdraws(do func(ctx context.Context, s ports.Storage, u user.ID, c client.ID, at time.Time) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.ConsentBook = withdrawBy{s.ConsentBook, func(ctx context.Context, u user.ID, c client.ID, at time.Time, _ ...audit.Entry) error {
			return do(ctx, inner, u, c, at)
		}}
		return s
	}
}

// hides makes a plant that hides a withdrawn consent instead of forgetting it, until the next one is given.
func hides(end func(ctx context.Context, s ports.Storage, u user.ID, at time.Time)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		hidden := newRegister[user.ID]()
		s = withdraws(func(ctx context.Context, s ports.Storage, u user.ID, _ client.ID, at time.Time) error {
			hidden.add(u, 1)
			end(ctx, s, u, at)
			return nil
		})(s)
		inner := s.ConsentBook
		s.ConsentBook = findConsentBy{inner, func(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
			if hidden.add(u, 0) > 0 {
				return grant.Consent{}, ports.ErrNotFound
			}
			return inner.FindConsent(ctx, u, c)
		}}
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			hidden.add(a.Consent.User, -hidden.add(a.Consent.User, 0))
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
	}
}

var consentPlants = []plant{
	{"finds an empty consent where there is none", []string{
		"Consents/where nothing was allowed nothing is found",
	}, func(s ports.Storage) ports.Storage {
		inner := s.ConsentBook
		s.ConsentBook = findConsentBy{inner, func(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
			found, err := inner.FindConsent(ctx, u, c)
			if errors.Is(err, ports.ErrNotFound) {
				err = nil
			}
			return found, err
		}}
		return s
	}, nil},
	{"lists consents in the order of its own", []string{
		"Consents/a person's consents are listed in the order of the clients",
	}, func(s ports.Storage) ports.Storage {
		inner := s.ConsentBook
		s.ConsentBook = consentsBy{inner, func(ctx context.Context, u user.ID) ([]grant.Consent, error) {
			all, err := inner.Consents(ctx, u)
			slices.Reverse(all)
			return all, err
		}}
		return s
	}, nil},
	{"forgets a withdrawn consent and leaves its families", []string{
		"Consents/a withdrawn consent is forgotten and its families have ended",
		"Consents/withdrawing while a ratchet turns leaves nothing alive",
	}, hides(func(context.Context, ports.Storage, user.ID, time.Time) {}), nil},
	{"ends all that the person allowed", []string{
		"Consents/withdrawing touches no other person and no other client",
	}, withdraws(func(ctx context.Context, s ports.Storage, u user.ID, c client.ID, at time.Time) error {
		_ = s.Ledger.RevokeSubject(ctx, subject.OfUser(string(u)), at)
		return s.ConsentBook.WithdrawConsent(ctx, u, c, at)
	}), nil},
	{"brings withdrawn scopes back with the next consent", []string{
		"Consents/a consent given after a withdrawal starts afresh",
	}, hides(func(ctx context.Context, s ports.Storage, u user.ID, at time.Time) {
		_ = s.Ledger.RevokeSubject(ctx, subject.OfUser(string(u)), at)
	}), nil},
	{"loses the scopes of a consent", []string{
		"Approvals/consent adds to the scopes that are remembered",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		a.Consent.Scopes = scope.Set{}
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
}
