package grant

import (
	"strings"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

// DeviceType is the grant type of device codes (RFC 8628, 3.4).
const DeviceType = "urn:ietf:params:oauth:grant-type:device_code"

// SlowDownBy is added to the polling interval each time a device polls too soon (RFC 8628, 3.5).
const SlowDownBy = 5 * time.Second

const deviceDetail = "The device code is invalid, expired, or was already used."

// Device is a device authorization request at rest: an app somewhere asked, and polls until a person has answered in a browser.
type Device struct {
	Digest   secret.Digest // of the device code
	UserCode secret.Digest
	Client   client.ID
	Scopes   scope.Set
	Audience []string
	Source   string // the address it was asked from, shown to the person

	CreatedAt time.Time
	ExpiresAt time.Time
	Interval  time.Duration // the device may poll so often; grows with every poll that comes too soon
	TooSoon   bool          // whether the last poll did
	DeniedAt  time.Time
	Family    Family // what was allowed; without an ID until it was
}

// PendingAt reports whether a person may still decide.
func (d Device) PendingAt(now time.Time) bool {
	return d.Family.ID == "" && d.DeniedAt.IsZero() && now.Before(d.ExpiresAt)
}

// UnknownDevice refuses a device code that does not exist, or that is another client's, in the words that refuse a spent one.
func UnknownDevice() error { return fault.InvalidGrant.For("device_unknown", deviceDetail) }

// Redeem answers a poll (RFC 8628, 3.5). Once a person has allowed it, the code buys tokens once; coming again it is a replay.
func (d Device) Redeem(by client.Client, now time.Time) (Authorization, error) {
	switch {
	case d.Client != by.ID:
		return Authorization{}, fault.InvalidGrant.For("device_foreign", deviceDetail)
	case !d.DeniedAt.IsZero():
		return Authorization{}, fault.AccessDenied.For("device_denied", "The user refused.")
	case d.Family.ID != "" && !d.Family.SpentAt.IsZero():
		return Authorization{}, &Replay{d.Family.ID, fault.InvalidGrant.For("device_reused", deviceDetail)}
	case !now.Before(d.ExpiresAt):
		return Authorization{}, fault.ExpiredToken.For("device_expired", "The device code expired. Start again.")
	case d.Family.ID == "" && d.TooSoon:
		return Authorization{}, fault.SlowDown.For("device_too_soon", "The device polls too often. Wait 5 seconds more between polls from now on.")
	case d.Family.ID == "":
		return Authorization{}, fault.AuthorizationPending.For("device_pending", "The user has not answered yet.")
	case !d.Family.LiveAt(now):
		return Authorization{}, fault.InvalidGrant.For("device_revoked", deviceDetail)
	}
	a := d.Family.Authorizes()
	a.Spends = &Spend{Kind: DeviceType, Digest: d.Digest, ExpiresAt: d.ExpiresAt}
	return a, nil
}

// UserCode is what a person types: eight letters that can be told apart and spell nothing (RFC 8628, 6.1).
type UserCode string

const (
	userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"
	userCodeLen     = 8
	maxTyped        = 64
)

// NewUserCode makes a code of fresh random bytes; false if too few of them are of use. About one byte in seventeen is not: it would
// make some letters likelier than others.
func NewUserCode(random []byte) (UserCode, bool) {
	const fair = 256 - 256%len(userCodeLetters)
	var code []byte
	for _, b := range random {
		if int(b) < fair && len(code) < userCodeLen {
			code = append(code, userCodeLetters[int(b)%len(userCodeLetters)])
		}
	}
	return UserCode(code), len(code) == userCodeLen
}

// ParseUserCode reads what a person typed: in upper or lower case, with spaces and dashes wherever they like. Anything else is no
// code, letters of other scripts that look the same included.
func ParseUserCode(typed string) (UserCode, bool) {
	if len(typed) > maxTyped {
		return "", false
	}
	var code []byte
	for i := range len(typed) {
		letter := typed[i] &^ 0x20 // ASCII upper case
		switch {
		case typed[i] == ' ' || typed[i] == '-':
		case strings.IndexByte(userCodeLetters, letter) >= 0:
			code = append(code, letter)
		default:
			return "", false
		}
	}
	return UserCode(code), len(code) == userCodeLen
}

// String is the form that people read: two groups of four.
func (c UserCode) String() string { return string(c[:userCodeLen/2]) + "-" + string(c[userCodeLen/2:]) }

// Secret is the form that is hashed.
func (c UserCode) Secret() secret.Value { return secret.Of("user code " + string(c)) }
