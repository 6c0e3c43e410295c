package httpapi

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/application/metadata"
)

// voice is how an endpoint speaks of trouble.
type voice int

const (
	machine voice = iota // JSON
	person               // a page
)

// sharing says which origins may read an endpoint's answers from a browser.
type sharing int

const (
	nobody     sharing = iota
	registered         // origins that clients are registered with
	everybody          // public documents
)

// route is an endpoint.
type route struct {
	methods []string
	path    string
	name    string // its member in the metadata document, if it has one
	mounted bool
	voice   voice
	cors    sharing
	serve   echo.HandlerFunc
}

// table is every route there is.
func (s *Server) table() []route { return append(s.endpoints(), s.management()...) }

func (s *Server) endpoints() []route {
	at := s.place.path
	people, devices, tokens := s.s.Authorize != nil, s.s.Device != nil, s.s.Tokens != nil
	read := []string{"GET", "HEAD"} // of what changes nothing
	return []route{
		{[]string{"POST"}, at("/token"), "token_endpoint", s.s.Exchange != nil, machine, registered, s.token},
		{[]string{"GET", "POST", "DELETE"}, at("/authorize"), "authorization_endpoint", people, person, nobody, s.authorize},
		{[]string{"POST"}, at("/device/code"), "device_authorization_endpoint", devices, machine, registered, s.deviceCode},
		{[]string{"GET"}, at("/device"), "", devices, person, nobody, s.devicePage},
		{[]string{"POST"}, at("/device"), "", devices, person, nobody, s.enterCode},
		{[]string{"GET", "POST", "DELETE"}, at("/device/authorize"), "", devices, person, nobody, s.authorizeDevice},
		{[]string{"POST"}, at("/revoke"), "revocation_endpoint", s.s.Revoke != nil, machine, registered, s.revoke},
		{[]string{"POST"}, at("/introspect"), "introspection_endpoint", s.s.Introspect != nil, machine, nobody, s.introspect},
		{read, at("/jwks"), "jwks_uri", s.s.Keys != nil, machine, everybody, s.jwks},
		{read, "/.well-known/oauth-authorization-server" + s.place.base, "", true, machine, everybody, s.metadata},
		{[]string{"GET"}, at("/login"), "", people, person, nobody, s.loginPage},
		{[]string{"POST"}, at("/login"), "", people, person, nobody, s.login},
		{[]string{"GET"}, at("/logout"), "", people, person, nobody, s.logoutPage},
		{[]string{"POST"}, at("/logout"), "", people, person, nobody, s.logout},
		{[]string{"GET"}, at("/account/tokens"), "", tokens, person, nobody, s.mine(s.tokensPage)},
		{[]string{"POST"}, at("/account/tokens"), "", tokens, person, nobody, s.minePosted(s.createToken)},
		{[]string{"POST"}, at("/account/tokens/revoke"), "", tokens, person, nobody, s.minePosted(s.revokeTokens)},
		{[]string{"GET"}, at("/account/apps"), "", tokens, person, nobody, s.mine(s.appsPage)},
		{[]string{"POST"}, at("/account/apps"), "", tokens, person, nobody, s.minePosted(s.withdraw)},
		{[]string{"POST"}, at("/token/refresh"), "", s.firstParty(), machine, nobody, s.refreshToken},
		{read, at("/assets/:file"), "", people, person, nobody, s.asset},
		{read, "/livez", "", true, machine, nobody, s.live},
		{read, "/readyz", "", s.s.Ready != nil, machine, nobody, s.ready},
	}
}

// mount builds the router from the table, and the metadata document from what was mounted.
func (s *Server) mount() (*echo.Echo, error) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	extract, err := s.ipExtractor()
	if err != nil {
		return nil, err
	}
	e.IPExtractor = extract
	e.Use(s.edge)
	endpoints := metadata.Endpoints{}
	for _, r := range s.table() {
		if !r.mounted {
			continue
		}
		through := func(next echo.HandlerFunc) echo.HandlerFunc { return s.speak(r.voice)(s.shed(s.bound(next))) }
		serve := through(s.share(r)(r.serve))
		for _, m := range r.methods {
			e.Add(m, r.path, serve)
		}
		if r.cors != nobody {
			e.Add(http.MethodOptions, r.path, through(s.preflight(r)))
		}
		if r.name != "" {
			endpoints[r.name] = s.place.url(r.path)
		}
	}
	s.docs, err = newDocuments(s.s.Metadata.Document(endpoints))
	return e, err
}
