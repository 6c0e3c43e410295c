package grant_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

const someID = "0190f5fe-7c1e-7a5f-8d3c-000000000001"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestFamilyLiveAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given grant.Family
		want  bool
	}{
		{"until it ends", grant.Family{ExpiresAt: noon.Add(1)}, true},
		{"at its end no longer", grant.Family{ExpiresAt: noon}, false},
		{"once it was revoked no longer", grant.Family{ExpiresAt: noon.Add(time.Hour), RevokedAt: noon.Add(-time.Hour)}, false},
		{"not even before the moment of its revocation", grant.Family{ExpiresAt: noon.Add(time.Hour), RevokedAt: noon.Add(time.Minute)}, false},
		{"a spent one lives", grant.Family{ExpiresAt: noon.Add(1), SpentAt: noon}, true},
		{"the zero family does not", grant.Family{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.given.LiveAt(noon); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestStepTo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		step grant.Step
		want uint32
	}{
		{grant.Step{From: 1}, 2},
		{grant.Step{From: 7, Grace: time.Second}, 8},
		{grant.Step{From: 7, Keep: true}, 7},
		{grant.Step{From: math.MaxUint32 - 1}, math.MaxUint32},
	} {
		if got := tc.step.To(); got != tc.want {
			t.Errorf("%+v: got %d; want %d", tc.step, got, tc.want)
		}
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	got := grant.Once("urn:otp", secret.Of("123456"), noon)
	if got.Kind != "urn:otp" || !got.ExpiresAt.Equal(noon) {
		t.Errorf("got %+v; want the grant type and the end it was given", got)
	}
	// No pepper takes part, so that a new one never makes a spent credential fresh: the digest is a constant.
	if want := "82c62cd1095ae67f67201cdc67a7f0f6756df508e8e0ac536403bb21678e849d"; got.Digest.String() != want {
		t.Errorf("got digest %s; want %s", got.Digest, want)
	}
	if got.Digest == grant.Once("urn:saml", secret.Of("123456"), noon).Digest {
		t.Error("one credential of two grant types has one digest")
	}
	if got.Digest == grant.Once("urn:otp", secret.Of("123457"), noon).Digest {
		t.Error("two credentials have one digest")
	}
	if got.Digest != grant.Once("urn:otp", secret.Of("123456"), noon.Add(time.Hour)).Digest {
		t.Error("the end changes the digest: the same credential could be spent twice")
	}
}

func TestFoundedBy(t *testing.T) {
	t.Parallel()
	spend := *grant.Once("urn:otp", secret.Of("123456"), noon)
	got := grant.FoundedBy(someID, spend)
	if want := grant.ID("7d3c70e1-475a-8bc2-f1d7-c57543147e50"); got != want {
		t.Errorf("got %s; want %s: a replay would end another family", got, want)
	}
	if _, ok := got.Bytes(); !ok {
		t.Errorf("%s is no ID", got)
	}
	later := spend
	later.ExpiresAt = noon.Add(time.Hour)
	if grant.FoundedBy(someID, later) != got {
		t.Error("the end of the record changes the family")
	}
	other, kind := *grant.Once("urn:otp", secret.Of("654321"), noon), spend
	kind.Kind = "urn:saml"
	for name, id := range map[string]grant.ID{
		"another client":     grant.FoundedBy("0190f5fe-7c1e-7a5f-8d3c-000000000002", spend),
		"another credential": grant.FoundedBy(someID, other),
		"another kind":       grant.FoundedBy(someID, kind),
	} {
		if id == got {
			t.Errorf("%s founds the same family", name)
		}
	}
}

func TestIDAndItsBytes(t *testing.T) {
	t.Parallel()
	b := [16]byte{0x01, 0x90, 0xf5, 0xfe, 0x7c, 0x1e, 0x7a, 0x5f, 0x8d, 0x3c, 15: 0x01}
	if got := grant.IDOf(b); got != someID {
		t.Errorf("IDOf: got %s; want %s", got, someID)
	}
	if got, ok := grant.ID(someID).Bytes(); !ok || got != b {
		t.Errorf("Bytes: got %x, %v; want %x", got, ok, b)
	}
	for i := range 16 { // each byte has a place of its own
		var one [16]byte
		one[i] = 0xa5
		if got, ok := grant.IDOf(one).Bytes(); !ok || got != one {
			t.Errorf("byte %d: got %x, %v; want it back", i, got, ok)
		}
	}
	for _, bad := range []grant.ID{
		"", grant.ID(someID[1:]), someID + "0", "0190F5FE-7C1E-7A5F-8D3C-000000000001", "0190f5fe7c1e7a5f8d3c000000000001", "0190f5fe-7c1e-7a5f-8d3c-00000000000g",
		"0190f5fe-7c1e-7a5f-8d3c0-00000000001",
	} {
		if got, ok := bad.Bytes(); ok {
			t.Errorf("%q: got %x; want a refusal", bad, got)
		}
	}
}

func FuzzIDBytes(f *testing.F) {
	for _, s := range []string{someID, "", "0190F5FE-7C1E-7A5F-8D3C-000000000001", strings.Repeat("-", 36), strings.Repeat("0", 36), "ffffffff-ffff-ffff-ffff-ffffffffffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, ok := grant.ID(s).Bytes()
		if ok && string(grant.IDOf(b)) != s {
			t.Errorf("%q was read; the only spelling is %q", s, grant.IDOf(b))
		}
		want, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
		if ok && (err != nil || !bytes.Equal(b[:], want)) {
			t.Errorf("%q: got %x; want %x", s, b, want)
		}
		var some [16]byte
		copy(some[:], s)
		if back, ok := grant.IDOf(some).Bytes(); !ok || back != some {
			t.Errorf("%x: got %x, %v; want it back", some, back, ok)
		}
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	anyGrant := fault.InvalidGrant.Because("")
	for _, tc := range []struct {
		name   string
		given  error
		reason fault.Reason
	}{
		{"it shows the refusal it carries", &grant.Replay{Family: someID, Public: fault.InvalidGrant.For("code_reused", "Spent.")}, "code_reused"},
		{"it is a refusal even without one", &grant.Replay{Family: someID}, "replay"},
		{"also when it is wrapped", fmt.Errorf("redeem: %w", &grant.Replay{Family: someID}), "replay"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var r *grant.Replay
			if !errors.As(tc.given, &r) || r.Family != someID {
				t.Fatalf("got %v; want a replay in the family", tc.given)
			}
			f, ok := fault.As(tc.given)
			if !ok || f.Code != fault.InvalidGrant || f.Reason != tc.reason || !errors.Is(tc.given, anyGrant) {
				t.Errorf("got fault %v; want invalid_grant, %s", f, tc.reason)
			}
			if f != nil && strings.Contains(f.Detail, someID) {
				t.Errorf("the public detail %q names the family", f.Detail)
			}
		})
	}
}
