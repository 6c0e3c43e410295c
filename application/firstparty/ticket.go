package firstparty

import (
	"encoding/json"
	"time"

	"github.com/gopassport/passport/domain/secret"
)

// purpose binds what is sealed to this use of it: a text sealed for another purpose is no ticket.
const purpose = "first-party token"

// ticket is what the cookie carries, sealed.
type ticket struct {
	Session  string `json:"s"` // digest of the session's handle, so that a sign-in or a sign-out ends the ticket
	User     string `json:"u"`
	IssuedAt int64  `json:"i"` // microseconds since 1970
}

// proof is the same for all tokens of a session, so that a script that read it a moment before the token was renewed is not refused. Nobody
// can make one of what a browser or the database holds.
func proof(p secret.Pepper, sess secret.Digest) secret.Value {
	mac := p.MAC("first-party proof", sess[:])
	return secret.NewHandle(secret.Proof, mac[:])
}

func (s *Service) proves(shown secret.Value, sess secret.Digest) bool {
	for _, p := range s.t.Peppers {
		if proof(p, sess).Equal(shown) {
			return true
		}
	}
	return false
}

func (t ticket) issued() time.Time { return time.UnixMicro(t.IssuedAt).UTC() }

func (t ticket) ages(now time.Time) bool { return !now.Before(t.issued().Add(Life / 2)) }

func (t ticket) seal(ps secret.Peppers, salt []byte) secret.Value {
	b, err := json.Marshal(t)
	if err != nil {
		panic(err) // not of texts and a number
	}
	return ps.Seal(purpose, salt, string(b))
}

func openTicket(ps secret.Peppers, raw secret.Value) (ticket, bool) {
	text, ok := ps.Open(purpose, raw)
	if !ok {
		return ticket{}, false
	}
	var t ticket
	return t, json.Unmarshal([]byte(text), &t) == nil
}
