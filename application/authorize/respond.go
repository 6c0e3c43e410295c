package authorize

import (
	"context"
	"slices"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
)

// Approved is a request that a person allowed, ready to be stored and answered.
type Approved struct {
	Request  grant.Request
	Client   client.Client
	Approval grant.Approval // without its code
	Entries  []audit.Entry
	Source   string
}

// Mode is where in the redirect an answer stands (response_mode).
type Mode string

// The modes.
const (
	Query    Mode = "query"
	Fragment Mode = "fragment"
)

// Responder answers one response_type.
type Responder interface {
	// ResponseType is the value it answers (RFC 6749, 3.1.1).
	ResponseType() string
	// GrantType is the one a client must be registered for, and whose lifetimes hold.
	GrantType() string
	// Mode is where its answers and refusals stand.
	Mode() Mode
	// Respond stores the approval and returns the parameters of the answer. It spends the pending request, once.
	Respond(ctx context.Context, a Approved) (map[string]string, error)
}

// Responders are those offered.
type Responders []Responder

func (rs Responders) find(responseType string) (Responder, bool) {
	i := slices.IndexFunc(rs, func(r Responder) bool { return r.ResponseType() == responseType })
	if i < 0 {
		return nil, false
	}
	return rs[i], true
}

// ResponseModes lists where answers stand.
func (s *Service) ResponseModes() []Mode {
	var all []Mode
	for _, r := range s.responders {
		if !slices.Contains(all, r.Mode()) {
			all = append(all, r.Mode())
		}
	}
	return all
}

// ResponseTypes lists what is offered.
func (s *Service) ResponseTypes() []string {
	names := make([]string, len(s.responders))
	for i, r := range s.responders {
		names[i] = r.ResponseType()
	}
	return names
}
