package keyring

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
)

// claimsOf reads the payload of an access token as strictly as payloadOf writes it.
func claimsOf(data []byte) (token.Claims, bool) {
	all, ok := members(data)
	if !ok {
		return token.Claims{}, false
	}
	r := reader{all, true}
	c := token.Claims{
		Issuer:      r.text("iss"),
		Subject:     r.text("sub"),
		SubjectKind: subject.Kind(r.text("sub_kind")),
		Audience:    r.texts("aud"),
		Client:      client.ID(r.text("client_id")),
		ID:          token.ID(r.text("jti")),
		IssuedAt:    r.seconds("iat"),
		ExpiresAt:   r.seconds("exp"),
	}
	if r.has("scope") {
		c.Scope = r.text("scope")
	}
	if r.has("auth_time") {
		c.AuthTime = r.seconds("auth_time")
	}
	c.Extra = r.rest()
	return c, r.ok && complete(c)
}

// reader reads members and remembers whether one was not what it should be.
type reader struct {
	all map[string]json.RawMessage
	ok  bool
}

func (r *reader) has(name string) bool {
	_, has := r.all[name]
	return has
}

func (r *reader) text(name string) string {
	s, ok := stringOf(r.all[name])
	r.ok = r.ok && ok
	return s
}

// texts reads a string, or an array of strings that are not empty.
func (r *reader) texts(name string) []string {
	if s, ok := stringOf(r.all[name]); ok {
		return []string{s}
	}
	var several []string
	err := json.Unmarshal(r.all[name], &several)
	r.ok = r.ok && err == nil && len(several) > 0 && !slices.Contains(several, "")
	return several
}

// seconds reads a time of whole seconds up to the year 9999 (RFC 7519, 2: NumericDate; a fraction is none of ours).
func (r *reader) seconds(name string) time.Time {
	n, err := strconv.ParseUint(string(r.all[name]), 10, 63)
	r.ok = r.ok && err == nil && n <= 253402300799
	return time.Unix(int64(n), 0).UTC()
}

// rest reads what is not the server's own. Numbers stay as they are written (json.Number), for a float64 would round the large
// ones.
func (r *reader) rest() map[string]any {
	var extra map[string]any
	for name, value := range r.all {
		if slices.Contains(own, name) {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(value))
		d.UseNumber()
		var v any
		r.ok = d.Decode(&v) == nil && r.ok
		if extra == nil {
			extra = make(map[string]any)
		}
		extra[name] = v
	}
	return extra
}
