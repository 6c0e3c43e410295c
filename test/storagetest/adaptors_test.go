package storagetest

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// The types of this file replace one verb of a port by a function and leave the others.

type commitBy struct {
	ports.Ledger
	do func(ctx context.Context, i token.Issuance) error
}

func (f commitBy) Commit(ctx context.Context, i token.Issuance) error { return f.do(ctx, i) }

type revokeBy struct {
	ports.Ledger
	do func(ctx context.Context, r grant.Revocation, e ...audit.Entry) error
}

func (f revokeBy) RevokeGrant(ctx context.Context, r grant.Revocation, e ...audit.Entry) error {
	return f.do(ctx, r, e...)
}

type revokeSubjectBy struct {
	ports.Ledger
	do func(ctx context.Context, s subject.Subject, at time.Time, e ...audit.Entry) error
}

func (f revokeSubjectBy) RevokeSubject(ctx context.Context, s subject.Subject, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, s, at, e...)
}

type findCodeBy func(ctx context.Context, d []secret.Digest) (grant.Code, error)

func (f findCodeBy) FindCode(ctx context.Context, d []secret.Digest) (grant.Code, error) {
	return f(ctx, d)
}

type findRatchetBy func(ctx context.Context, id grant.ID) (token.Ratchet, error)

func (f findRatchetBy) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	return f(ctx, id)
}

type findAccessBy struct {
	ports.AccessBook
	see func(a token.Access) token.Access
}

func (f findAccessBy) FindAccess(ctx context.Context, id token.ID) (token.Access, error) {
	a, err := f.AccessBook.FindAccess(ctx, id)
	return f.see(a), err
}

type findOpaqueBy struct {
	ports.AccessBook
	do func(ctx context.Context, d []secret.Digest) (token.Access, error)
}

func (f findOpaqueBy) FindOpaque(ctx context.Context, d []secret.Digest) (token.Access, error) {
	return f.do(ctx, d)
}

type revokeAccessBy struct {
	ports.AccessBook
	do func(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error
}

func (f revokeAccessBy) RevokeAccess(ctx context.Context, id token.ID, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, id, at, e...)
}

type approveBy struct {
	ports.ApprovalBook
	do func(ctx context.Context, a grant.Approval, e ...audit.Entry) error
}

func (f approveBy) Approve(ctx context.Context, a grant.Approval, e ...audit.Entry) error {
	return f.do(ctx, a, e...)
}

type closeBy struct {
	ports.ApprovalBook
	do func(ctx context.Context, d secret.Digest, at time.Time, e ...audit.Entry) error
}

func (f closeBy) CloseRequest(ctx context.Context, d secret.Digest, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, d, at, e...)
}

type openRequestBy struct {
	ports.RequestBook
	do func(ctx context.Context, r grant.Request, keep int) error
}

func (f openRequestBy) OpenRequest(ctx context.Context, r grant.Request, keep int) error {
	return f.do(ctx, r, keep)
}

type findRequestBy struct {
	ports.RequestBook
	do func(ctx context.Context, d []secret.Digest) (grant.Request, error)
}

func (f findRequestBy) FindRequest(ctx context.Context, d []secret.Digest) (grant.Request, error) {
	return f.do(ctx, d)
}

type showRequestBy struct {
	ports.RequestBook
	do func(ctx context.Context, d secret.Digest, to user.ID) error
}

func (f showRequestBy) ShowRequest(ctx context.Context, d secret.Digest, to user.ID) error {
	return f.do(ctx, d, to)
}

type findConsentBy struct {
	ports.ConsentBook
	do func(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error)
}

func (f findConsentBy) FindConsent(ctx context.Context, u user.ID, c client.ID) (grant.Consent, error) {
	return f.do(ctx, u, c)
}

type consentsBy struct {
	ports.ConsentBook
	do func(ctx context.Context, u user.ID) ([]grant.Consent, error)
}

func (f consentsBy) Consents(ctx context.Context, u user.ID) ([]grant.Consent, error) {
	return f.do(ctx, u)
}

type withdrawBy struct {
	ports.ConsentBook
	do func(ctx context.Context, u user.ID, c client.ID, at time.Time, e ...audit.Entry) error
}

func (f withdrawBy) WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, u, c, at, e...)
}

type findClientBy func(ctx context.Context, id client.ID) (client.Client, error)

func (f findClientBy) FindClient(ctx context.Context, id client.ID) (client.Client, error) {
	return f(ctx, id)
}

type addClientBy struct {
	ports.ClientBook
	do func(ctx context.Context, c client.Client, e ...audit.Entry) error
}

func (f addClientBy) AddClient(ctx context.Context, c client.Client, e ...audit.Entry) error {
	return f.do(ctx, c, e...)
}

type updateClientBy struct {
	ports.ClientBook
	do func(ctx context.Context, c client.Client, was time.Time, e ...audit.Entry) error
}

func (f updateClientBy) UpdateClient(ctx context.Context, c client.Client, was time.Time, e ...audit.Entry) error {
	return f.do(ctx, c, was, e...)
}

type deleteClientBy struct {
	ports.ClientBook
	do func(ctx context.Context, id client.ID, at time.Time, e ...audit.Entry) error
}

func (f deleteClientBy) DeleteClient(ctx context.Context, id client.ID, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, id, at, e...)
}

type clientsBy struct {
	ports.ClientBook
	do func(ctx context.Context, after client.ID, limit int) ([]client.Client, error)
}

func (f clientsBy) Clients(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
	return f.do(ctx, after, limit)
}

type originsBy func(ctx context.Context) ([]string, error)

func (f originsBy) Origins(ctx context.Context) ([]string, error) { return f(ctx) }

type clientsOfBy func(ctx context.Context, owner string, limit int) ([]client.Client, error)

func (f clientsOfBy) ClientsOf(ctx context.Context, owner string, limit int) ([]client.Client, error) {
	return f(ctx, owner, limit)
}

type findPersonBy struct {
	ports.UserFinder
	byID   func(ctx context.Context, id user.ID) (user.User, error)
	byName func(ctx context.Context, provider, name string) (user.User, error)
}

func (f findPersonBy) FindUser(ctx context.Context, id user.ID) (user.User, error) {
	return f.byID(ctx, id)
}

func (f findPersonBy) FindUsername(ctx context.Context, provider, name string) (user.User, error) {
	return f.byName(ctx, provider, name)
}

type addUserBy struct {
	ports.UserBook
	do func(ctx context.Context, u user.User, e ...audit.Entry) error
}

func (f addUserBy) AddUser(ctx context.Context, u user.User, e ...audit.Entry) error {
	return f.do(ctx, u, e...)
}

type updateUserBy struct {
	ports.UserBook
	do func(ctx context.Context, u user.User, was time.Time, e ...audit.Entry) error
}

func (f updateUserBy) UpdateUser(ctx context.Context, u user.User, was time.Time, e ...audit.Entry) error {
	return f.do(ctx, u, was, e...)
}

type usersBy struct {
	ports.UserBook
	do func(ctx context.Context, after user.ID, limit int) ([]user.User, error)
}

func (f usersBy) Users(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
	return f.do(ctx, after, limit)
}

type findSessionBy struct {
	ports.SessionBook
	do func(ctx context.Context, d []secret.Digest) (session.Session, error)
}

func (f findSessionBy) FindSession(ctx context.Context, d []secret.Digest) (session.Session, error) {
	return f.do(ctx, d)
}

type replaceSessionBy struct {
	ports.SessionBook
	do func(ctx context.Context, s session.Session, was secret.Digest, e ...audit.Entry) error
}

func (f replaceSessionBy) ReplaceSession(ctx context.Context, s session.Session, was secret.Digest, e ...audit.Entry) error {
	return f.do(ctx, s, was, e...)
}

type endSessionBy struct {
	ports.SessionBook
	do func(ctx context.Context, id session.ID, at time.Time, e ...audit.Entry) error
}

func (f endSessionBy) EndSession(ctx context.Context, id session.ID, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, id, at, e...)
}

type keysBy struct {
	ports.KeyBook
	see func(all []key.Key) []key.Key
}

func (f keysBy) Keys(ctx context.Context) ([]key.Key, error) {
	all, err := f.KeyBook.Keys(ctx)
	return f.see(all), err
}

type addKeyBy struct {
	ports.KeyBook
	do func(ctx context.Context, k key.Key, e ...audit.Entry) error
}

func (f addKeyBy) AddKey(ctx context.Context, k key.Key, e ...audit.Entry) error {
	return f.do(ctx, k, e...)
}

type activateBy struct {
	ports.KeyBook
	do func(ctx context.Context, id key.ID, at, retiresAt time.Time, e ...audit.Entry) error
}

func (f activateBy) ActivateKey(ctx context.Context, id key.ID, at, retiresAt time.Time, e ...audit.Entry) error {
	return f.do(ctx, id, at, retiresAt, e...)
}

type appKeysBy struct {
	ports.AppKeyBook
	see func(all []key.Check) []key.Check
}

func (f appKeysBy) AppKeys(ctx context.Context) ([]key.Check, error) {
	all, err := f.AppKeyBook.AppKeys(ctx)
	return f.see(all), err
}

type entriesBy struct {
	ports.Journal
	do func(ctx context.Context, limit int) ([]audit.Entry, error)
}

func (f entriesBy) Entries(ctx context.Context, limit int) ([]audit.Entry, error) {
	return f.do(ctx, limit)
}

type appendBy struct {
	ports.Journal
	do func(ctx context.Context, e ...audit.Entry) error
}

func (f appendBy) Append(ctx context.Context, e ...audit.Entry) error { return f.do(ctx, e...) }

type migrateBy struct {
	ports.Migrator
	do func(ctx context.Context) ([]string, error)
}

func (f migrateBy) Up(ctx context.Context) ([]string, error) { return f.do(ctx) }

type pingBy func(ctx context.Context) error

func (f pingBy) Ping(ctx context.Context) error { return f(ctx) }

// roundTrip is the time between reading and writing, in which others get their turn.
func roundTrip() {
	for range 20 {
		runtime.Gosched()
	}
}

// register counts by name under a lock.
type register[K comparable] struct {
	mu sync.Mutex
	n  map[K]int
}

func newRegister[K comparable]() *register[K] { return &register[K]{n: map[K]int{}} }

// add changes a count and returns the new one; by zero it only looks.
func (r *register[K]) add(k K, by int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n[k] += by
	return r.n[k]
}
