package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var deviceRedemptions = []contractCase{
	{"a device code is redeemed for a live token and the first generation", deviceRedeemed, nil},
	{"one of many concurrent redemptions of a device code wins and leaves the only token", deviceRedemptionHasOneWinner, nil},
	{"a device code that is spent, expired or revoked buys nothing", deadDeviceBuysNothing, nil},
	{"disabling a client ends the families of its devices", deviceEndsWithClient, nil},
	{"disabling a person ends the families of their devices", deviceEndsWithPerson, []Behaviour{People}},
}

// deviceRedemption buys an access token and a first refresh token for a device code.
func (b *bench) deviceRedemption(d grant.Device, f grant.Family) token.Issuance {
	return token.Issuance{
		At: b.now, Access: b.token(f), Starts: true,
		Spends: &grant.Spend{Kind: grant.DeviceType, Digest: d.Digest, ExpiresAt: d.ExpiresAt},
	}
}

func deviceRedeemed(t tb, b *bench) {
	d, f := b.approvedDevice(t, b.client(t).ID)
	i := b.deviceRedemption(d, f)
	b.commit(t, i)
	b.live(t, i.Access.ID)
	b.generation(t, f.ID, 1)
	must(t, "commit the same again", b.twin.Ledger.Commit(t.Context(), i))
	b.commit(t, b.step(f, 1, 0))
	b.generation(t, f.ID, 2)
}

func deviceRedemptionHasOneWinner(t tb, b *bench) {
	d, f := b.approvedDevice(t, b.client(t).ID)
	tries := make([]token.Issuance, crowd)
	for i := range tries {
		tries[i] = b.deviceRedemption(d, f)
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).Ledger.Commit(t.Context(), tries[i])
	}), ports.ErrSpent)
	b.generation(t, f.ID, 1)
	for i, try := range tries {
		if i == won {
			b.live(t, try.Access.ID)
		} else {
			b.absent(t, try.Access.ID)
		}
	}
}

func deadDeviceBuysNothing(t tb, b *bench) {
	c := b.client(t).ID
	spent, spentFamily := b.approvedDevice(t, c)
	b.commit(t, b.deviceRedemption(spent, spentFamily))
	revoked, revokedFamily := b.approvedDevice(t, c)
	b.revoke(t, revokedFamily.ID)
	expired, expiredFamily := b.approvedDevice(t, c)
	late := b.deviceRedemption(expired, expiredFamily)
	late.At = expired.ExpiresAt
	for _, p := range []struct {
		i    token.Issuance
		want error
	}{
		{b.deviceRedemption(spent, spentFamily), ports.ErrSpent},
		{b.deviceRedemption(revoked, revokedFamily), ports.ErrRevoked},
		{late, ports.ErrExpired},
	} {
		refused(t, "redeem a dead device code", b.Storage.Ledger.Commit(t.Context(), p.i), p.want)
		b.absent(t, p.i.Access.ID)
	}
	late.At = expired.ExpiresAt.Add(-time.Microsecond)
	b.commit(t, late)
}

// devicesEnd fails unless a device that was allowed, and one whose code was redeemed, have ended.
func (b *bench) devicesEnd(t tb, waiting, redeemed grant.Device, f, g grant.Family, i token.Issuance) {
	t.Helper()
	late := b.deviceRedemption(waiting, f)
	refused(t, "redeem afterwards", b.Storage.Ledger.Commit(t.Context(), late), ports.ErrRevoked)
	b.absent(t, late.Access.ID)
	b.dead(t, i.Access.ID)
	b.endsFamilies(t, f, g)
	for _, d := range []grant.Device{waiting, redeemed} {
		if got := b.poll(t, d, 0); got.Family.RevokedAt.IsZero() {
			t.Errorf("family of the device: got it alive; want it ended")
		}
	}
}

func deviceEndsWithClient(t tb, b *bench) {
	c := b.client(t)
	waiting, f := b.approvedDevice(t, c.ID)
	redeemed, g := b.approvedDevice(t, c.ID)
	i := b.deviceRedemption(redeemed, g)
	b.commit(t, i)
	must(t, "disable", b.disable(t, b.twin, c))
	b.devicesEnd(t, waiting, redeemed, f, g, i)
}

func deviceEndsWithPerson(t tb, b *bench) {
	u, c := b.person(t), b.client(t).ID
	var all []grant.Device
	var families []grant.Family
	for range 2 {
		d := b.device(t, c)
		a := b.deviceApproval(t, d)
		a.Family.Subject, a.Consent.User = subject.OfUser(string(u.ID)), u.ID
		must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
		all, families = append(all, d), append(families, a.Family)
	}
	i := b.deviceRedemption(all[1], families[1])
	b.commit(t, i)
	must(t, "disable", b.update(t, b.twin, u, func(u *user.User) { u.DisabledAt = u.UpdatedAt }))
	b.devicesEnd(t, all[0], all[1], families[0], families[1], i)
}
