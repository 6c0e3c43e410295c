package bootstrap

import "github.com/gopassport/passport/adapters/guard"

// Guard protects an API in this process, for the audience that its tokens name: what the client was registered for, a resource that was
// asked for, or the issuer where neither is. It inherits scopes as the server does, and asks the server about each request's token. Where
// httpapi.Config.FirstParty is on it takes the cookie of FreshToken too.
func (s *Server) Guard(audience string, opts ...guard.Option) (*guard.Guard, error) {
	own := []guard.Option{guard.WithScopeRule(s.rule), guard.WithIssuer(s.issuer), guard.WithFirstParty(s.http)}
	return guard.InProcess(s, audience, append(own, opts...)...)
}
