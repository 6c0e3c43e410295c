package keyring

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// spelled is what an access token says, in the order in which it says it, as encoding/json writes it.
type spelled struct {
	Issuer      string       `json:"iss"`
	Subject     string       `json:"sub"`
	SubjectKind subject.Kind `json:"sub_kind"`
	Audience    any          `json:"aud"`
	Client      client.ID    `json:"client_id"`
	Scope       string       `json:"scope,omitempty"`
	ID          token.ID     `json:"jti"`
	IssuedAt    int64        `json:"iat"`
	ExpiresAt   int64        `json:"exp"`
	AuthTime    int64        `json:"auth_time,omitempty"`
}

func TestPayloadHasTheBytesOfEncodingJSON(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.StringN(1, 20, -1), rapid.StringMatching(`[ -~]{1,20}`), rapid.SampledFrom([]string{"\x7f", "\xff", "a<b>&c", "\u2028", `"\`, "\x00\x1f"}))
	seconds := rapid.Int64Range(0, 253402300799)
	rapid.Check(t, func(t *rapid.T) {
		c := token.Claims{
			Issuer: text.Draw(t, "iss"), Subject: text.Draw(t, "sub"), SubjectKind: rapid.SampledFrom([]subject.Kind{subject.User, subject.Client}).Draw(t, "kind"),
			Audience: rapid.SliceOfN(text, 1, 3).Draw(t, "aud"), Client: client.ID(text.Draw(t, "client_id")), ID: token.ID(text.Draw(t, "jti")),
			IssuedAt: time.Unix(seconds.Draw(t, "iat"), 0), ExpiresAt: time.Unix(seconds.Draw(t, "exp"), 0),
		}
		want := spelled{
			Issuer: c.Issuer, Subject: c.Subject, SubjectKind: c.SubjectKind, Audience: c.Audience, Client: c.Client, ID: c.ID,
			IssuedAt: c.IssuedAt.Unix(), ExpiresAt: c.ExpiresAt.Unix(),
		}
		if len(c.Audience) == 1 {
			want.Audience = c.Audience[0]
		}
		if rapid.Bool().Draw(t, "has scope") {
			want.Scope = text.Draw(t, "scope")
			c.Scope = want.Scope
		}
		if rapid.Bool().Draw(t, "has auth_time") {
			c.AuthTime = time.Unix(seconds.Draw(t, "auth_time"), 0)
			want.AuthTime = c.AuthTime.Unix()
		}
		expected, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := payloadOf(c); err != nil || string(got) != string(expected) {
			t.Errorf("got %s (%v); want %s", got, err, expected)
		}
	})
}

func TestSignaturesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	long := append([]byte{0x30, 0x26, 0x02, 0x21, 0x01}, append(make([]byte, 32), 0x02, 0x01, 0x01)...)
	for name, der := range map[string][]byte{
		"nothing":              nil,
		"no sequence":          {0x02, 0x01, 0x01},
		"one number":           {0x30, 0x03, 0x02, 0x01, 0x01},
		"three numbers":        {0x30, 0x09, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01},
		"more behind it":       {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00},
		"a negative number":    {0x30, 0x06, 0x02, 0x01, 0xff, 0x02, 0x01, 0x01},
		"a number of 33 bytes": long,
	} {
		if got, err := fixedWidth(der); err == nil {
			t.Errorf("%s: got %x; want an error", name, got)
		}
	}
	short, err := fixedWidth([]byte{0x30, 0x06, 0x02, 0x01, 0x07, 0x02, 0x01, 0x09})
	if err != nil || len(short) != 64 || short[31] != 7 || short[63] != 9 {
		t.Errorf("short numbers: got %x, %v; want them at the end of 32 bytes each", short, err)
	}
}
