package user_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/user"
)

func TestEnabled(t *testing.T) {
	t.Parallel()
	if !(user.User{ID: "1"}).Enabled() {
		t.Error("a person nobody disabled: got disabled; want enabled")
	}
	if (user.User{ID: "1", DisabledAt: time.Unix(1, 0)}).Enabled() {
		t.Error("a disabled person: got enabled; want disabled")
	}
}

func TestValidatePassword(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, given string
		ok          bool
	}{
		{"none", "", false},
		{"one byte too short", strings.Repeat("x", user.MinPasswordLen-1), false},
		{"as short as it may be", strings.Repeat("x", user.MinPasswordLen), true},
		{"as long as it may be", strings.Repeat("x", user.MaxPasswordLen), true},
		{"one byte too long", strings.Repeat("x", user.MaxPasswordLen+1), false},
		{"a megabyte", strings.Repeat("x", 1<<20), false},
		{"a sentence in another script", "пароль без правил", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := user.ValidatePassword(tc.given)
			if (err == nil) != tc.ok {
				t.Fatalf("got %v; want accepted %v", err, tc.ok)
			}
			if err != nil && tc.given != "" && strings.Contains(err.Error(), tc.given) {
				t.Error("the refusal repeats the password")
			}
		})
	}
}
