package keyring

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

var own = []string{"iss", "sub", "sub_kind", "aud", "client_id", "scope", "jti", "iat", "exp", "auth_time"}

var errIncomplete = errors.New("the claims lack one that every access token has")

// payloadOf writes what an access token says, in the order in which it says it (RFC 9068, 2.2): the bytes that encoding/json
// would write, without the detour by reflection.
func payloadOf(c token.Claims) ([]byte, error) {
	if !complete(c) {
		return nil, errIncomplete
	}
	w := make(object, 0, 512)
	w = w.text("iss", c.Issuer).text("sub", c.Subject).text("sub_kind", string(c.SubjectKind))
	w = w.texts("aud", c.Audience).text("client_id", string(c.Client))
	if c.Scope != "" {
		w = w.text("scope", c.Scope)
	}
	w = w.text("jti", string(c.ID)).number("iat", c.IssuedAt.Unix()).number("exp", c.ExpiresAt.Unix())
	if at := c.AuthTime.Unix(); !c.AuthTime.IsZero() && at != 0 {
		w = w.number("auth_time", at)
	}
	return withExtra(w.closed(), c.Extra)
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
