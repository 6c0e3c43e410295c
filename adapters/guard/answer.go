package guard

import (
	"encoding/json"
	"net/http"
	"strings"
)

// retryAfter is when to come back after trouble of ours, in seconds.
const retryAfter = "2"

// answer is a refusal, written before there is anything to refuse: nothing of a request can be in it.
type answer struct {
	status    int
	challenge string
	wait      string
	body      []byte
}

func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if a.challenge != "" {
		h.Set("WWW-Authenticate", a.challenge)
	}
	if a.wait != "" {
		h.Set("Retry-After", a.wait)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // who has gone does not miss it
}

// answers are those that do not depend on what a route needs.
type answers struct{ none, malformed, invalid, unknown *answer }

// newAnswers words them (RFC 6750, 3.1). All tokens that are not good are refused alike: who guesses learns nothing.
func newAnswers(c challenge) answers {
	return answers{
		none: &answer{
			status: http.StatusUnauthorized, challenge: c.String(), // without a code, for the sender may not have known
			body: body("invalid_token", "This needs an access token in the header Authorization, of the type Bearer."),
		},
		malformed: refusal(c, http.StatusBadRequest, "invalid_request", "Send one access token, once, in the header Authorization."),
		invalid:   refusal(c, http.StatusUnauthorized, "invalid_token", "The access token is expired, revoked, malformed, or meant for another API."),
		unknown: &answer{
			status: http.StatusServiceUnavailable, wait: retryAfter,
			body: body("temporarily_unavailable", "The access token cannot be checked right now. Try again in a moment."),
		},
	}
}

// insufficient refuses a good token; scopes are those that the route needs.
func insufficient(c challenge, scopes, description string) *answer {
	if scopes != "" {
		c = append(c, param{"scope", scopes})
	}
	return refusal(c, http.StatusForbidden, "insufficient_scope", description)
}

func refusal(c challenge, status int, code, description string) *answer {
	c = append(c[:len(c):len(c)], param{"error", code}, param{"error_description", description})
	return &answer{status: status, challenge: c.String(), body: body(code, description)}
}

func body(code, description string) []byte {
	b, err := json.Marshal(struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
	}{code, description})
	if err != nil {
		panic(err) // two strings
	}
	return b
}

// challenge is what WWW-Authenticate says after its scheme. Values are printable ASCII without quotes and backslashes.
type challenge []param

type param struct{ name, value string }

// challenge names the realm, and the document that says where tokens come from (RFC 9728, 5.1).
func (g *Guard) challenge() challenge {
	c := challenge{{"realm", g.realm}}
	if g.document != nil {
		c = append(c, param{"resource_metadata", g.document.url})
	}
	return c[:len(c):len(c)]
}

func (c challenge) String() string {
	parts := make([]string, len(c))
	for i, p := range c {
		parts[i] = p.name + `="` + p.value + `"`
	}
	return "Bearer " + strings.Join(parts, ", ")
}
