package sqlstore_test

import (
	"errors"
	"testing"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/ports"
)

// relying is an approval that rests on what the stage's person allowed before.
func (s stage) relying() grant.Approval {
	a := approvalOf(s.client, s.who)
	a.Consent, a.Relies = grant.Consent{}, true
	return a
}

func (s stage) withdraw(t *testing.T) func() error {
	return func() error { return s.WithdrawConsent(t.Context(), s.person.ID, s.client.ID, now()) }
}

// The withdrawal has forgotten the consent and is not committed: whoever only looks still finds it.
func TestAnApprovalThatReliesWaitsForAWithdrawal(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	given := approve(t, s.Store, s.client, s.who)
	release := s.holdFamily(t, given.Family.ID)
	over := s.begin(t, 1, s.withdraw(t))
	a := s.relying()
	approved := s.begin(t, 2, func() error { return s.Approve(t.Context(), a) })
	release()
	if err := <-over; err != nil {
		t.Fatalf("withdraw: got error %v; want success", err)
	}
	if err := <-approved; !errors.Is(err, ports.ErrRevoked) {
		t.Errorf("approve: got error %v; want %v", err, ports.ErrRevoked)
	}
	if _, err := s.FindRatchet(t.Context(), a.Family.ID); !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("find its family: got error %v; want %v", err, ports.ErrNotFound)
	}
}

// The approval has found the consent and is not committed: the withdrawal waits, and ends what rests on it.
func TestAWithdrawalWaitsForAnApprovalThatRelies(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	approve(t, s.Store, s.client, s.who)
	a := s.relying()
	release := s.holdCode(t, a.Code)
	approved := s.begin(t, 1, func() error { return s.Approve(t.Context(), a) })
	over := s.begin(t, 2, s.withdraw(t))
	release()
	if err := <-approved; err != nil {
		t.Fatalf("approve: got error %v; want success", err)
	}
	if err := <-over; err != nil {
		t.Fatalf("withdraw: got error %v; want success", err)
	}
	ended(t, s.Store, a.Family.ID)
	if err := s.Commit(t.Context(), redemption(a)); !errors.Is(err, ports.ErrRevoked) {
		t.Errorf("redeem afterwards: got error %v; want %v", err, ports.ErrRevoked)
	}
}
