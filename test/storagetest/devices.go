package storagetest

import (
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

var devices = suite{"Devices", slices.Concat(deviceRecords, polls, deviceDecisions, deviceRedemptions)}

var deviceRecords = []contractCase{
	{"everything of a device request comes back as it was", deviceComesBack, nil},
	{"times of a device request come back in UTC and whole microseconds", deviceTimes, nil},
	{"a device request is found under any digest of its user code", deviceFoundByUserCode, nil},
	{"a device request is polled under any digest of its device code", devicePolledByCode, nil},
	{"a taken device code or user code is not taken again", deviceCodesTaken, nil},
	{"the codes of a dead device request are taken too", deadDeviceCodesTaken, nil},
	{"of many concurrent device requests with one user code one is stored", userCodeTakenAtOnce, nil},
}

// aDevice is a device request of a client that nobody has stored.
func (b *bench) aDevice(c client.ID) grant.Device {
	return grant.Device{
		Digest: newDigest(), UserCode: newDigest(), Client: c, Scopes: scope.Of("read"), Source: "192.0.2.1",
		CreatedAt: b.now, ExpiresAt: b.now.Add(10 * time.Minute), Interval: 5 * time.Second,
	}
}

// device stores a device request.
func (b *bench) device(t tb, c client.ID) grant.Device {
	t.Helper()
	d := b.aDevice(c)
	must(t, "add device", b.DeviceBook.AddDevice(t.Context(), d))
	return d
}

// deviceApproval is a person's yes to a device in a browser of their own.
func (b *bench) deviceApproval(t tb, d grant.Device) grant.Approval {
	t.Helper()
	a := b.approval(d.Client, newPerson())
	a.Code, a.MaxCodes = grant.Code{}, 0
	a.Device, a.Request = d.Digest, b.pendingFor(t, d)
	a.Consent = b.consent(a, "read")
	return a
}

// pendingFor stores a pending request for a device.
func (b *bench) pendingFor(t tb, d grant.Device) secret.Digest {
	t.Helper()
	r := b.request(d.Client)
	r.Device = d.Digest
	must(t, "open request", b.RequestBook.OpenRequest(t.Context(), r, 20))
	return r.Digest
}

// approvedDevice stores a device request that somebody has allowed, and returns its family.
func (b *bench) approvedDevice(t tb, c client.ID) (grant.Device, grant.Family) {
	t.Helper()
	d := b.device(t, c)
	a := b.deviceApproval(t, d)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	return d, a.Family
}

// poll asks for a device as its own client does, some time from now.
func (b *bench) poll(t tb, d grant.Device, after time.Duration) grant.Device {
	t.Helper()
	return b.pollBy(t, d, d.Client, after)
}

func (b *bench) pollBy(t tb, d grant.Device, by client.ID, after time.Duration) grant.Device {
	t.Helper()
	got, err := b.DeviceBook.PollDevice(t.Context(), []secret.Digest{d.Digest}, by, b.now.Add(after))
	must(t, "poll device", err)
	return got
}

func (b *bench) byUserCode(t tb, d grant.Device) grant.Device {
	t.Helper()
	got, err := b.DeviceBook.FindUserCode(t.Context(), []secret.Digest{d.UserCode})
	must(t, "find user code", err)
	return got
}

// waits fails unless a device can still be decided.
func (b *bench) waits(t tb, d grant.Device) {
	t.Helper()
	if got := b.byUserCode(t, d); !got.PendingAt(b.now) {
		t.Errorf("device: got family %q, denied at %v; want it waiting", got.Family.ID, got.DeniedAt)
	}
}

func deviceComesBack(t tb, b *bench) {
	bare := b.aDevice(b.client(t).ID)
	bare.Scopes, bare.Source = scope.Set{}, ""
	full := b.aDevice(b.client(t).ID)
	full.Scopes, full.Audience, full.Source, full.Interval = scope.Of(oddScope, "read"), []string{oddURI, odd}, odd, time.Minute
	for _, d := range []grant.Device{bare, full} {
		must(t, "add device", b.DeviceBook.AddDevice(t.Context(), d))
		same(t, "device by user code", b.byUserCode(t, d), d)
		same(t, "device by device code", b.poll(t, d, time.Second), d)
	}
}

func deviceTimes(t tb, b *bench) {
	d := b.aDevice(b.client(t).ID)
	d.CreatedAt, d.ExpiresAt = elsewhere(b.now), elsewhere(b.now.Add(time.Minute))
	must(t, "add device", b.DeviceBook.AddDevice(t.Context(), d))
	request, at := b.pendingFor(t, d), elsewhere(b.now.Add(time.Second))
	must(t, "deny", b.DeviceBook.DenyDevice(t.Context(), request, d.Digest, at))
	for _, got := range []grant.Device{b.byUserCode(t, d), b.poll(t, d, 0)} {
		stored(t, "creation", got.CreatedAt, d.CreatedAt)
		stored(t, "expiry", got.ExpiresAt, d.ExpiresAt)
		stored(t, "refusal", got.DeniedAt, at)
	}
	stored(t, "decision", b.findRequest(t, request).DecidedAt, at)
}

func deviceFoundByUserCode(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	b.device(t, d.Client)
	for _, digests := range [][]secret.Digest{{d.UserCode}, {newDigest(), d.UserCode}, {d.UserCode, newDigest()}} {
		got, err := b.DeviceBook.FindUserCode(t.Context(), digests)
		must(t, "find user code", err)
		same(t, "device", got.Digest, d.Digest)
	}
	for _, digests := range [][]secret.Digest{{newDigest(), newDigest()}, {d.Digest}, {{}}, nil} {
		_, err := b.DeviceBook.FindUserCode(t.Context(), digests)
		refused(t, "find an unknown user code", err, ports.ErrNotFound)
	}
}

func devicePolledByCode(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	b.device(t, d.Client)
	for _, digests := range [][]secret.Digest{{d.Digest}, {newDigest(), d.Digest}, {d.Digest, newDigest()}} {
		got, err := b.DeviceBook.PollDevice(t.Context(), digests, d.Client, b.now)
		must(t, "poll device", err)
		same(t, "user code", got.UserCode, d.UserCode)
	}
	for _, digests := range [][]secret.Digest{{newDigest(), newDigest()}, {d.UserCode}, {{}}, nil} {
		_, err := b.DeviceBook.PollDevice(t.Context(), digests, d.Client, b.now)
		refused(t, "poll an unknown device code", err, ports.ErrNotFound)
	}
}

// sameCodes are requests that differ from d, the first in all but the device code, the second in all but the user code.
func (b *bench) sameCodes(t tb, d grant.Device) []grant.Device {
	t.Helper()
	first, second := b.aDevice(b.client(t).ID), b.aDevice(b.client(t).ID)
	first.Digest, second.UserCode = d.Digest, d.UserCode
	return []grant.Device{first, second, d}
}

func deviceCodesTaken(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	for _, other := range b.sameCodes(t, d) {
		refused(t, "add taken codes", b.DeviceBook.AddDevice(t.Context(), other), ports.ErrExists)
	}
	same(t, "device", b.byUserCode(t, d), d)
	same(t, "device", b.poll(t, d, time.Second), d)
}

func deadDeviceCodesTaken(t tb, b *bench) {
	denied, expired := b.device(t, b.client(t).ID), b.aDevice(b.client(t).ID)
	must(t, "deny", b.DeviceBook.DenyDevice(t.Context(), b.pendingFor(t, denied), denied.Digest, b.now))
	expired.CreatedAt, expired.ExpiresAt = b.now.Add(-time.Hour), b.now.Add(-time.Minute)
	must(t, "add device", b.DeviceBook.AddDevice(t.Context(), expired))
	approved, _ := b.approvedDevice(t, b.client(t).ID)
	for _, d := range []grant.Device{denied, expired, approved} {
		for _, other := range b.sameCodes(t, d) {
			refused(t, "add the codes of a dead request", b.DeviceBook.AddDevice(t.Context(), other), ports.ErrExists)
		}
		same(t, "device code", b.byUserCode(t, d).Digest, d.Digest)
		same(t, "client", b.poll(t, d, 0).Client, d.Client)
	}
}

func userCodeTakenAtOnce(t tb, b *bench) {
	c, code := b.client(t).ID, newDigest()
	tries := make([]grant.Device, crowd)
	for i := range tries {
		tries[i] = b.aDevice(c)
		tries[i].UserCode = code
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).DeviceBook.AddDevice(t.Context(), tries[i])
	}), ports.ErrExists)
	same(t, "device", b.byUserCode(t, tries[won]), tries[won])
	for i, d := range tries {
		if i != won {
			_, err := b.DeviceBook.PollDevice(t.Context(), []secret.Digest{d.Digest}, c, b.now)
			refused(t, "poll a device that was not stored", err, ports.ErrNotFound)
		}
	}
}
