package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/ports"
)

// purgedSoon is what nobody looks into once it has expired, and of which a stranger can ask for more than anybody has use for.
var purgedSoon = []contractCase{
	{"what is brief goes sooner than the rest", briefGone, nil},
	{"what is brief and came to its end at the very moment stays", briefAtTheMoment, nil},
	{"what is brief goes with what expired only", briefAskedForNothing, nil},
	{"what came of a device code outlives it", deviceOutlived, nil},
	{"a purge that is brief has left nothing either", briefIsComplete, nil},
}

// briefly is what expired some time from now and nobody looks into; all else must have ended an hour ago.
func (b *bench) briefly(from time.Duration) ports.Waste {
	w := b.everything(-time.Hour)
	w.Revoked, w.Brief = false, b.now.Add(from)
	return w
}

// briefLitter is one row of each kind that expires, all at one moment, with a count and the session of a person.
type briefLitter struct {
	litter
	bucket ports.Bucket
	signed session.Session
}

func (b *bench) briefLitter(t tb) briefLitter {
	t.Helper()
	const life = time.Minute
	l := briefLitter{b.litterUntil(t, b.now.Add(life)), ports.Bucket{Name: newUUID(), Limit: 1, Window: life}, b.aSession()}
	l.signed.User, l.signed.AuthTime, l.signed.ExpiresAt = odd, b.now, b.now.Add(life)
	must(t, "open session", b.SessionBook.OpenSession(t.Context(), l.signed))
	_, err := b.AttemptBook.Attempt(t.Context(), []ports.Bucket{l.bucket}, b.now)
	must(t, "attempt", err)
	return l
}

// onlyBriefGone fails unless all is there but what is brief.
func (b *bench) onlyBriefGone(t tb, l briefLitter) {
	t.Helper()
	brief := map[string]bool{"device": true, "request": true, "session": true}
	for what, got := range b.left(t, l.litter) {
		if got == brief[what] {
			t.Errorf("%s: got it stored %v; want %v", what, got, !brief[what])
		}
	}
	b.hasSession(t, l.signed.Digest, l.signed)
	wait, err := b.AttemptBook.Attempt(t.Context(), []ports.Bucket{l.bucket}, b.now.Add(time.Second))
	must(t, "attempt", err)
	same(t, "wait once the count is gone", wait, time.Duration(0))
}

func briefGone(t tb, b *bench) {
	gone, stays := b.briefLitter(t), b.litterUntil(t, b.now.Add(time.Hour))
	same(t, "purged", b.purge(t, b.briefly(2*time.Minute)), ports.Purged{DeviceCodes: 1, Others: 3})
	b.onlyBriefGone(t, gone)
	b.allLeft(t, stays, true)
	must(t, "use the codes of what is gone", b.DeviceBook.AddDevice(t.Context(), gone.device))
	b.purge(t, b.everything(2*time.Minute))
	b.allLeft(t, gone.litter, false)
	b.noSession(t, gone.signed.Digest)
}

func briefAtTheMoment(t tb, b *bench) {
	l := b.briefLitter(t)
	same(t, "purged at the moment", b.purge(t, b.briefly(time.Minute)), ports.Purged{})
	b.allLeft(t, l.litter, true)
	b.purge(t, b.briefly(time.Minute+time.Microsecond))
	b.onlyBriefGone(t, l)
}

func briefAskedForNothing(t tb, b *bench) {
	l := b.briefLitter(t)
	w := b.briefly(2 * time.Minute)
	w.Expired = false
	same(t, "purged for nothing", b.purge(t, w), ports.Purged{})
	w.Revoked = true
	same(t, "purged for what was ended", b.purge(t, w), ports.Purged{})
	b.allLeft(t, l.litter, true)
}

func deviceOutlived(t tb, b *bench) {
	c := b.client(t).ID
	d, f := b.approvedDevice(t, c)
	late, waiting := b.approvedDevice(t, c)
	i := b.deviceRedemption(d, f)
	b.commit(t, i)
	same(t, "purged device codes", b.purge(t, b.briefly(11*time.Minute)).DeviceCodes, 2)
	for _, gone := range []secret.Digest{d.Digest, late.Digest} {
		_, err := b.DeviceBook.PollDevice(t.Context(), []secret.Digest{gone}, c, b.now.Add(11*time.Minute))
		refused(t, "poll with a device code that is gone", err, ports.ErrNotFound)
	}
	b.live(t, i.Access.ID)
	b.commit(t, b.step(f, 1, 0))
	b.hasFamily(t, waiting.ID, true)
	b.staysRefused(t, "redeem a spent device code that is gone", b.deviceRedemption(d, f))
	expired := b.deviceRedemption(late, waiting)
	expired.At = b.now.Add(11 * time.Minute)
	b.staysRefused(t, "redeem an expired device code that is gone", expired)
}

// briefIsComplete has a family that only its device code keeps.
func briefIsComplete(t tb, b *bench) {
	b.briefLitter(t)
	_, f := b.approvedDevice(t, b.client(t).ID)
	b.revoke(t, f.ID)
	w := b.briefly(11 * time.Minute)
	w.Revoked, w.Before = true, b.now.Add(time.Second)
	b.purge(t, w)
	same(t, "purged afterwards", b.purge(t, w), ports.Purged{})
}
