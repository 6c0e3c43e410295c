package memory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
)

// The functions of this file make the copy that is kept or given away. They are harmless to repeat.

// utc is a time as every storage gives it back: UTC in whole microseconds.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func copyClient(c client.Client) client.Client {
	c.Secrets = slices.Clone(c.Secrets)
	for i, s := range c.Secrets {
		c.Secrets[i].CreatedAt, c.Secrets[i].ExpiresAt = utc(s.CreatedAt), utc(s.ExpiresAt)
	}
	c.Grants, c.RedirectURIs = slices.Clone(c.Grants), slices.Clone(c.RedirectURIs)
	c.Audience, c.Serves, c.Origins = slices.Clone(c.Audience), slices.Clone(c.Serves), slices.Clone(c.Origins)
	c.CreatedAt, c.UpdatedAt = utc(c.CreatedAt), utc(c.UpdatedAt)
	c.DisabledAt, c.ValidFrom = utc(c.DisabledAt), utc(c.ValidFrom)
	return c
}

func copyFamily(f grant.Family) grant.Family {
	f.Audience, f.Claims = slices.Clone(f.Audience), copyObject(f.Claims)
	f.AuthTime, f.CreatedAt, f.ExpiresAt = utc(f.AuthTime), utc(f.CreatedAt), utc(f.ExpiresAt)
	f.SpentAt, f.RevokedAt, f.RotatedAt = utc(f.SpentAt), utc(f.RevokedAt), utc(f.RotatedAt)
	return f
}

func copyRequest(r grant.Request) grant.Request {
	r.Audience = slices.Clone(r.Audience)
	r.ArrivedAt, r.ExpiresAt, r.DecidedAt = utc(r.ArrivedAt), utc(r.ExpiresAt), utc(r.DecidedAt)
	return r
}

func copyDevice(d device) device {
	d.Audience = slices.Clone(d.Audience)
	d.CreatedAt, d.ExpiresAt, d.DeniedAt = utc(d.CreatedAt), utc(d.ExpiresAt), utc(d.DeniedAt)
	return d
}

func copyAccess(a token.Access) token.Access {
	a.Audience, a.Claims = slices.Clone(a.Audience), copyObject(a.Claims)
	a.AuthTime, a.IssuedAt = utc(a.AuthTime), utc(a.IssuedAt)
	a.ExpiresAt, a.UsedAt, a.RevokedAt = utc(a.ExpiresAt), utc(a.UsedAt), utc(a.RevokedAt)
	return a
}

// asJSON turns claims into what they become in a token: a reader meets the same types here as in a database.
func asJSON(claims map[string]any) (map[string]any, error) {
	if len(claims) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		return nil, fmt.Errorf("decode claims: %w", err)
	}
	return plain, nil
}

func copyObject(m map[string]any) map[string]any {
	out := maps.Clone(m)
	for name, v := range out {
		out[name] = copyJSON(v)
	}
	return out
}

func copyJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return copyObject(v)
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = copyJSON(out[i])
		}
		return out
	}
	return v
}
