package storagetest

import (
	"time"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// signIns is what may still be born of a sign-in. The request that founds a family has found its session alive, and another
// request may have ended that since: it is the moment of the sign-in that counts, and not that of the decision.
var signIns = []contractCase{
	{"an approval of a sign-in that a password change ended is refused", noApprovalOfEndedSignIn, []Behaviour{People}},
	{"a birth of a sign-in that a password change ended is refused", noBirthOfEndedSignIn, []Behaviour{People}},
	{"what was allowed without a sign-in before a password change is refused after it", nothingFromBeforeTheChange, []Behaviour{People}},
	{"a new sign-in after a password change is admitted", newSignInAdmitted, []Behaviour{People}},
	{"a sign-in that a disabling ended stays so when the person is enabled again", disabledSignInStaysEnded, []Behaviour{People}},
	{"neither a new name nor the end of a subject's families ends a sign-in", signInGoesOn, []Behaviour{People}},
	{"nothing is born for a disabled person", nothingBornForDisabledPerson, []Behaviour{People}},
}

// familyOf is one that a person allowed some time from now, by a sign-in some time from now.
func (b *bench) familyOf(t tb, u user.User, signedIn, allowed time.Duration) grant.Family {
	t.Helper()
	f := b.family(b.client(t).ID, subject.OfUser(string(u.ID)))
	f.AuthTime, f.CreatedAt = b.now.Add(signedIn), b.now.Add(allowed)
	return f
}

// founds approves a family with a code.
func (b *bench) founds(t tb, f grant.Family) error {
	t.Helper()
	a := b.approval(f.Client, f.Subject)
	a.Family, a.Code.Family = f, f
	err := b.ApprovalBook.Approve(t.Context(), a)
	if err != nil {
		b.nothingOf(t, a)
	}
	return err
}

// bears opens a family with its first access token. A credential that bought nothing may found another.
func (b *bench) bears(t tb, f grant.Family) error {
	t.Helper()
	i := b.opening(f.Client)
	i.Opens, i.Access = &f, b.token(f)
	err := b.Storage.Ledger.Commit(t.Context(), i)
	if err != nil {
		b.absent(t, i.Access.ID)
		b.unborn(t, f.ID)
		other := b.opening(b.client(t).ID)
		other.Spends = i.Spends
		must(t, "use a credential that bought nothing", b.Storage.Ledger.Commit(t.Context(), other))
	}
	return err
}

// renewed stores a person who gets another password a second from now.
func (b *bench) renewed(t tb) user.User {
	t.Helper()
	u := b.person(t)
	must(t, "change password", b.update(t, b.twin, u, func(u *user.User) { u.PasswordHash = "another" }))
	return u
}

func noApprovalOfEndedSignIn(t tb, b *bench) {
	u := b.renewed(t)
	refused(t, "approve", b.founds(t, b.familyOf(t, u, 0, 2*time.Second)), ports.ErrRevoked)
	refused(t, "approve a moment too late", b.founds(t, b.familyOf(t, u, time.Second-time.Microsecond, time.Hour)), ports.ErrRevoked)
}

func noBirthOfEndedSignIn(t tb, b *bench) {
	u := b.renewed(t)
	refused(t, "open", b.bears(t, b.familyOf(t, u, 0, 2*time.Second)), ports.ErrRevoked)
	refused(t, "open a moment too late", b.bears(t, b.familyOf(t, u, time.Second-time.Microsecond, time.Hour)), ports.ErrRevoked)
}

func nothingFromBeforeTheChange(t tb, b *bench) {
	u := b.renewed(t)
	before, after := b.familyOf(t, u, 0, 0), b.familyOf(t, u, 0, 2*time.Second)
	before.AuthTime, after.AuthTime = time.Time{}, time.Time{}
	refused(t, "approve", b.founds(t, before), ports.ErrRevoked)
	refused(t, "open", b.bears(t, before), ports.ErrRevoked)
	must(t, "approve afterwards", b.founds(t, after))
	after.ID = grant.ID(newUUID())
	must(t, "open afterwards", b.bears(t, after))
}

func newSignInAdmitted(t tb, b *bench) {
	u, other := b.renewed(t), b.person(t)
	must(t, "approve", b.founds(t, b.familyOf(t, u, 2*time.Second, 3*time.Second)))
	must(t, "open", b.bears(t, b.familyOf(t, u, 2*time.Second, 3*time.Second)))
	must(t, "approve as another person", b.founds(t, b.familyOf(t, other, 0, 2*time.Second)))
	must(t, "open as another person", b.bears(t, b.familyOf(t, other, 0, 2*time.Second)))
}

func disabledSignInStaysEnded(t tb, b *bench) {
	u := b.person(t)
	must(t, "disable", b.update(t, b.twin, u, b.disabling))
	u.UpdatedAt = b.now.Add(2 * time.Second)
	must(t, "enable", b.UserBook.UpdateUser(t.Context(), u, b.now.Add(time.Second)))
	refused(t, "approve", b.founds(t, b.familyOf(t, u, 0, 3*time.Second)), ports.ErrRevoked)
	refused(t, "open", b.bears(t, b.familyOf(t, u, 0, 3*time.Second)), ports.ErrRevoked)
	must(t, "approve by a new sign-in", b.founds(t, b.familyOf(t, u, 3*time.Second, 3*time.Second)))
	must(t, "open by a new sign-in", b.bears(t, b.familyOf(t, u, 3*time.Second, 3*time.Second)))
}

func signInGoesOn(t tb, b *bench) {
	u := b.person(t)
	must(t, "change name", b.update(t, b.twin, u, func(u *user.User) { u.Name = "another" }))
	must(t, "end families", b.twin.Ledger.RevokeSubject(t.Context(), subject.OfUser(string(u.ID)), b.now.Add(time.Second)))
	must(t, "approve", b.founds(t, b.familyOf(t, u, 0, 2*time.Second)))
	must(t, "open", b.bears(t, b.familyOf(t, u, 0, 2*time.Second)))
}

func nothingBornForDisabledPerson(t tb, b *bench) {
	u, never := b.person(t), b.aPerson()
	must(t, "disable", b.update(t, b.twin, u, b.disabling))
	b.disabling(&never)
	must(t, "add a disabled person", b.UserBook.AddUser(t.Context(), never))
	for _, who := range []user.User{u, never} {
		refused(t, "open", b.bears(t, b.familyOf(t, who, 2*time.Second, 2*time.Second)), ports.ErrRevoked)
	}
}
