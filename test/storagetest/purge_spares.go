package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

var spared = []contractCase{
	{"nothing that lives is purged", liveSpared, nil},
	{"an idle family outlives a purge and its refresh token still turns", idleFamilySpared, nil},
	{"a family outlives every token that descends from it", familyOutlivesTokens, nil},
	{"a spent code and a spent device code stay spent until they expire", spentCodesSpared, nil},
	{"a spent credential of another's making stays spent until it expires", spentCredentialSpared, nil},
	{"a spent credential that never expires stays spent while its family would live", endlessCredentialSpared, nil},
	{"a family that was ended before it was born stays ended", stillbornSpared, nil},
	{"what a purged family leaves behind is dead and gives no trouble", remainsGiveNoTrouble, nil},
	{"a refresh token of a purged family buys nothing", purgedFamilyBuysNothing, nil},
	{"a sign-in that was ended stays ended", signOutSpared, []Behaviour{People}},
	{"counts of a window that runs are kept", runningCountsSpared, nil},
	{"consents and entries are kept", recordsSpared, nil},
}

func liveSpared(t tb, b *bench) {
	l := b.litterUntil(t, b.now.Add(time.Hour))
	c, who := b.client(t), newPerson()
	f, personal := b.redeemed(t, c.ID), b.personal(c.ID, who, 0)
	b.commit(t, personal)
	d := b.device(t, c.ID)
	a := b.deviceApproval(t, d)
	for _, from := range []time.Duration{-time.Hour, 0, 30 * time.Second} {
		same(t, "purged", b.purge(t, b.everything(from)), ports.Purged{})
	}
	b.allLeft(t, l, true)
	b.live(t, l.own)
	b.live(t, l.token)
	b.commit(t, b.redemption(l.code))
	b.commit(t, b.step(f, 1, 0))
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	b.commit(t, b.deviceRedemption(d, a.Family))
	same(t, "personal access tokens", b.tokensOf(t, who, 10), []token.Access{personal.Access})
	b.hasClient(t, c)
}

func idleFamilySpared(t tb, b *bench) {
	k := b.code(t, b.client(t).ID)
	first := b.redemption(k)
	b.commit(t, first)
	p := b.purge(t, b.everything(23*time.Hour))
	same(t, "purged families", p.RefreshTokens, 0)
	b.absent(t, first.Access.ID)
	b.noCode(t, k.Digest)
	b.alive(t, k.Family.ID)
	late := b.step(k.Family, 1, 0)
	late.At, late.Access.ExpiresAt = b.now.Add(23*time.Hour), b.now.Add(25*time.Hour)
	b.commit(t, late)
	b.live(t, late.Access.ID)
	b.generation(t, k.Family.ID, 2)
	refused(t, "replay after a purge", b.tryStep(t, b.step(k.Family, 1, 0)), ports.ErrSpent)
}

func familyOutlivesTokens(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Spends, i.Opens.ExpiresAt = nil, b.now.Add(10*time.Second)
	b.commit(t, i)
	b.purge(t, b.everything(20*time.Second))
	b.live(t, i.Access.ID)
	b.hasFamily(t, i.Opens.ID, true)
	b.revoke(t, i.Opens.ID)
	b.dead(t, i.Access.ID)
	b.purge(t, b.everything(2*time.Hour))
	b.absent(t, i.Access.ID)
	b.hasFamily(t, i.Opens.ID, false)
}

// staysRefused fails unless a commit is refused, for whatever reason, and leaves nothing behind.
func (b *bench) staysRefused(t tb, what string, i token.Issuance) {
	t.Helper()
	err := b.Storage.Ledger.Commit(t.Context(), i)
	refused(t, what, err, ports.ErrSpent, ports.ErrRevoked, ports.ErrExpired, ports.ErrNotFound)
	b.absent(t, i.Access.ID)
}

func spentCodesSpared(t tb, b *bench) {
	c := b.client(t).ID
	k := b.code(t, c)
	d, f := b.approvedDevice(t, c)
	b.commit(t, b.redemption(k))
	b.commit(t, b.deviceRedemption(d, f))
	b.revoke(t, k.Family.ID)
	b.revoke(t, f.ID)
	b.purge(t, b.everything(30*time.Second))
	b.staysRefused(t, "redeem a spent code after a purge", b.redemption(k))
	b.staysRefused(t, "redeem a spent device code after a purge", b.deviceRedemption(d, f))
	found, err := b.CodeFinder.FindCode(t.Context(), []secret.Digest{k.Digest})
	must(t, "find a spent code after a purge", err)
	for _, g := range []grant.Family{found.Family, b.poll(t, d, 0).Family} {
		if g.SpentAt.IsZero() || g.RevokedAt.IsZero() {
			t.Errorf("family of a spent credential: got it spent at %v, ended at %v; want both", g.SpentAt, g.RevokedAt)
		}
	}
	b.purge(t, b.everything(time.Hour))
	b.noCode(t, k.Digest)
	b.hasFamily(t, k.Family.ID, false)
	b.hasFamily(t, f.ID, false)
	b.staysRefused(t, "redeem a purged code", b.redemption(k))
	b.staysRefused(t, "redeem a purged device code", b.deviceRedemption(d, f))
}

// spentAgain fails if a credential counts as fresh: for the family it founded or for another.
func (b *bench) spentAgain(t tb, first token.Issuance, at time.Time) {
	t.Helper()
	other := b.opening(first.Access.Client)
	again := b.opening(first.Access.Client)
	again.Opens.ID, again.Access.Family = first.Opens.ID, first.Opens.ID
	for _, i := range []token.Issuance{other, again} {
		i.Spends, i.At = first.Spends, at
		b.staysRefused(t, "spend a spent credential", i)
	}
	b.unborn(t, other.Opens.ID)
}

func spentCredentialSpared(t tb, b *bench) {
	c := b.client(t).ID
	revoked, expired := b.opening(c), b.opening(c)
	expired.Opens.ExpiresAt, expired.Access.ExpiresAt = b.now.Add(5*time.Second), b.now.Add(5*time.Second)
	for _, i := range []*token.Issuance{&revoked, &expired} {
		i.Opens.ID = grant.FoundedBy(c, *i.Spends)
		i.Access.Family = i.Opens.ID
		b.commit(t, *i)
	}
	b.revoke(t, revoked.Opens.ID)
	b.purge(t, b.everything(30*time.Second))
	for _, i := range []token.Issuance{revoked, expired} {
		b.spentAgain(t, i, b.now)
		b.spentAgain(t, i, b.now.Add(30*time.Second))
	}
	b.purge(t, b.everything(48*time.Hour))
	for _, i := range []token.Issuance{revoked, expired} {
		b.hasFamily(t, i.Opens.ID, false)
		b.spentAgain(t, i, b.now.Add(48*time.Hour))
	}
}

func endlessCredentialSpared(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Spends.ExpiresAt = time.Time{}
	b.commit(t, i)
	b.revoke(t, i.Opens.ID)
	b.purge(t, b.everything(2*time.Hour))
	b.absent(t, i.Access.ID)
	b.spentAgain(t, i, b.now.Add(2*time.Hour))
	b.purge(t, b.everything(48*time.Hour))
	b.hasFamily(t, i.Opens.ID, false)
}

func stillbornSpared(t tb, b *bench) {
	i := b.opening(b.client(t).ID)
	i.Spends.ExpiresAt = time.Time{}
	b.revoke(t, i.Opens.ID)
	b.purge(t, b.everything(20*time.Hour))
	refused(t, "open an ended family", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrRevoked)
	b.absent(t, i.Access.ID)
	b.unborn(t, i.Opens.ID)
}

// remainsGiveNoTrouble purges what was ended alone: the rows that have merely expired may be there still, or may not.
func remainsGiveNoTrouble(t tb, b *bench) {
	c := b.client(t).ID
	k := b.code(t, c)
	d, f := b.approvedDevice(t, c)
	b.commit(t, b.redemption(k))
	b.revoke(t, k.Family.ID)
	b.revoke(t, f.ID)
	w := b.everything(time.Hour)
	w.Expired = false
	b.purge(t, w)
	b.hasFamily(t, k.Family.ID, false)
	b.hasFamily(t, f.ID, false)
	_, codeErr := b.CodeFinder.FindCode(t.Context(), []secret.Digest{k.Digest})
	_, userErr := b.DeviceBook.FindUserCode(t.Context(), []secret.Digest{d.UserCode})
	_, pollErr := b.DeviceBook.PollDevice(t.Context(), []secret.Digest{d.Digest}, c, b.now.Add(time.Hour))
	for what, err := range map[string]error{"code": codeErr, "user code": userErr, "device code": pollErr} {
		if err != nil {
			refused(t, "find the "+what+" of a purged family", err, ports.ErrNotFound)
		}
	}
	b.staysRefused(t, "redeem a code of a purged family", b.redemption(k))
	b.staysRefused(t, "redeem a device code of a purged family", b.deviceRedemption(d, f))
	late := b.deviceApproval(t, d)
	refused(t, "approve it again", b.ApprovalBook.Approve(t.Context(), late), ports.ErrSpent, ports.ErrExpired, ports.ErrNotFound)
	b.nothingOf(t, late)
}

func purgedFamilyBuysNothing(t tb, b *bench) {
	c := b.client(t).ID
	revoked, expired := b.opening(c), b.opening(c)
	expired.Opens.ExpiresAt, expired.Access.ExpiresAt = b.now.Add(time.Minute), b.now.Add(time.Minute)
	for _, i := range []token.Issuance{revoked, expired} {
		i.Spends = nil
		b.commit(t, i)
	}
	b.revoke(t, revoked.Opens.ID)
	b.purge(t, b.everything(2*time.Minute))
	for _, i := range []token.Issuance{revoked, expired} {
		b.hasFamily(t, i.Opens.ID, false)
		for _, from := range []uint32{0, 1, 2} {
			late := b.step(*i.Opens, from, wide)
			late.At = b.now.Add(2 * time.Minute)
			b.staysRefused(t, "step in a purged family", late)
		}
		b.staysRefused(t, "take for free from a purged family", token.Issuance{At: b.now, Access: b.token(*i.Opens)})
		b.hasFamily(t, i.Opens.ID, false)
	}
}

func signOutSpared(t tb, b *bench) {
	h := b.household(t)
	changed := func(u *user.User) { u.PasswordHash = "another" }
	must(t, "change the password", b.update(t, b.Storage, h.person, changed))
	b.purge(t, b.everything(48*time.Hour))
	i := b.opening(b.client(t).ID)
	i.Opens.Subject, i.Opens.AuthTime = h.families[0].Subject, b.now
	refused(t, "open by a sign-in that was ended", b.Storage.Ledger.Commit(t.Context(), i), ports.ErrRevoked)
	b.absent(t, i.Access.ID)
	a := b.approval(b.client(t).ID, h.families[0].Subject)
	a.Family.AuthTime = b.now
	refused(t, "approve by a sign-in that was ended", b.ApprovalBook.Approve(t.Context(), a), ports.ErrRevoked)
}

func runningCountsSpared(t tb, b *bench) {
	runs := ports.Bucket{Name: "runs", Limit: 1, Window: time.Hour}
	over := ports.Bucket{Name: "over", Limit: 1, Window: time.Minute}
	attempt := func(k ports.Bucket, after time.Duration) time.Duration {
		wait, err := b.AttemptBook.Attempt(t.Context(), []ports.Bucket{k}, b.now.Add(after))
		must(t, "attempt", err)
		return wait
	}
	same(t, "wait", attempt(runs, 0), time.Duration(0))
	same(t, "wait", attempt(over, 0), time.Duration(0))
	b.purge(t, b.everything(30*time.Minute))
	same(t, "wait in a window that runs", attempt(runs, 30*time.Minute), 30*time.Minute)
	same(t, "wait in a new window", attempt(over, 30*time.Minute), time.Duration(0))
}

func recordsSpared(t tb, b *bench) {
	e := b.entry()
	must(t, "append", b.Storage.Journal.Append(t.Context(), e))
	a := b.decidable(t)
	must(t, "approve", b.ApprovalBook.Approve(t.Context(), a))
	b.purge(t, b.everything(1000*time.Hour))
	b.hasFamily(t, a.Family.ID, false)
	b.countEntries(t, "what was before a purge", e, 1)
	found, err := b.ConsentBook.FindConsent(t.Context(), a.Consent.User, a.Consent.Client)
	must(t, "find consent", err)
	same(t, "consent", found, a.Consent)
}
