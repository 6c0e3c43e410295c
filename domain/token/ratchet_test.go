package token_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

const familyID grant.ID = "0190f5fe-7c1e-7a5f-8d3c-000000000001"

var (
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	pepperK = secret.NewPepper(bytes.Repeat([]byte("k"), 32))
	pepperL = secret.NewPepper(bytes.Repeat([]byte("l"), 32))
	peppers = secret.Peppers{pepperL, pepperK}
	web     = client.Client{ID: "web", Auth: client.Basic}
	keeper  = client.Client{ID: "web", Auth: client.Basic, WithoutRotation: true}
	evil    = client.Client{ID: "evil", Auth: client.Basic}
)

// family returns a family whose newest refresh token is of a generation, turned at noon.
func family(generation uint32) grant.Family {
	f := grant.Family{
		ID: familyID, Client: "web", Subject: subject.OfUser("alice"), Scopes: scope.Of("read", "write"), Audience: []string{"https://api.example"},
		Claims: map[string]any{"tenant": "t1"}, AuthTime: noon.Add(-time.Hour), CreatedAt: noon.Add(-time.Hour), ExpiresAt: noon.Add(90 * 24 * time.Hour),
		Generation: generation, RotatedAt: noon, Pepper: pepperK.Version(),
	}
	for i := range f.Salt {
		f.Salt[i] = byte(i)
	}
	return f
}

// genuine returns the refresh token of one generation as it comes in.
func genuine(t *testing.T, f grant.Family, generation uint32) token.Refresh {
	t.Helper()
	v, ok := token.NewRefresh(f, generation, peppers)
	if !ok {
		t.Fatalf("generation %d: no refresh token could be made", generation)
	}
	r, ok := token.ParseRefresh(v)
	if !ok || !r.GenuineIn(f, peppers) {
		t.Fatalf("generation %d: the refresh token is not genuine", generation)
	}
	return r
}

func TestRefreshTokenOfAGeneration(t *testing.T) {
	t.Parallel()
	f := family(7)
	got, ok := token.NewRefresh(f, 7, peppers)
	if want := "pp_rt_08A6nDjwgeMT36hkiTlo9HizGhxfbFBOLG7nwK7MFvAaHMnW6op1a418240v"; !ok || got.Reveal() != want {
		t.Fatalf("got %s, %v; want %s: every refresh token out there would die", got.Reveal(), ok, want)
	}
	t.Run("is computed, not drawn", func(t *testing.T) {
		t.Parallel()
		later := f
		later.Generation, later.RotatedAt, later.Scopes = 9, noon.Add(time.Hour), scope.Of("read")
		for name, again := range map[string]grant.Family{"the same family": f, "the same family later": later} {
			if v, ok := token.NewRefresh(again, 7, peppers); !ok || !v.Equal(got) {
				t.Errorf("%s: got another token; want the same one", name)
			}
		}
		if v, ok := token.NewRefresh(f, 7, secret.Peppers{pepperK}); !ok || !v.Equal(got) {
			t.Error("under another pepper in use: got another token; want the one of the family's own pepper")
		}
	})
	t.Run("says its family and generation", func(t *testing.T) {
		t.Parallel()
		r, ok := token.ParseRefresh(got)
		if !ok || r.Family != familyID || r.Generation != 7 {
			t.Errorf("got %v, %v; want generation 7 of the family", r, ok)
		}
	})
	t.Run("differs from those of all others", func(t *testing.T) {
		t.Parallel()
		seen := map[string]bool{}
		for generation := range uint32(50) {
			v, ok := token.NewRefresh(f, generation+1, peppers)
			if !ok || seen[v.Reveal()] {
				t.Fatalf("generation %d has no token of its own", generation+1)
			}
			seen[v.Reveal()] = true
		}
	})
}

func TestNewRefreshFails(t *testing.T) {
	t.Parallel()
	f := family(7)
	misnamed := f
	misnamed.ID = "not-an-id"
	for _, tc := range []struct {
		name       string
		family     grant.Family
		generation uint32
		peppers    secret.Peppers
	}{
		{"under an unknown pepper", f, 7, secret.Peppers{pepperL}},
		{"without any pepper", f, 7, nil},
		{"for generation 0", f, 0, peppers},
		{"for a family without a proper ID", misnamed, 7, peppers},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if v, ok := token.NewRefresh(tc.family, tc.generation, tc.peppers); ok || !v.Empty() {
				t.Errorf("got a token, %v; want none", ok)
			}
		})
	}
}

func TestGenuineIn(t *testing.T) {
	t.Parallel()
	f := family(7)
	body := func(change func(b []byte)) token.Refresh {
		v, _ := token.NewRefresh(f, 7, peppers)
		b, _ := secret.ParseHandle(secret.Refresh, v)
		change(b)
		r, ok := token.ParseRefresh(secret.NewHandle(secret.Refresh, b))
		if !ok {
			t.Fatal("the changed token cannot be read; it shows nothing")
		}
		return r
	}
	with := func(change func(*grant.Family)) grant.Family {
		other := f
		change(&other)
		return other
	}
	own := body(func([]byte) {})
	for _, tc := range []struct {
		name    string
		refresh token.Refresh
		family  grant.Family
		peppers secret.Peppers
		want    bool
	}{
		{"in its family", own, f, peppers, true},
		{"in its family, whatever generation it reached", own, with(func(f *grant.Family) { f.Generation = 900 }), peppers, true},
		{"in its family, though that is dead", own, with(func(f *grant.Family) { f.RevokedAt = noon }), peppers, true},
		{"not in another family", own, with(func(f *grant.Family) { f.ID = "0190f5fe-7c1e-7a5f-8d3c-000000000002" }), peppers, false},
		{"not under another salt", own, with(func(f *grant.Family) { f.Salt[15] ^= 1 }), peppers, false},
		{"not under another pepper", own, with(func(f *grant.Family) { f.Pepper = pepperL.Version() }), peppers, false},
		{"not where the pepper is unknown", own, f, secret.Peppers{pepperL}, false},
		{"not where there is no pepper", own, f, nil, false},
		{"not in the zero family", own, grant.Family{}, peppers, false},
		{"not with the generation raised", body(func(b []byte) { b[19]++ }), f, peppers, false},
		{"not with the generation lowered", body(func(b []byte) { b[19]-- }), f, peppers, false},
		{"not with another family written into it", body(func(b []byte) { b[0] ^= 1 }), f, peppers, false},
		{"not with another family written into both", body(func(b []byte) { b[15] = 2 }), with(func(f *grant.Family) { f.ID = "0190f5fe-7c1e-7a5f-8d3c-000000000002" }), peppers, false},
		{"not with the first bit of the MAC changed", body(func(b []byte) { b[20] ^= 0x80 }), f, peppers, false},
		{"not with the last bit of the MAC changed", body(func(b []byte) { b[39] ^= 1 }), f, peppers, false},
		{"not with a MAC of zeros", body(func(b []byte) { clear(b[20:]) }), f, peppers, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.refresh.GenuineIn(tc.family, tc.peppers); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}

func TestParseRefreshRefuses(t *testing.T) {
	t.Parallel()
	v, _ := token.NewRefresh(family(7), 7, peppers)
	for _, tc := range []struct {
		name  string
		given secret.Value
	}{
		{"nothing", secret.Value{}},
		{"a code", secret.NewHandle(secret.Code, make([]byte, 32))},
		{"generation 0", secret.NewHandle(secret.Refresh, append(bytes.Repeat([]byte{1}, 16), make([]byte, 24)...))},
		{"a character less", secret.Of(v.Reveal()[1:])},
		{"a character more", secret.Of(v.Reveal() + "0")},
		{"a JWT", secret.Of("eyJhbGciOiJub25lIn0.e30.")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := token.ParseRefresh(tc.given); ok {
				t.Errorf("got %v; want a refusal", got)
			}
		})
	}
}

func FuzzParseRefresh(f *testing.F) {
	for _, generation := range []uint32{1, 7, math.MaxUint32} {
		v, _ := token.NewRefresh(family(1), generation, peppers)
		body, _ := secret.ParseHandle(secret.Refresh, v)
		f.Add(v.Reveal(), body)
	}
	f.Add("", make([]byte, 40))
	f.Add(secret.NewHandle(secret.Code, make([]byte, 32)).Reveal(), bytes.Repeat([]byte{0xff}, 40))
	ours := family(1)
	f.Fuzz(func(t *testing.T, text string, raw []byte) {
		// The checksum keeps almost all noise out; a body given as bytes gets past it.
		var body [40]byte
		copy(body[:], raw)
		for _, v := range []secret.Value{secret.Of(text), secret.NewHandle(secret.Refresh, body[:])} {
			r, ok := token.ParseRefresh(v)
			b, isHandle := secret.ParseHandle(secret.Refresh, v)
			if want := isHandle && binary.BigEndian.Uint32(b[16:20]) > 0; ok != want {
				t.Fatalf("%q: got %v; want %v", v.Reveal(), ok, want)
			}
			if !ok {
				continue
			}
			id, isID := r.Family.Bytes()
			if !isID || !bytes.Equal(id[:], b[:16]) || r.Generation != binary.BigEndian.Uint32(b[16:20]) {
				t.Errorf("%q: got generation %d of %q; want what stands in it", v.Reveal(), r.Generation, r.Family)
			}
			made, _ := token.NewRefresh(ours, r.Generation, peppers)
			if r.GenuineIn(ours, peppers) != made.Equal(v) {
				t.Errorf("%q: genuine %v, though the server would have made %q", v.Reveal(), !made.Equal(v), made.Reveal())
			}
		}
	})
}

// What the ratchet does with a token: p its generation, g the family's.
const (
	turns = "turns" // to p+1
	again = "again" // g once more, and nothing moves
	keeps = "keeps" // g stays
	ends  = "ends"  // a replay: the family ends
	idle  = "idle"  // refused, nothing changes
)

func TestTurn(t *testing.T) {
	t.Parallel()
	const (
		g     = 5
		grace = 10 * time.Second
		month = 30 * 24 * time.Hour
	)
	type row struct {
		elapsed time.Duration // between the last turn and now, by the database's clock
		cells   [4]string     // p = g-2, g-1, g, g+1
	}
	for _, tc := range []struct {
		name  string
		by    client.Client
		grace time.Duration
		rows  []row
	}{
		{"R03 R05 with a grace window", web, grace, []row{
			{-time.Second, [4]string{ends, again, turns, turns}}, // two readings of one clock may be out of order
			{0, [4]string{ends, again, turns, turns}},
			{5 * time.Second, [4]string{ends, again, turns, turns}},
			{grace - 1, [4]string{ends, again, turns, turns}},
			{grace, [4]string{ends, ends, turns, turns}},
			{grace + 1, [4]string{ends, ends, turns, turns}},
			{month - 1, [4]string{ends, ends, turns, turns}},
			{month, [4]string{idle, idle, idle, idle}},
			{month + 1, [4]string{idle, idle, idle, idle}},
		}},
		{"R02 R03 without one", web, 0, []row{
			{-time.Hour, [4]string{ends, ends, turns, turns}}, // a slow clock opens no window
			{-1, [4]string{ends, ends, turns, turns}},
			{0, [4]string{ends, ends, turns, turns}},
			{1, [4]string{ends, ends, turns, turns}},
			{month - 1, [4]string{ends, ends, turns, turns}},
			{month, [4]string{idle, idle, idle, idle}},
		}},
		{"for a client that keeps its refresh token", keeper, grace, []row{
			{0, [4]string{ends, again, keeps, turns}},
			{grace - 1, [4]string{ends, again, keeps, turns}},
			{grace, [4]string{ends, ends, keeps, turns}},
			{month - 1, [4]string{ends, ends, keeps, turns}},
			{month, [4]string{idle, idle, idle, idle}},
		}},
		{"for a client that keeps its refresh token, without a window", keeper, 0, []row{
			{0, [4]string{ends, ends, keeps, turns}},
			{month, [4]string{idle, idle, idle, idle}},
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := family(g)
			for _, row := range tc.rows {
				for i, want := range row.cells {
					p := uint32(g - 2 + i)
					ratchet := token.Ratchet{Family: f, ReadAt: f.RotatedAt.Add(row.elapsed)}
					a, err := ratchet.Turn(genuine(t, f, p), tc.by, token.Rules{Grace: tc.grace, Idle: month}, noon)
					if got := outcome(t, f, p, a, err); got != want {
						t.Errorf("p=%d, g=%d, %v after the turn: got %s; want %s", p, g, row.elapsed, got, want)
					}
					if a.Steps != nil && a.Steps.Grace != tc.grace {
						t.Errorf("p=%d, g=%d: got a step with grace %v; want %v", p, g, a.Steps.Grace, tc.grace)
					}
				}
			}
		})
	}
}

// outcome names what came of a turn; it fails the test where an answer is not consistent in itself.
func outcome(t *testing.T, f grant.Family, p uint32, a grant.Authorization, err error) string {
	t.Helper()
	var replay *grant.Replay
	refusal, refused := fault.As(err)
	switch {
	case err != nil && (!refused || refusal.Code != fault.InvalidGrant || !reflect.DeepEqual(a, grant.Authorization{})):
		t.Fatalf("p=%d: got %+v, %v; want invalid_grant and nothing beside it", p, a, err)
	case errors.As(err, &replay):
		if replay.Family != f.ID || refusal.Reason != "refresh_reuse" {
			t.Fatalf("p=%d: got a replay in %q, %s; want refresh_reuse in the family", p, replay.Family, refusal.Reason)
		}
		return ends
	case refused && refusal.Reason == "refresh_idle":
		return idle
	case refused:
		return string(refusal.Reason)
	case a.Steps == nil || a.Steps.From != p || a.Spends != nil:
		t.Fatalf("p=%d: got the price %+v, %+v; want a step from p alone", p, a.Steps, a.Spends)
	case a.Steps.To() == f.Generation && a.Steps.Keep:
		return keeps
	case a.Steps.To() == f.Generation:
		return again
	case a.Steps.To() == p+1 && p+1 > f.Generation:
		return turns
	}
	return "something else"
}

func TestTurnAuthorizesWhatTheFamilyAllows(t *testing.T) {
	t.Parallel()
	f := family(5)
	ratchet := token.Ratchet{Family: f, ReadAt: noon}
	got, err := ratchet.Turn(genuine(t, f, 5), web, token.Rules{Grace: time.Second, Idle: time.Hour}, noon)
	want := grant.Authorization{
		Family: &f, Subject: f.Subject, Scopes: f.Scopes, Audience: f.Audience, Claims: f.Claims, AuthTime: f.AuthTime,
		Steps: &grant.Step{From: 5, Grace: time.Second},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestTurnRefusesAndEndsNothing(t *testing.T) {
	t.Parallel()
	replayed := uint32(1) // a generation whose return ends a living family of its own client
	for _, tc := range []struct {
		name   string
		by     client.Client
		change func(*grant.Family)
		now    time.Time
		reason string
	}{
		{"R11 another client", evil, func(*grant.Family) {}, noon, "refresh_foreign"},
		{"R11 another client that does not rotate", client.Client{ID: "evil", Auth: client.Basic, WithoutRotation: true}, func(*grant.Family) {}, noon, "refresh_foreign"},
		{"R11 another client, the family dead", evil, func(f *grant.Family) { f.RevokedAt = noon }, noon, "refresh_foreign"},
		{"R02 a revoked family", web, func(f *grant.Family) { f.RevokedAt = noon }, noon, "refresh_revoked"},
		{"R16 a family at its absolute end", web, func(f *grant.Family) { f.ExpiresAt = noon }, noon, "refresh_expired"},
		{"R16 a family a second after its absolute end", web, func(*grant.Family) {}, noon.Add(90*24*time.Hour + time.Second), "refresh_expired"},
		{"R16 an idle family", web, func(f *grant.Family) { f.RotatedAt = noon.Add(-31 * 24 * time.Hour) }, noon, idle},
		{"a family that never had a refresh token", web, func(f *grant.Family) { f.Generation = 0 }, noon, "refresh_expired"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := family(5)
			tc.change(&f)
			for _, p := range []uint32{replayed, 4, 5, 6} {
				ratchet := token.Ratchet{Family: f, ReadAt: noon}
				a, err := ratchet.Turn(genuine(t, f, p), tc.by, token.Rules{Grace: 10 * time.Second, Idle: 30 * 24 * time.Hour}, tc.now)
				if got := outcome(t, f, p, a, err); got != tc.reason {
					t.Errorf("p=%d: got %s; want %s", p, got, tc.reason)
				}
			}
		})
	}
}

func TestTheLastGenerationOfAllDoesNotBeginAgain(t *testing.T) {
	t.Parallel()
	f := family(math.MaxUint32)
	for _, p := range []uint32{1, math.MaxUint32} {
		ratchet := token.Ratchet{Family: f, ReadAt: noon.Add(time.Minute)}
		a, err := ratchet.Turn(genuine(t, f, p), web, token.Rules{Grace: 10 * time.Second, Idle: time.Hour}, noon)
		if got := outcome(t, f, p, a, err); got != ends {
			t.Errorf("p=%d: got %s; want %s", p, got, ends)
		}
	}
}

func TestTheWordsOfARefreshRefusalTellNothing(t *testing.T) {
	t.Parallel()
	want, _ := fault.As(token.UnknownRefresh())
	rules := token.Rules{Grace: 10 * time.Second, Idle: time.Hour}
	refusals := map[string]error{"a replay": token.RefreshReplay(familyID)}
	for name, change := range map[string]func(*grant.Family){
		"another client": func(f *grant.Family) { f.Client = "evil" },
		"revoked":        func(f *grant.Family) { f.RevokedAt = noon },
		"expired":        func(f *grant.Family) { f.ExpiresAt = noon },
		"idle":           func(f *grant.Family) { f.RotatedAt = noon.Add(-time.Hour) },
		"an old one":     func(f *grant.Family) { f.Generation = 9 },
	} {
		f := family(5)
		change(&f)
		_, refusals[name] = token.Ratchet{Family: f, ReadAt: noon}.Turn(genuine(t, f, 5), web, rules, noon)
	}
	for name, err := range refusals {
		if got, ok := fault.As(err); !ok || got.Code != want.Code || got.Detail != want.Detail {
			t.Errorf("%s: got %v; want the words %q", name, err, want.Detail)
		}
	}
}

func TestUsable(t *testing.T) {
	t.Parallel()
	rules := token.Rules{Grace: 10 * time.Second, Idle: time.Hour}
	for _, tc := range []struct {
		name   string
		p      uint32
		since  time.Duration
		change func(*grant.Family)
		want   bool
	}{
		{"the newest of a living family", 5, 0, func(*grant.Family) {}, true},
		{"until it idled", 5, time.Hour - 1, func(*grant.Family) {}, true},
		{"once it idled no longer", 5, time.Hour, func(*grant.Family) {}, false},
		{"an older one after the window", 4, time.Minute, func(*grant.Family) {}, false},
		{"a much older one", 1, 0, func(*grant.Family) {}, false},
		{"of a revoked family", 5, 0, func(f *grant.Family) { f.RevokedAt = noon }, false},
		{"of a family that ended", 5, 0, func(f *grant.Family) { f.ExpiresAt = noon }, false},
		{"of another client", 5, 0, func(f *grant.Family) { f.Client = "somebody else" }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := family(5)
			by := client.Client{ID: f.Client}
			tc.change(&f)
			ratchet := token.Ratchet{Family: f, ReadAt: noon.Add(tc.since)}
			if got := ratchet.Usable(genuine(t, f, tc.p), by, rules, noon); got != tc.want {
				t.Errorf("got %v; want %v", got, tc.want)
			}
		})
	}
}
