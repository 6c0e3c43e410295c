package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// A refusal is an answer, not a lost one: whoever replays a credential costs no more than one try and one look for the reason.
func TestARefusedCommitIsTriedAndExplainedOnce(t *testing.T) {
	t.Parallel()
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			c, who := addClient(t, s), subject.OfUser("somebody")
			spent, expired, revoked := approve(t, s, c, who), approve(t, s, c, who), approve(t, s, c, who)
			opened := opening(c, who)
			commit(t, s, redemption(spent))
			commit(t, s, opened)
			if err := s.RevokeGrant(t.Context(), grant.Revocation{Family: revoked.Family.ID, At: now()}); err != nil {
				t.Fatalf("revoke: got error %v; want success", err)
			}
			tooLate := redemption(expired)
			tooLate.At = expired.Family.ExpiresAt
			tooLate.Spends.ExpiresAt = tooLate.At.Add(time.Hour)
			again := opening(c, who)
			again.Spends = opened.Spends

			n := s.Count()
			for what, tc := range map[string]struct {
				issuance token.Issuance
				want     error
				looks    int32
			}{
				"spent code":          {redemption(spent), ports.ErrSpent, 2},
				"expired family":      {tooLate, ports.ErrExpired, 2},
				"revoked family":      {redemption(revoked), ports.ErrRevoked, 2},
				"unknown family":      {redemption(approvalOf(c, who)), ports.ErrNotFound, 2},
				"spent refresh token": {step(spent.Family, 0, 0), ports.ErrSpent, 2},
				"spent credential":    {again, ports.ErrSpent, 3},
				"client that is gone": {opening(client.Client{ID: client.ID(newID())}, who), ports.ErrRevoked, 3},
			} {
				n.Commits.Store(0)
				n.Looks.Store(0)
				if err := s.Commit(t.Context(), tc.issuance); !errors.Is(err, tc.want) {
					t.Errorf("%s: got error %v; want %v", what, err, tc.want)
				}
				if commits, looks := n.Commits.Load(), n.Looks.Load(); commits != 1 || looks != tc.looks {
					t.Errorf("%s: got %d tries and %d looks for the reason; want 1 and %d", what, commits, looks, tc.looks)
				}
			}
		})
	}
}
