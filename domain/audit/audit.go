// Package audit models what happened: stored with the change it tells of, and told to listeners after it.
package audit

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/subject"
)

// Kind names what happened: a noun and what became of it.
type Kind string

// What gets an entry. Ordinary issuance is told to listeners and stored as the token's own row.
const (
	TokenIssued         Kind = "token.issued" // told, not stored
	TokenRefreshed      Kind = "token.refreshed"
	TokenRevoked        Kind = "token.revoked"
	PersonalTokenIssued Kind = "token.personal_issued"
	DeviceAsked         Kind = "device.asked"     // told, not stored
	DeviceCodeGuessed   Kind = "device.guessed"   // told, not stored: a user code that is none
	RefreshRepeated     Kind = "refresh.repeated" // within the grace window
	RefreshRestored     Kind = "refresh.restored" // of a generation that the database had not reached
	ExchangeRefused     Kind = "exchange.refused"
	ReplayEnded         Kind = "replay.ended"
	FamilyRevoked       Kind = "family.revoked"
	OwnerRevoked        Kind = "owner.revoked" // everything that a person gave away
	ConsentGranted      Kind = "consent.granted"
	ConsentDenied       Kind = "consent.denied"
	ConsentWithdrawn    Kind = "consent.withdrawn"
	LoginSucceeded      Kind = "login.succeeded"
	LoginFailed         Kind = "login.failed"
	LoginThrottled      Kind = "login.throttled"
	LoggedOut           Kind = "login.ended"
	ClientAuthFailed    Kind = "client.auth_failed"
	ClientCreated       Kind = "client.created"
	ClientUpdated       Kind = "client.updated"
	ClientDisabled      Kind = "client.disabled"
	ClientEnabled       Kind = "client.enabled"
	ClientDeleted       Kind = "client.deleted"
	PersonalClientSet   Kind = "client.personal_set"
	ClientSecretRotated Kind = "client.secret_rotated"
	UserCreated         Kind = "user.created"
	UserPasswordChanged Kind = "user.password_changed"
	UserDisabled        Kind = "user.disabled"
	UserEnabled         Kind = "user.enabled"
	KeyGenerated        Kind = "key.generated"
	KeyActivated        Kind = "key.activated"
)

// Entry is one line. It never holds a secret.
type Entry struct {
	Kind    Kind
	At      time.Time
	Client  client.ID
	Subject subject.Subject
	Family  grant.ID
	Object  string // the id of a token, key or session that the entry is about
	Reason  string // the fault's reason, or why an operator acted
	Source  string // the address a request came from
}
