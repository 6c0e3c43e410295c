package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var deviceDecisions = []contractCase{
	{"an approval answers its device code and spends its request", deviceApproved, nil},
	{"of many concurrent approvals of one device code one wins and the others leave nothing", deviceApprovalHasOneWinner, nil},
	{"of an approval and a refusal of one device code at once one wins", deviceApprovalAgainstRefusal, nil},
	{"a device code that has expired is not approved", expiredDeviceNotApproved, nil},
	{"an approval of a device code that was decided or is not there leaves nothing", decidedDeviceNotApproved, nil},
	{"an approval whose request was decided leaves the device waiting", decidedRequestLeavesDevice, nil},
	{"a refusal spends its request and denies its device code", deviceDenied, nil},
	{"a refusal decides both or neither", deviceDenialAllOrNothing, nil},
	{"of many concurrent refusals of one device code one wins", deviceDenialHasOneWinner, nil},
	{"a device code is approved nothing for a client that is gone or disabled", noDeviceForEndedClient, nil},
	{"a disabled person approves no device code", noDeviceByDisabledPerson, []Behaviour{People}},
}

// open fails unless a request can still be decided.
func (b *bench) open(t tb, d secret.Digest) {
	t.Helper()
	if r := b.findRequest(t, d); !r.DecidedAt.IsZero() {
		t.Errorf("request of a failed decision: got it decided at %v; want it open", r.DecidedAt)
	}
}

// nothingOfDevice fails if anything of a failed approval of a device code is there.
func (b *bench) nothingOfDevice(t tb, a grant.Approval) {
	t.Helper()
	b.nothingOf(t, a)
	b.open(t, a.Request)
}

func (b *bench) deny(t tb, h ports.Storage, request, device secret.Digest) error {
	return h.DeviceBook.DenyDevice(t.Context(), request, device, b.now.Add(second))
}

func deviceApproved(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	a := b.deviceApproval(t, d)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	if r := b.findRequest(t, a.Request); r.DecidedAt.IsZero() {
		t.Errorf("request: got it undecided; want it spent")
	}
	same(t, "family", b.ratchet(t, a.Family.ID).Family, a.Family)
	same(t, "family of the device", b.poll(t, d, 0).Family, a.Family)
	found, err := b.ConsentBook.FindConsent(t.Context(), a.Consent.User, a.Consent.Client)
	must(t, "find consent", err)
	same(t, "consent", found, a.Consent)
}

func deviceApprovalHasOneWinner(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	tries := make([]grant.Approval, crowd)
	for i := range tries {
		tries[i] = b.deviceApproval(t, d)
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).ApprovalBook.Approve(t.Context(), tries[i])
	}), ports.ErrSpent)
	for i, try := range tries {
		if i != won {
			b.nothingOfDevice(t, try)
		}
	}
	same(t, "family", b.poll(t, d, 0).Family, tries[won].Family)
}

func deviceApprovalAgainstRefusal(t tb, b *bench) {
	for n := range rounds {
		d := b.device(t, b.client(t).ID)
		a, request := b.deviceApproval(t, d), b.pendingFor(t, d)
		if n%2 == 0 {
			request = a.Request // the same page, sent twice
		}
		won := oneWins(t, race(
			func() error { return b.Storage.ApprovalBook.Approve(t.Context(), a) },
			func() error { return b.deny(t, b.twin, request, d.Digest) },
		), ports.ErrSpent)
		got := b.poll(t, d, 0)
		if won == 0 {
			same(t, "refusal of an approved device", got.DeniedAt, time.Time{})
			same(t, "family", got.Family, a.Family)
			continue
		}
		b.nothingOf(t, a)
		same(t, "refusal", got.DeniedAt, b.now.Add(second))
		same(t, "family of a denied device", got.Family.ID, grant.ID(""))
	}
}

func expiredDeviceNotApproved(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	for _, at := range []time.Time{d.ExpiresAt, d.ExpiresAt.Add(second)} {
		a := b.deviceApproval(t, d)
		a.Family.CreatedAt = at
		refused(t, "approve too late", b.ApprovalBook.Approve(t.Context(), a), ports.ErrExpired)
		b.nothingOfDevice(t, a)
		b.waits(t, d)
	}
	last := b.deviceApproval(t, d)
	last.Family.CreatedAt = d.ExpiresAt.Add(-time.Microsecond)
	must(t, "approve in time", b.ApprovalBook.Approve(t.Context(), last))
}

func decidedDeviceNotApproved(t tb, b *bench) {
	c := b.client(t).ID
	approved, f := b.approvedDevice(t, c)
	denied := b.device(t, c)
	must(t, "deny", b.deny(t, b.Storage, b.pendingFor(t, denied), denied.Digest))
	for what, p := range map[string]struct {
		d    grant.Device
		want error
	}{
		"an approved device": {approved, ports.ErrSpent}, "a denied device": {denied, ports.ErrSpent},
		"an unknown device": {b.aDevice(c), ports.ErrNotFound},
	} {
		a := b.deviceApproval(t, p.d)
		refused(t, "approve "+what, b.ApprovalBook.Approve(t.Context(), a), p.want)
		b.nothingOfDevice(t, a)
	}
	same(t, "family of the approved", b.poll(t, approved, 0).Family, f)
	same(t, "family of the denied", b.poll(t, denied, 0).Family, grant.Family{})
}

func decidedRequestLeavesDevice(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	a := b.deviceApproval(t, d)
	must(t, "close", b.ApprovalBook.CloseRequest(t.Context(), a.Request, b.now))
	refused(t, "approve by a decided request", b.ApprovalBook.Approve(t.Context(), a), ports.ErrSpent)
	b.nothingOf(t, a)
	b.waits(t, d)
	a.Request = newDigest()
	refused(t, "approve by an unknown request", b.ApprovalBook.Approve(t.Context(), a), ports.ErrNotFound)
	b.nothingOf(t, a)
	b.waits(t, d)
}

func deviceDenied(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	request, at := b.pendingFor(t, d), b.now.Add(second)
	must(t, "deny", b.deny(t, b.twin, request, d.Digest))
	want := d
	want.DeniedAt = at
	same(t, "device by device code", b.poll(t, d, 0), want)
	same(t, "device by user code", b.byUserCode(t, d), want)
	same(t, "decided", b.findRequest(t, request).DecidedAt, at)
}

func deviceDenialAllOrNothing(t tb, b *bench) {
	c := b.client(t).ID
	waiting, approved := b.device(t, c), b.device(t, c)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), b.deviceApproval(t, approved)))
	denied, decided := b.device(t, c), b.pendingFor(t, waiting)
	must(t, "deny", b.deny(t, b.Storage, b.pendingFor(t, denied), denied.Digest))
	must(t, "close", b.ApprovalBook.CloseRequest(t.Context(), decided, b.now))
	request := b.pendingFor(t, waiting)
	refused(t, "deny what is approved", b.deny(t, b.Storage, request, approved.Digest), ports.ErrSpent)
	refused(t, "deny what is denied", b.deny(t, b.Storage, request, denied.Digest), ports.ErrSpent)
	refused(t, "deny an unknown device", b.deny(t, b.Storage, request, newDigest()), ports.ErrNotFound)
	refused(t, "deny by a decided request", b.deny(t, b.Storage, decided, waiting.Digest), ports.ErrSpent)
	refused(t, "deny by an unknown request", b.deny(t, b.Storage, newDigest(), waiting.Digest), ports.ErrNotFound)
	refused(t, "deny by no request", b.deny(t, b.Storage, secret.Digest{}, waiting.Digest), ports.ErrNotFound)
	b.open(t, request)
	b.waits(t, waiting)
	same(t, "refusal of the approved", b.poll(t, approved, 0).DeniedAt, time.Time{})
	must(t, "deny", b.deny(t, b.Storage, request, waiting.Digest))
}

func deviceDenialHasOneWinner(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	requests := make([]secret.Digest, 20)
	for i := range requests {
		requests[i] = b.pendingFor(t, d)
	}
	won := oneWins(t, together(len(requests), func(i int) error {
		return b.deny(t, b.handle(i), requests[i], d.Digest)
	}), ports.ErrSpent)
	for i, request := range requests {
		if i != won {
			b.open(t, request)
		}
	}
}

func noDeviceForEndedClient(t tb, b *bench) {
	for what, end := range map[string]func(client.Client) error{
		"disabled": func(c client.Client) error { return b.disable(t, b.Storage, c) },
		"deleted":  func(c client.Client) error { return b.ClientBook.DeleteClient(t.Context(), c.ID, b.now) },
	} {
		c := b.client(t)
		a := b.deviceApproval(t, b.device(t, c.ID))
		must(t, what, end(c))
		refused(t, "approve for a client that was "+what, b.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked, ports.ErrNotFound)
		b.nothingOf(t, a)
	}
}

func noDeviceByDisabledPerson(t tb, b *bench) {
	u := b.person(t)
	must(t, "disable", b.update(t, b.Storage, u, func(u *user.User) { u.DisabledAt = b.now }))
	d := b.device(t, b.client(t).ID)
	a := b.deviceApproval(t, d)
	a.Family.Subject, a.Consent.User = subject.OfUser(string(u.ID)), u.ID
	refused(t, "approve as a disabled person", b.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked)
	b.nothingOfDevice(t, a)
	b.waits(t, d)
}
