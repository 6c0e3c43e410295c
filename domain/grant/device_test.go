package grant_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
)

func TestDeviceRedeem(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	tv := client.Client{ID: "tv"}
	allowed := grant.Family{ID: "f", Client: "tv", Subject: subject.OfUser("alice"), ExpiresAt: now.Add(time.Hour)}
	for _, tc := range []struct {
		name   string
		by     client.Client
		change func(*grant.Device)
		want   fault.Code
		replay bool
	}{
		{"allowed", tv, func(d *grant.Device) { d.Family = allowed }, "", false},
		{"allowed, and the last poll came too soon", tv, func(d *grant.Device) { d.Family, d.TooSoon = allowed, true }, "", false},
		{"waiting", tv, func(*grant.Device) {}, fault.AuthorizationPending, false},
		{"too soon", tv, func(d *grant.Device) { d.TooSoon = true }, fault.SlowDown, false},
		{"denied", tv, func(d *grant.Device) { d.DeniedAt = now }, fault.AccessDenied, false},
		{"denied, and expired since", tv, func(d *grant.Device) { d.DeniedAt, d.ExpiresAt = now, now }, fault.AccessDenied, false},
		{"expired", tv, func(d *grant.Device) { d.ExpiresAt = now }, fault.ExpiredToken, false},
		{"allowed, but fetched too late", tv, func(d *grant.Device) { d.Family, d.ExpiresAt = allowed, now }, fault.ExpiredToken, false},
		{"another client's", client.Client{ID: "other"}, func(d *grant.Device) { d.Family = allowed }, fault.InvalidGrant, false},
		{"allowed and revoked", tv, func(d *grant.Device) { d.Family = allowed; d.Family.RevokedAt = now }, fault.InvalidGrant, false},
		{"used", tv, func(d *grant.Device) { d.Family = allowed; d.Family.SpentAt = now }, fault.InvalidGrant, true},
		{"used, and expired since", tv, func(d *grant.Device) { d.Family, d.ExpiresAt = allowed, now; d.Family.SpentAt = now }, fault.InvalidGrant, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := grant.Device{Digest: secret.Digest{1}, Client: "tv", CreatedAt: now, ExpiresAt: now.Add(time.Minute)}
			tc.change(&d)
			a, err := d.Redeem(tc.by, now)
			checkRedeemed(t, d, a, err, tc.want, tc.replay)
		})
	}
}

func checkRedeemed(t *testing.T, d grant.Device, a grant.Authorization, err error, want fault.Code, replay bool) {
	t.Helper()
	var r *grant.Replay
	if errors.As(err, &r) != replay || replay && r.Family != d.Family.ID {
		t.Errorf("got %v; want a replay: %v", err, replay)
	}
	if f, ok := fault.As(err); ok && f.Code != want || !ok && want != "" {
		t.Errorf("got %v; want %q", err, want)
	}
	if want == "" && (err != nil || a.Spends == nil || a.Spends.Kind != grant.DeviceType || a.Spends.Digest != d.Digest || a.Subject.ID != "alice") {
		t.Errorf("got %+v, %v; want what alice allowed, for the device code", a, err)
	}
}

func TestParseUserCode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typed, want string
	}{
		{"BCDFGHJK", "BCDF-GHJK"},
		{"bcdf-ghjk", "BCDF-GHJK"},
		{"  BcDf  GhJk ", "BCDF-GHJK"},
		{"B-C-D-F-G-H-J-K", "BCDF-GHJK"},
		{"BCDFGHJ", ""},
		{"BCDFGHJKL", ""},
		{"BCDFGHJA", ""},           // a vowel
		{"BCDFGHJ1", ""},           // a digit
		{"BCDFGHJ\u212a", ""},      // the Kelvin sign
		{"\uff22\uff23DFGHJK", ""}, // wide letters
		{"BCDFGH\u017fK", ""},      // the long s
		{"BCDFGHJK\x00", ""},
		{"BCDFGHJ\x0b", ""},
		{"", ""},
		{strings.Repeat(" ", 100) + "BCDFGHJK", ""},
	} {
		code, ok := grant.ParseUserCode(tc.typed)
		if ok != (tc.want != "") || ok && code.String() != tc.want {
			t.Errorf("%q: got %q, %v; want %q", tc.typed, code, ok, tc.want)
		}
	}
}

func TestNewUserCode(t *testing.T) {
	t.Parallel()
	code, ok := grant.NewUserCode([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8})
	if want := "BCDF-GHJK"; !ok || code.String() != want {
		t.Errorf("got %q, %v; want %q", code, ok, want)
	}
	if _, ok := grant.NewUserCode([]byte{255, 254, 253, 252, 251, 250, 249, 248, 240, 241, 0, 1}); ok {
		t.Error("a code was made of bytes that favour some letters")
	}
}

func FuzzParseUserCode(f *testing.F) {
	for _, seed := range []string{"BCDFGHJK", "bcdf-ghjk", " B C ", "\u212a", "--------"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := grant.ParseUserCode(typed)
		if !ok {
			return
		}
		again, ok := grant.ParseUserCode(code.String())
		if !ok || again != code {
			t.Errorf("%q is read as %q, and that as %q", typed, code, again)
		}
	})
}
