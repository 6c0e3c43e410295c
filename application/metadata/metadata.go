// Package metadata says what a server offers (RFC 8414): exactly what is mounted and listed, and nothing else.
package metadata

import (
	"slices"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
)

// Config is what the document says beyond the lists.
type Config struct {
	Issuer  string
	Catalog scope.Catalog
}

// Service writes the document.
type Service struct {
	cfg       Config
	exchange  *exchange.Service
	authorize *authorize.Service
	auth      *clientauth.Service
}

// New makes a Service.
func New(c Config, x *exchange.Service, a *authorize.Service, m *clientauth.Service) *Service {
	return &Service{c, x, a, m}
}

// Issuer is the server's identifier.
func (s *Service) Issuer() string { return s.cfg.Issuer }

// Endpoints are the URLs that are mounted, by their name in the document.
type Endpoints map[string]string

// Document is the authorization server's metadata, ready to be written as JSON. A member without a value is left out
// (RFC 8414, 3.2).
func (s *Service) Document(mounted Endpoints) map[string]any {
	d := map[string]any{"issuer": s.cfg.Issuer, "grant_types_supported": s.grantTypes(mounted)}
	for name, url := range mounted {
		d[name] = url
	}
	if names := s.cfg.Catalog.Names().Tokens(); len(names) > 0 {
		d["scopes_supported"] = names
	}
	if s.cfg.Catalog.Rule.Inherits { // a member of our own (RFC 8414, 2): guards elsewhere do as the server does
		d["scopes_inherit"] = true
	}
	d["token_endpoint_auth_methods_supported"] = s.auth.Methods()
	if mounted["revocation_endpoint"] != "" {
		d["revocation_endpoint_auth_methods_supported"] = s.auth.Methods()
	}
	if mounted["introspection_endpoint"] != "" {
		d["introspection_endpoint_auth_methods_supported"] = confidential(s.auth.Methods())
	}
	if mounted["authorization_endpoint"] != "" {
		d["response_types_supported"] = s.authorize.ResponseTypes()
		d["response_modes_supported"] = s.authorize.ResponseModes()
		d["code_challenge_methods_supported"] = []string{"S256"}
		d["authorization_response_iss_parameter_supported"] = true
	}
	return d
}

// grantTypes are those of the token endpoint, without codes that no device can ask for, and with the one grant that never gets there.
func (s *Service) grantTypes(mounted Endpoints) []string {
	all := slices.Clone(s.exchange.Types())
	if mounted["device_authorization_endpoint"] == "" {
		all = slices.DeleteFunc(all, func(t string) bool { return t == grant.DeviceType })
	}
	if mounted["authorization_endpoint"] != "" && slices.Contains(s.authorize.ResponseTypes(), "token") {
		all = append(all, authorize.ImplicitType)
	}
	return all
}

func confidential(all []client.AuthMethod) []client.AuthMethod {
	var kept []client.AuthMethod
	for _, m := range all {
		if m != client.None {
			kept = append(kept, m)
		}
	}
	return kept
}
