package cli

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gopassport/passport/ports"
)

// sweeper removes what it was told to, and remembers what it was asked for.
type sweeper struct {
	asked []ports.Waste
	left  []ports.Purged
	err   error
}

func (s *sweeper) Purge(_ context.Context, w ports.Waste) (ports.Purged, error) {
	s.asked = append(s.asked, w)
	if len(s.left) == 0 {
		return ports.Purged{}, s.err
	}
	done := s.left[0]
	s.left = s.left[1:]
	return done, nil
}

func sweptBy(s *sweeper) *bench {
	b := newBench()
	b.storage = func(ctx context.Context) (ports.Storage, func(), error) {
		p, done, err := b.inMemory(ctx)
		p.Purger = s
		return p, done, err
	}
	return b
}

func TestPurgeSaysInWordsWhatItRemoved(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args             []string
		want             string
		revoked, expired bool
		keep             time.Duration
	}{
		{nil, "Purged what was revoked or expired more than 1 week ago.", true, true, week},
		{[]string{"--revoked", "--expired"}, "Purged what was revoked or expired more than 1 week ago.", true, true, week},
		{[]string{"--revoked"}, "Purged what was revoked more than 1 week ago.", true, false, week},
		{[]string{"--expired", "--hours", "48"}, "Purged what expired more than 2 days ago.", false, true, 2 * day},
		{[]string{"--hours", "1"}, "Purged what was revoked or expired more than 1 hour ago.", true, true, time.Hour},
		{[]string{"--hours", "0"}, "Purged what was revoked or expired.", true, true, 10 * time.Minute}, // what is in flight relies on it
	} {
		s := &sweeper{left: []ports.Purged{{AccessTokens: 12, RefreshTokens: 3, AuthCodes: 4, DeviceCodes: 5, Others: 6}}}
		r := sweptBy(s).want(t, exitOK, append([]string{"purge"}, tt.args...)...)
		contains(t, r.err, tt.want)
		contains(t, r.out, "access tokens", "12", "device codes")
		w := s.asked[0]
		if age := time.Since(w.Before); w.Revoked != tt.revoked || w.Expired != tt.expired || age < tt.keep || age > tt.keep+time.Minute {
			t.Errorf("%v: got %+v, %s ago", tt.args, w, age)
		}
	}
}

func TestPurgeKeepsWhatTheConfigurationKeeps(t *testing.T) {
	t.Parallel()
	s := &sweeper{}
	b := sweptBy(s)
	b.env = append(b.env, "PASSPORT_PURGE_AFTER=30d")
	contains(t, b.want(t, exitOK, "purge").err, "more than 30 days ago")
	contains(t, b.want(t, exitOK, "purge", "--hours", "168").err, "more than 1 week ago")
}

func TestThePurgesJSONIsStable(t *testing.T) {
	t.Parallel()
	s := &sweeper{left: []ports.Purged{{AccessTokens: 1, RefreshTokens: 2, AuthCodes: 3, DeviceCodes: 4, Others: 5}}}
	got := jsonOf[map[string]any](t, sweptBy(s).want(t, exitOK, "purge", "--expired", "--json").out)
	for name, want := range map[string]any{
		"revoked": false, "expired": true, "hours": 168.0,
		"access_tokens": 1.0, "refresh_tokens": 2.0, "auth_codes": 3.0, "device_codes": 4.0, "others": 5.0,
	} {
		if got[name] != want {
			t.Errorf("%s: got %v; want %v", name, got[name], want)
		}
	}
}

func TestAPurgeThatFailsTellsWhatItHadRemoved(t *testing.T) {
	t.Parallel()
	s := &sweeper{left: []ports.Purged{{AccessTokens: 1 << 20}}, err: errors.New("broke")}
	r := sweptBy(s).want(t, exitFailed, "purge")
	contains(t, r.err, "was not finished", "broke")
	contains(t, r.out, "1048576")
	lacks(t, sweptBy(&sweeper{err: errors.New("broke")}).want(t, exitFailed, "purge").out, "TABLE")
	sweptBy(s).want(t, exitUsage, "purge", "--hours", "-1")
}

func TestPurgeRunsOnTheStorage(t *testing.T) {
	t.Parallel()
	contains(t, newBench().want(t, exitOK, "purge").out, "access tokens")
}
