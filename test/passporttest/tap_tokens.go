package passporttest

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

type tappedLedger struct {
	next    ports.Ledger
	between Between
}

// Commit implements ports.Ledger.
func (t tappedLedger) Commit(ctx context.Context, i token.Issuance) error {
	return t.between(ctx, Call{"Ledger", "Commit"}, func() error { return t.next.Commit(ctx, i) })
}

// RevokeGrant implements ports.Ledger.
func (t tappedLedger) RevokeGrant(ctx context.Context, r grant.Revocation, entries ...audit.Entry) error {
	return t.between(ctx, Call{"Ledger", "RevokeGrant"}, func() error { return t.next.RevokeGrant(ctx, r, entries...) })
}

// RevokeSubject implements ports.Ledger.
func (t tappedLedger) RevokeSubject(ctx context.Context, s subject.Subject, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"Ledger", "RevokeSubject"}, func() error { return t.next.RevokeSubject(ctx, s, at, entries...) })
}

type tappedCodeFinder struct {
	next    ports.CodeFinder
	between Between
}

// FindCode implements ports.CodeFinder.
func (t tappedCodeFinder) FindCode(ctx context.Context, digests []secret.Digest) (grant.Code, error) {
	return asked(ctx, t.between, Call{"CodeFinder", "FindCode"}, func() (grant.Code, error) { return t.next.FindCode(ctx, digests) })
}

type tappedRefreshFinder struct {
	next    ports.RefreshFinder
	between Between
}

// FindRatchet implements ports.RefreshFinder.
func (t tappedRefreshFinder) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	return asked(ctx, t.between, Call{"RefreshFinder", "FindRatchet"}, func() (token.Ratchet, error) { return t.next.FindRatchet(ctx, id) })
}

type tappedAccessBook struct {
	next    ports.AccessBook
	between Between
}

// FindAccess implements ports.AccessBook.
func (t tappedAccessBook) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	return asked(ctx, t.between, Call{"AccessBook", "FindAccess"}, func() (token.Access, error) { return t.next.FindAccess(ctx, id) })
}

// FindOpaque implements ports.AccessBook.
func (t tappedAccessBook) FindOpaque(ctx context.Context, digests []secret.Digest) (token.Access, error) {
	return asked(ctx, t.between, Call{"AccessBook", "FindOpaque"}, func() (token.Access, error) { return t.next.FindOpaque(ctx, digests) })
}

// RevokeAccess implements ports.AccessBook.
func (t tappedAccessBook) RevokeAccess(ctx context.Context, id token.ID, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"AccessBook", "RevokeAccess"}, func() error { return t.next.RevokeAccess(ctx, id, at, entries...) })
}

// MarkUsed implements ports.AccessBook.
func (t tappedAccessBook) MarkUsed(ctx context.Context, seen map[token.ID]time.Time) error {
	return t.between(ctx, Call{"AccessBook", "MarkUsed"}, func() error { return t.next.MarkUsed(ctx, seen) })
}

type tappedDeviceBook struct {
	next    ports.DeviceBook
	between Between
}

// AddDevice implements ports.DeviceBook.
func (t tappedDeviceBook) AddDevice(ctx context.Context, d grant.Device) error {
	return t.between(ctx, Call{"DeviceBook", "AddDevice"}, func() error { return t.next.AddDevice(ctx, d) })
}

// FindUserCode implements ports.DeviceBook.
func (t tappedDeviceBook) FindUserCode(ctx context.Context, digests []secret.Digest) (grant.Device, error) {
	return asked(ctx, t.between, Call{"DeviceBook", "FindUserCode"}, func() (grant.Device, error) { return t.next.FindUserCode(ctx, digests) })
}

// PollDevice implements ports.DeviceBook.
func (t tappedDeviceBook) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	return asked(ctx, t.between, Call{"DeviceBook", "PollDevice"}, func() (grant.Device, error) { return t.next.PollDevice(ctx, digests, by, at) })
}

// DenyDevice implements ports.DeviceBook.
func (t tappedDeviceBook) DenyDevice(ctx context.Context, request, device secret.Digest, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"DeviceBook", "DenyDevice"}, func() error { return t.next.DenyDevice(ctx, request, device, at, entries...) })
}

type tappedTokenLister struct {
	next    ports.TokenLister
	between Between
}

// PersonalTokens implements ports.TokenLister.
func (t tappedTokenLister) PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
	return asked(ctx, t.between, Call{"TokenLister", "PersonalTokens"}, func() ([]token.Access, error) { return t.next.PersonalTokens(ctx, u, at, limit) })
}

// Families implements ports.TokenLister.
func (t tappedTokenLister) Families(ctx context.Context, s subject.Subject, at time.Time, after grant.Family, limit int) ([]grant.Family, error) {
	return asked(ctx, t.between, Call{"TokenLister", "Families"}, func() ([]grant.Family, error) { return t.next.Families(ctx, s, at, after, limit) })
}

type tappedRequestBook struct {
	next    ports.RequestBook
	between Between
}

// OpenRequest implements ports.RequestBook.
func (t tappedRequestBook) OpenRequest(ctx context.Context, r grant.Request, keep int) error {
	return t.between(ctx, Call{"RequestBook", "OpenRequest"}, func() error { return t.next.OpenRequest(ctx, r, keep) })
}

// FindRequest implements ports.RequestBook.
func (t tappedRequestBook) FindRequest(ctx context.Context, digests []secret.Digest) (grant.Request, error) {
	return asked(ctx, t.between, Call{"RequestBook", "FindRequest"}, func() (grant.Request, error) { return t.next.FindRequest(ctx, digests) })
}

// ShowRequest implements ports.RequestBook.
func (t tappedRequestBook) ShowRequest(ctx context.Context, d secret.Digest, to user.ID) error {
	return t.between(ctx, Call{"RequestBook", "ShowRequest"}, func() error { return t.next.ShowRequest(ctx, d, to) })
}

type tappedApprovalBook struct {
	next    ports.ApprovalBook
	between Between
}

// Approve implements ports.ApprovalBook.
func (t tappedApprovalBook) Approve(ctx context.Context, a grant.Approval, entries ...audit.Entry) error {
	return t.between(ctx, Call{"ApprovalBook", "Approve"}, func() error { return t.next.Approve(ctx, a, entries...) })
}

// CloseRequest implements ports.ApprovalBook.
func (t tappedApprovalBook) CloseRequest(ctx context.Context, d secret.Digest, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"ApprovalBook", "CloseRequest"}, func() error { return t.next.CloseRequest(ctx, d, at, entries...) })
}

type tappedConsentBook struct {
	next    ports.ConsentBook
	between Between
}

// FindConsent implements ports.ConsentBook.
func (t tappedConsentBook) FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
	return asked(ctx, t.between, Call{"ConsentBook", "FindConsent"}, func() (grant.Consent, error) { return t.next.FindConsent(ctx, u, c) })
}

// Consents implements ports.ConsentBook.
func (t tappedConsentBook) Consents(ctx context.Context, u user.ID) ([]grant.Consent, error) {
	return asked(ctx, t.between, Call{"ConsentBook", "Consents"}, func() ([]grant.Consent, error) { return t.next.Consents(ctx, u) })
}

// WithdrawConsent implements ports.ConsentBook.
func (t tappedConsentBook) WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, entries ...audit.Entry) error {
	return t.between(ctx, Call{"ConsentBook", "WithdrawConsent"}, func() error { return t.next.WithdrawConsent(ctx, u, c, at, entries...) })
}
