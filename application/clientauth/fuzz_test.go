package clientauth_test

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/application/roster"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

const (
	id    = client.ID("0190f5fe-7c1e-7a5f-8d3c-000000000001")
	known = "a+b c%d:é&=" // a secret that must be encoded
)

type noon struct{}

func (noon) Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// boundless never says that there were too many tries.
type boundless struct{}

func (boundless) Full(ports.Bucket, time.Time) time.Duration { return 0 }
func (boundless) Count(ports.Bucket, time.Time)              {}

// FuzzBasic: a header is believed only if it is, in one of the spellings RFC 6749, 2.3.1, allows, the client's id and its secret.
func FuzzBasic(f *testing.F) {
	right := base64.StdEncoding.EncodeToString([]byte(string(id) + ":" + url.QueryEscape(known)))
	for _, s := range []string{
		"Basic " + right, "basic " + right, "Basic  " + right, "Basic\t" + right, right, "Basic " + right + "=", "Basic " + strings.TrimRight(right, "="),
		"Basic " + right[:20] + "\n" + right[20:], "Basic " + base64.URLEncoding.EncodeToString([]byte(string(id)+":"+known)), "", "Basic", "Basic Og==",
		"Basic " + base64.StdEncoding.EncodeToString([]byte(string(id)+":"+known)), "Basic " + base64.StdEncoding.EncodeToString([]byte(string(id))),
		"Basic " + base64.StdEncoding.EncodeToString([]byte(":")), "Basic " + base64.StdEncoding.EncodeToString([]byte("%30"+string(id)[1:]+":%")), "Bearer " + right,
	} {
		f.Add(s, "")
		f.Add(s, string(id))
	}
	peppers := secret.Peppers{secret.NewPepper([]byte("a pepper of tests, and of nothing else"))}
	store := memory.New(noon{})
	c := client.Client{ID: id, Name: "web", Auth: client.Basic, Secrets: []client.Secret{{Digest: peppers.Digest(secret.Of(known))}}}
	if err := store.AddClient(f.Context(), c); err != nil {
		f.Fatal(err)
	}
	secrets := clientauth.NewSecrets(peppers, nil, noon{})
	methods := clientauth.Methods{clientauth.NewBasic(secrets), clientauth.NewPost(secrets), clientauth.NewNone()}
	s := clientauth.New(roster.New(store), methods, boundless{}, record.New(quiet{}, nil), noon{})
	f.Fuzz(func(t *testing.T, authorization, named string) {
		got, err := s.Authenticate(t.Context(), clientauth.Presented{
			Authorization: secret.Of(authorization), Form: clientauth.NewForm(url.Values{"client_id": {named}}),
		})
		if want := believable(authorization) && (named == "" || named == string(id)); (err == nil) != want || want && got.ID != id {
			t.Errorf("Authorization: %q of %q: got %q, %v; want it believed: %v", authorization, named, got.ID, err, want)
		}
		if refusal, isFault := fault.As(err); err != nil && (!isFault || refusal.Code != fault.InvalidClient && refusal.Code != fault.InvalidRequest) {
			t.Errorf("Authorization: %q: got %v; want a refusal", authorization, err)
		}
	})
}

// believable reads a header backwards: from every pair that would do to what it must look like.
func believable(authorization string) bool {
	if len(authorization) < 6 || !strings.EqualFold(authorization[:6], "basic ") {
		return false
	}
	pair, err := base64.StdEncoding.DecodeString(authorization[6:])
	if err != nil {
		return false
	}
	name, password, ok := strings.Cut(string(pair), ":")
	return ok && spells(name, string(id)) && spells(password, known)
}

// spells reports whether a form-encoded text stands for another, byte by byte.
func spells(encoded, text string) bool {
	for text != "" {
		switch {
		case encoded == "":
			return false
		case encoded[0] == '+':
			if text[0] != ' ' {
				return false
			}
			encoded, text = encoded[1:], text[1:]
		case encoded[0] == '%':
			if len(encoded) < 3 || !strings.EqualFold(encoded[1:3], hexOf(text[0])) {
				return false
			}
			encoded, text = encoded[3:], text[1:]
		case encoded[0] != text[0]:
			return false
		default:
			encoded, text = encoded[1:], text[1:]
		}
	}
	return encoded == ""
}

func hexOf(b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}

// quiet forgets what it is told.
type quiet struct{ ports.Journal }

func (quiet) Append(context.Context, ...audit.Entry) error { return nil }
