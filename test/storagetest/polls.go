package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

var polls = []contractCase{
	{"a poll in time leaves the interval as it is", pollInTime, nil},
	{"a poll too soon makes the interval longer", pollTooSoon, nil},
	{"another client's poll changes nothing", pollByAnother, nil},
	{"of many concurrent polls each is recorded", pollsAtOnce, nil},
	{"a device that was decided or has expired is not changed by polls", pollAfterwards, nil},
	{"a poll returns the family as it stands", pollReturnsFamily, nil},
}

const second = time.Second

// polled fails unless a poll found what it should.
func polled(t tb, got grant.Device, interval time.Duration, tooSoon bool) {
	t.Helper()
	if got.Interval != interval || got.TooSoon != tooSoon {
		t.Errorf("polled device: got interval %v, too soon %v; want %v, %v", got.Interval, got.TooSoon, interval, tooSoon)
	}
}

func pollInTime(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	for _, after := range []time.Duration{0, 5 * second, 10 * second, 2 * time.Minute, 2*time.Minute + 5*second} {
		polled(t, b.poll(t, d, after), d.Interval, false)
		polled(t, b.byUserCode(t, d), d.Interval, false)
	}
}

func pollTooSoon(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	for _, p := range []struct {
		after, interval time.Duration
		tooSoon         bool
	}{
		{0, 5 * second, false},
		{5*second - time.Microsecond, 10 * second, true},
		{11 * second, 15 * second, true}, // in time by the interval before
		{26 * second, 15 * second, false},
		{26 * second, 20 * second, true},
		{time.Minute, 20 * second, false},
	} {
		polled(t, b.poll(t, d, p.after), p.interval, p.tooSoon)
		polled(t, b.byUserCode(t, d), p.interval, p.tooSoon)
	}
}

func pollByAnother(t tb, b *bench) {
	d, other := b.device(t, b.client(t).ID), b.client(t).ID
	for _, by := range []client.ID{other, ""} {
		for range 2 {
			same(t, "device", b.pollBy(t, d, by, 0), d)
		}
	}
	polled(t, b.poll(t, d, 0), d.Interval, false)
	polled(t, b.pollBy(t, d, other, second), d.Interval, false)
	polled(t, b.poll(t, d, 2*second), d.Interval+grant.SlowDownBy, true)
	polled(t, b.pollBy(t, d, other, 3*second), d.Interval+grant.SlowDownBy, true)
	polled(t, b.poll(t, d, 12*second), d.Interval+grant.SlowDownBy, false)
}

func pollsAtOnce(t tb, b *bench) {
	d := b.device(t, b.client(t).ID)
	all := make([]grant.Device, 20)
	allWin(t, together(len(all), func(i int) (err error) {
		all[i], err = b.handle(i).DeviceBook.PollDevice(t.Context(), []secret.Digest{d.Digest}, d.Client, b.now)
		return err
	}))
	seen := map[time.Duration]bool{}
	for _, got := range all {
		polled(t, got, got.Interval, got.Interval > d.Interval)
		seen[got.Interval] = true
	}
	if len(seen) != len(all) {
		t.Errorf("intervals after %d polls at once: got %d; want one for each poll", len(all), len(seen))
	}
	polled(t, b.byUserCode(t, d), d.Interval+time.Duration(len(all)-1)*grant.SlowDownBy, true)
}

func pollAfterwards(t tb, b *bench) {
	c := b.client(t).ID
	approved, denied, expired := b.device(t, c), b.device(t, c), b.aDevice(c)
	expired.ExpiresAt = b.now.Add(second)
	must(t, "add device", b.DeviceBook.AddDevice(t.Context(), expired))
	for _, d := range []grant.Device{approved, denied, expired} {
		polled(t, b.poll(t, d, 0), d.Interval, false)
	}
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), b.deviceApproval(t, approved)))
	must(t, "deny", b.DeviceBook.DenyDevice(t.Context(), b.pendingFor(t, denied), denied.Digest, b.now))
	for _, d := range []grant.Device{approved, denied, expired} {
		for range 2 {
			polled(t, b.poll(t, d, second), d.Interval, false)
		}
		polled(t, b.byUserCode(t, d), d.Interval, false)
	}
}

func pollReturnsFamily(t tb, b *bench) {
	d, f := b.approvedDevice(t, b.client(t).ID)
	got := b.poll(t, d, second)
	same(t, "family", got.Family, f)
	same(t, "family's name", b.byUserCode(t, d).Family.ID, f.ID)
	b.commit(t, b.deviceRedemption(d, f))
	got = b.poll(t, d, second)
	same(t, "redeemed family", got.Family, b.ratchet(t, f.ID).Family)
	if got.Family.SpentAt.IsZero() {
		t.Errorf("redeemed device code: got it unspent; want it spent")
	}
	b.revoke(t, f.ID)
	same(t, "end", b.poll(t, d, second).Family.RevokedAt, b.now)
	same(t, "family to another client", b.pollBy(t, d, "", second).Family.ID, f.ID)
}
