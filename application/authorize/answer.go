package authorize

import (
	"errors"
	"net/url"
	"strings"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
)

// Answer is an authorization response (RFC 6749, 4.1.2): a place that was proven and what is told there.
type Answer struct {
	RedirectURI string
	Params      url.Values
	Mode        Mode
}

// Location is the URI to redirect the browser to. The registered part stays as it is, byte for byte.
func (a Answer) Location() string {
	if a.Mode == Fragment { // a registered URI has none
		return a.RedirectURI + "#" + a.Params.Encode()
	}
	separator := "?"
	if strings.Contains(a.RedirectURI, "?") {
		separator = "&"
	}
	if strings.HasSuffix(a.RedirectURI, "?") || strings.HasSuffix(a.RedirectURI, "&") {
		separator = ""
	}
	return a.RedirectURI + separator + a.Params.Encode()
}

// answered builds an answer: what is told, state exactly as it came, and who says so (RFC 9207).
func (s *Service) answered(r grant.Request, told map[string]string) Next {
	params := url.Values{}
	for name, v := range told {
		params.Set(name, v)
	}
	params.Set("iss", s.cfg.Issuer)
	params.Del("state")
	if r.State != "" {
		params.Set("state", r.State)
	}
	mode := Query
	if responder, ok := s.responder(r); ok {
		mode = responder.Mode()
	}
	return Next{Stage: Answered, Asked: r, Answer: Answer{r.RedirectURI, params, mode}}
}

// refusal turns a fault into an answer (RFC 6749, 4.1.2.1). What is no fault, and what the client has already been told
// otherwise, stays an error.
func (s *Service) refusal(r grant.Request, err error) (Next, error) {
	var late stale
	f, isFault := fault.As(err)
	if !isFault || errors.As(err, &late) || r.ForDevice() {
		return Next{}, err
	}
	n := s.answered(r, map[string]string{"error": string(f.Code), "error_description": f.Detail})
	n.Fault = err
	return n, nil
}
