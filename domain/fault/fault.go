// Package fault is the vocabulary of refusals.
//
// A fault is an answer, not an accident: something the sender of a request did, or may not do, said in the error codes of the
// OAuth registry. Its Detail is a fixed sentence that is safe to show to anybody; Reason and cause are for the operator's log.
// What goes wrong on our own side is never a fault: it stays a plain error and becomes 503 or 500 at the edge.
package fault

import (
	"errors"
	"time"
)

// Code is an error value of the OAuth registries (RFC 6749, 11.4, and its extensions).
type Code string

// The codes this server answers with.
const (
	InvalidRequest          Code = "invalid_request"
	InvalidClient           Code = "invalid_client"
	InvalidGrant            Code = "invalid_grant"
	InvalidScope            Code = "invalid_scope"
	InvalidTarget           Code = "invalid_target" // RFC 8707, 2
	UnauthorizedClient      Code = "unauthorized_client"
	UnsupportedGrantType    Code = "unsupported_grant_type"
	UnsupportedResponseType Code = "unsupported_response_type"
	AccessDenied            Code = "access_denied"
	TemporarilyUnavailable  Code = "temporarily_unavailable"
	AuthorizationPending    Code = "authorization_pending"     // RFC 8628, 3.5
	SlowDown                Code = "slow_down"                 // RFC 8628, 3.5
	ExpiredToken            Code = "expired_token"             // RFC 8628, 3.5
	LoginRequired           Code = "login_required"            // OpenID Connect Core, 3.1.2.6
	ConsentRequired         Code = "consent_required"          // OpenID Connect Core, 3.1.2.6
	RequestNotSupported     Code = "request_not_supported"     // OpenID Connect Core, 6.1
	RequestURINotSupported  Code = "request_uri_not_supported" // OpenID Connect Core, 6.2
)

// Reason names the exact ground of a refusal for logs and metrics: lower case, underscores, from a closed list in the code.
type Reason string

// Error is a refusal.
type Error struct {
	Code   Code
	Detail string        // public: fixed words, printable ASCII without quotes or backslashes (RFC 6749, 5.2)
	Reason Reason        // private
	Wait   time.Duration // how long the sender should wait before it tries again; zero says nothing
	cause  error         // private
}

// Because refuses with a public detail.
func (c Code) Because(detail string) error { return &Error{Code: c, Detail: detail} }

// For refuses with a public detail and says to the operator alone which ground it was.
func (c Code) For(reason Reason, detail string) error {
	return &Error{Code: c, Detail: detail, Reason: reason}
}

// From refuses with a public detail and remembers a private cause.
func (c Code) From(cause error, detail string) error {
	return &Error{Code: c, Detail: detail, cause: cause}
}

// TooMany refuses because of a limit; the sender may come back after wait.
func TooMany(reason Reason, wait time.Duration, detail string) error {
	return &Error{Code: TemporarilyUnavailable, Detail: detail, Reason: reason, Wait: wait}
}

// As returns the refusal that err carries, if it carries one.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Error is for the operator's log; it may hold the private cause.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Detail
	if e.Reason != "" {
		s += " (" + string(e.Reason) + ")"
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the private cause.
func (e *Error) Unwrap() error { return e.cause }

// Is makes two faults of one code equal to errors.Is.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code && (t.Reason == "" || t.Reason == e.Reason)
}
