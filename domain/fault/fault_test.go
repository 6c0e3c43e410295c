package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/fault"
)

var (
	errDisk = errors.New("disk on fire")

	plain    = fault.InvalidGrant.Because("The code expired.")
	reasoned = fault.InvalidGrant.For("code_expired", "The code expired.")
	caused   = fault.InvalidRequest.From(errDisk, "The request is malformed.")
	throttle = fault.TooMany("login_source", time.Minute, "There were too many attempts.")
)

func TestIs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		err, target error
		want        bool
	}{
		{"a code matches itself", plain, fault.InvalidGrant.Because("Other words."), true},
		{"a target without reason matches every reason", reasoned, plain, true},
		{"a target with a reason matches that reason", reasoned, fault.InvalidGrant.For("code_expired", ""), true},
		{"a target with a reason matches no other reason", reasoned, fault.InvalidGrant.For("code_foreign", ""), false},
		{"a target with a reason matches no fault without one", plain, reasoned, false},
		{"another code does not match", plain, fault.InvalidClient.Because("The code expired."), false},
		{"the same reason under another code does not match", reasoned, fault.InvalidScope.For("code_expired", ""), false},
		{"a wrapped fault matches", fmt.Errorf("redeem: %w", reasoned), plain, true},
		{"the private cause is found", caused, errDisk, true},
		{"a cause that is not there is not found", plain, errDisk, false},
		{"a plain error is no fault", errDisk, plain, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := errors.Is(tc.err, tc.target); got != tc.want {
				t.Errorf("errors.Is(%v, %v): got %v; want %v", tc.err, tc.target, got, tc.want)
			}
		})
	}
}

func TestAs(t *testing.T) {
	t.Parallel()
	t.Run("finds the fault under wrapping", func(t *testing.T) {
		t.Parallel()
		got, ok := fault.As(fmt.Errorf("exchange: %w", fmt.Errorf("redeem: %w", reasoned)))
		if !ok {
			t.Fatal("got no fault; want one")
		}
		if got.Code != fault.InvalidGrant || got.Reason != "code_expired" || got.Detail != "The code expired." {
			t.Errorf("got %#v; want the fault that was wrapped", *got)
		}
	})
	t.Run("finds none in a plain error or in none", func(t *testing.T) {
		t.Parallel()
		for _, err := range []error{nil, errDisk, fmt.Errorf("read: %w", errDisk)} {
			if got, ok := fault.As(err); ok || got != nil {
				t.Errorf("As(%v): got %v, %v; want nothing", err, got, ok)
			}
		}
	})
	t.Run("tells how long to wait", func(t *testing.T) {
		t.Parallel()
		got, ok := fault.As(throttle)
		if !ok || got.Wait != time.Minute || got.Code != fault.TemporarilyUnavailable || got.Reason != "login_source" {
			t.Errorf("got %#v; want temporarily_unavailable, login_source, one minute", got)
		}
	})
	t.Run("says nothing of waiting elsewhere", func(t *testing.T) {
		t.Parallel()
		for _, err := range []error{plain, reasoned, caused} {
			if got, _ := fault.As(err); got.Wait != 0 {
				t.Errorf("%v: got wait %v; want none", err, got.Wait)
			}
		}
	})
}

func TestUnwrap(t *testing.T) {
	t.Parallel()
	if got := errors.Unwrap(caused); got != errDisk {
		t.Errorf("got %v; want the private cause", got)
	}
	if got := errors.Unwrap(plain); got != nil {
		t.Errorf("got %v; want nothing", got)
	}
}

func TestErrorSpeaksToTheOperator(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		err  error
		want string
	}{
		{plain, "invalid_grant: The code expired."},
		{reasoned, "invalid_grant: The code expired. (code_expired)"},
		{caused, "invalid_request: The request is malformed.: disk on fire"},
		{throttle, "temporarily_unavailable: There were too many attempts. (login_source)"},
	} {
		if got := tc.err.Error(); got != tc.want {
			t.Errorf("got %q; want %q", got, tc.want)
		}
	}
}

func TestDetailKeepsTheCausePrivate(t *testing.T) {
	t.Parallel()
	got, _ := fault.As(caused)
	if got.Detail != "The request is malformed." || strings.Contains(got.Detail, errDisk.Error()) {
		t.Errorf("got detail %q; want the fixed words alone", got.Detail)
	}
}
