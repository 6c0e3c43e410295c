package authorize

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/lookup"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
)

// Limits of parameters, in bytes.
const (
	maxState     = 2048
	maxLoginHint = 255
)

// Texts of the pages that are shown while nobody may be redirected.
const (
	unknownClient = "This sign-in link points to an app that is not known here."
	badRedirect   = "This app asked to return to an address that is not registered for it."
	repeatedParam = "A parameter is included more than once."
)

// prove finds the client and the place to answer to. Its refusals never redirect (RFC 6749, 3.1.2.4; RFC 9700, 4.11.2).
func (s *Service) prove(ctx context.Context, f clientauth.Form) (client.Client, string, error) {
	if len(f.All("client_id")) > 1 || len(f.All("redirect_uri")) > 1 {
		return client.Client{}, "", fault.InvalidRequest.For("parameter_repeated", repeatedParam)
	}
	c, err := s.client(ctx, f.Get("client_id"))
	if err != nil {
		return client.Client{}, "", err
	}
	uri, ok := c.Redirect(f.Get("redirect_uri"))
	if !ok {
		return client.Client{}, "", fault.InvalidRequest.For("redirect_uri_mismatch", badRedirect)
	}
	return c, uri, nil
}

// client returns an enabled client.
func (s *Service) client(ctx context.Context, name string) (client.Client, error) {
	c, err := lookup.Client(ctx, s.t.Clients, name)
	switch {
	case err != nil:
		return client.Client{}, err
	case c.ID == "":
		return client.Client{}, fault.InvalidRequest.For("client_unknown", unknownClient)
	case !c.Enabled():
		return client.Client{}, fault.InvalidRequest.For("client_disabled", unknownClient)
	}
	return c, nil
}

// prompts is what the parameter prompt asks for (OpenID Connect Core, 3.1.2.1).
type prompts struct{ none, login, consent bool }

// read validates everything else. From here on a refusal is an answer to the client.
func (s *Service) read(r *grant.Request, c client.Client, f clientauth.Form) (prompts, error) {
	if len(r.State) > maxState {
		r.State = ""
		return prompts{}, fault.InvalidRequest.For("state_too_long", "The parameter state is longer than 2048 bytes.")
	}
	if err := f.Once(); err != nil {
		return prompts{}, err
	}
	if err := s.readType(c, f); err != nil {
		return prompts{}, err
	}
	var err error
	bound := c.MustUsePKCE() && r.ResponseType == "code" // there is no code to bind otherwise
	if r.Challenge, err = grant.ParseChallenge(f.Get("code_challenge"), f.Get("code_challenge_method"), bound); err != nil {
		return prompts{}, err
	}
	if r.Scopes, err = s.scopes(c, f); err != nil {
		return prompts{}, err
	}
	if asked := f.All("resource"); len(asked) > 0 {
		if r.Audience, err = c.Resources(nil, asked); err != nil {
			return prompts{}, err
		}
	}
	p, err := readPrompts(f.Get("prompt"))
	if err != nil {
		return prompts{}, err
	}
	r.Login, r.Consent = p.login, p.consent
	return p, readPerson(r, f)
}

// readType checks what kind of answer is wanted, and refuses ways of asking that are not offered.
func (s *Service) readType(c client.Client, f clientauth.Form) error {
	switch {
	case f.Has("request"):
		return fault.RequestNotSupported.Because("The parameter request is not supported.")
	case f.Has("request_uri"):
		return fault.RequestURINotSupported.Because("The parameter request_uri is not supported.")
	case !f.Has("response_type"):
		return fault.InvalidRequest.For("response_type_missing", "The parameter response_type is missing.")
	}
	responder, ok := s.responders.find(f.Get("response_type"))
	if !ok {
		return fault.UnsupportedResponseType.Because("The response_type is not supported.")
	}
	if mode := f.Get("response_mode"); mode != "" && mode != string(responder.Mode()) {
		return fault.InvalidRequest.For("response_mode_unknown", "The response_mode is not supported.")
	}
	if !c.MayUse(responder.GrantType()) {
		return fault.UnauthorizedClient.For("grant_type_not_allowed", "This client may not use this response_type.")
	}
	return nil
}

func (s *Service) scopes(c client.Client, f clientauth.Form) (scope.Set, error) {
	asked, err := scope.Parse(f.Get("scope"))
	if err != nil {
		return scope.Set{}, err
	}
	return s.cfg.Catalog.Settle(asked, c.AllowedScopes(s.cfg.Catalog))
}

func readPrompts(text string) (prompts, error) {
	var p prompts
	words := strings.Fields(text)
	for _, w := range words {
		switch w {
		case "none":
			p.none = true
		case "login", "select_account": // choosing an account is signing in with it
			p.login = true
		case "consent":
			p.consent = true
		default:
			return p, fault.InvalidRequest.For("prompt_unknown", "The parameter prompt has a value that is not supported.")
		}
	}
	if p.none && len(words) > 1 {
		return p, fault.InvalidRequest.For("prompt_mixed", "The value none of the parameter prompt stands alone.")
	}
	return p, nil
}

// readPerson reads what the client says of the person it expects.
func readPerson(r *grant.Request, f clientauth.Form) error {
	if r.LoginHint = f.Get("login_hint"); len(r.LoginHint) > maxLoginHint {
		return fault.InvalidRequest.For("login_hint_too_long", "The parameter login_hint is longer than 255 bytes.")
	}
	if !f.Has("max_age") {
		return nil
	}
	seconds, err := strconv.ParseUint(f.Get("max_age"), 10, 31)
	if err != nil {
		return fault.InvalidRequest.For("max_age_malformed", "The parameter max_age is not a number of seconds.")
	}
	r.MaxAge = time.Duration(seconds) * time.Second
	r.Login = r.Login || seconds == 0
	return nil
}
