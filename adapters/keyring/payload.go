package keyring

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// payload is what an access token says, in the order in which it says it (RFC 9068, 2.2).
type payload struct {
	Issuer      string       `json:"iss"`
	Subject     string       `json:"sub"`
	SubjectKind subject.Kind `json:"sub_kind"`
	Audience    any          `json:"aud"` // a string, or an array where there are several (RFC 7519, 4.1.3)
	Client      client.ID    `json:"client_id"`
	Scope       string       `json:"scope,omitempty"`
	ID          token.ID     `json:"jti"`
	IssuedAt    int64        `json:"iat"`
	ExpiresAt   int64        `json:"exp"`
	AuthTime    int64        `json:"auth_time,omitempty"`
}

var own = []string{"iss", "sub", "sub_kind", "aud", "client_id", "scope", "jti", "iat", "exp", "auth_time"}

var errIncomplete = errors.New("the claims lack one that every access token has")

func payloadOf(c token.Claims) ([]byte, error) {
	if !complete(c) {
		return nil, errIncomplete
	}
	p := payload{
		Issuer: c.Issuer, Subject: c.Subject, SubjectKind: c.SubjectKind, Audience: c.Audience, Client: c.Client,
		Scope: c.Scope, ID: c.ID, IssuedAt: c.IssuedAt.Unix(), ExpiresAt: c.ExpiresAt.Unix(),
	}
	if len(c.Audience) == 1 {
		p.Audience = c.Audience[0]
	}
	if !c.AuthTime.IsZero() {
		p.AuthTime = c.AuthTime.Unix()
	}
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	return withExtra(data, c.Extra)
}

// complete keeps a token from being signed that Verify would refuse.
func complete(c token.Claims) bool {
	whole := c.Issuer != "" && c.ID != "" && c.Client != "" && len(c.Audience) > 0 && !slices.Contains(c.Audience, "")
	return whole && (subject.Subject{Kind: c.SubjectKind, ID: c.Subject}).Valid() &&
		!c.IssuedAt.IsZero() && !c.ExpiresAt.IsZero()
}

// withExtra puts more claims behind those of the server.
func withExtra(data []byte, extra map[string]any) ([]byte, error) {
	kept := token.Extra(extra)
	maps.DeleteFunc(kept, func(name string, _ any) bool { return mimics(name) })
	if len(kept) == 0 {
		return data, nil
	}
	more, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	return append(append(data[:len(data)-1], ','), more[1:]...), nil
}

// mimics reports whether a name is one of the server's to a reader that does not care for case, as encoding/json is.
func mimics(name string) bool {
	return slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(o, name) })
}
