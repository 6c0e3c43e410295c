package guard

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/subject"
)

// jwt is an access token (RFC 9068, 2) that was read and not yet verified.
type jwt struct {
	jws       *jose.JSONWebSignature
	kid       string
	algorithm key.Algorithm
	claims    claims
}

var base64URL = base64.RawURLEncoding.Strict()

var algorithms = []jose.SignatureAlgorithm{
	jose.SignatureAlgorithm(key.ES256), jose.SignatureAlgorithm(key.EdDSA), jose.SignatureAlgorithm(key.RS256), jose.SignatureAlgorithm(key.PS256),
}

// parseJWT reads a token of the shape of isCompact. Its header must have the three members that the server's have and no other:
// whatever else a header can say (crit, b64, jku, jwk, x5u, x5c) changes what a signature means or whose it is.
func parseJWT(text string) (jwt, bool) {
	jws, err := jose.ParseSignedCompact(text, algorithms)
	if err != nil {
		return jwt{}, false
	}
	h := jws.Signatures[0].Protected
	typ := h.ExtraHeaders[jose.HeaderType]
	if typ != "at+jwt" && typ != "application/at+jwt" || h.KeyID == "" || len(membersOf(text)) != 3 {
		return jwt{}, false
	}
	c, ok := readClaims(jws.UnsafePayloadWithoutVerification())
	return jwt{jws, h.KeyID, key.Algorithm(h.Algorithm), c}, ok
}

// claims are what an access token must say (RFC 9068, 2.2), and what it may.
type claims struct {
	Issuer    string       `json:"iss"`
	Subject   string       `json:"sub"`
	Kind      subject.Kind `json:"sub_kind"`
	Audience  audience     `json:"aud"`
	Client    string       `json:"client_id"`
	Scope     string       `json:"scope"`
	ID        string       `json:"jti"`
	IssuedAt  int64        `json:"iat"`
	NotBefore int64        `json:"nbf"`
	ExpiresAt int64        `json:"exp"`
	AuthTime  int64        `json:"auth_time"`

	scopes scope.Set
	extra  map[string]any
}

var own = []string{"iss", "sub", "sub_kind", "aud", "client_id", "scope", "jti", "iat", "nbf", "exp", "auth_time"}

// lastTime is the end of the year 9999: a time beyond it is none.
const lastTime = 253402300799

// readClaims reads a payload. The JSON is that of go-jose: case counts, and a name that comes twice makes it unreadable.
func readClaims(payload []byte) (claims, bool) {
	var c claims
	if !utf8.Valid(payload) || json.Unmarshal(payload, &c) != nil || json.Unmarshal(payload, &c.extra) != nil {
		return claims{}, false
	}
	if _, bound := c.extra["cnf"]; bound { // RFC 7800, 3.1: whoever sends it must prove to hold a key
		return claims{}, false
	}
	maps.DeleteFunc(c.extra, func(name string, _ any) bool { return slices.Contains(own, name) })
	return c, c.readScopes() == nil && c.complete()
}

func (c *claims) readScopes() error {
	s, err := scope.Parse(c.Scope)
	c.scopes = s
	return err
}

func (c *claims) complete() bool {
	for _, t := range []int64{c.IssuedAt, c.NotBefore, c.ExpiresAt, c.AuthTime} {
		if t < 0 || t > lastTime {
			return false
		}
	}
	return c.ID != "" && c.Client != "" && c.IssuedAt > 0 && c.ExpiresAt > 0 && (subject.Subject{Kind: c.Kind, ID: c.Subject}).Valid()
}

// meant reports whether the token is by the guard's issuer, for its audience, and for this moment.
func (c *claims) meant(g *Guard, now time.Time) bool {
	early, late := now.Add(-g.leeway), now.Add(g.leeway)
	return c.Issuer == g.issuer && slices.Contains(c.Audience, g.audience) &&
		early.Before(at(c.ExpiresAt)) && !at(c.NotBefore).After(late) && !at(c.IssuedAt).After(late)
}

func (c *claims) facts(g *Guard) *facts {
	return &facts{
		by: g, id: c.ID, subject: subject.Subject{Kind: c.Kind, ID: c.Subject}, client: c.Client, scopes: c.scopes,
		audience: c.Audience, claims: c.extra, issuedAt: at(c.IssuedAt), expiresAt: at(c.ExpiresAt), authTime: at(c.AuthTime),
	}
}

// at is the time of a NumericDate (RFC 7519, 2); zero for none.
func at(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// audience is a string or an array of strings (RFC 7519, 4.1.3).
type audience []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	var several []string
	if err := json.Unmarshal(data, &several); err != nil {
		return err
	}
	*a = several
	return nil
}

// membersOf lists all members of the header: go-jose keeps some of them apart.
func membersOf(text string) map[string]json.RawMessage {
	part, _, _ := strings.Cut(text, ".")
	data, err := base64URL.DecodeString(part)
	var all map[string]json.RawMessage
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}
