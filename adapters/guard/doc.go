// Package guard protects the routes of an API with the access tokens of a Passport server: one line for a route, one more for a scope.
//
//	mux.Handle("GET /orders", api.RequireToken(orders))
//	mux.Handle("POST /orders", api.RequireScopes("orders:write")(place))
//
// and in the handler
//
//	id, ok := guard.From(r.Context()).User()
//
// A guard is built for one audience: the name by which tokens mean this API (RFC 9068, 4), which is what the client was registered
// for, or a resource that was asked for (RFC 8707), or the issuer where neither is. A token for another API opens nothing here. There
// are three ways, and what passes them looks the same:
//
//   - InProcess, where the server is embedded in the same program, as its method Guard makes it: each request asks the token's
//     row. What was revoked is refused at once.
//   - ByIssuer, for an API elsewhere: signatures are checked with the keys that the server publishes (RFC 8414, RFC 7517), and
//     nobody is asked. It costs no round trip, takes JWTs alone, and what was revoked is accepted until it expires.
//   - ByIntrospection, for an API elsewhere that must hear of revocation, or that takes opaque tokens: the server is asked
//     (RFC 7662), and its answer holds for a few seconds.
//
// Each of them needs only this module's domain and ports, the standard library, and three small libraries. Package echoguard has
// the same for Echo.
//
// Refusals speak RFC 6750, 3: 401 without a code where no token came, 401 invalid_token, 403 insufficient_scope with the scopes that
// are needed, 400 invalid_request, and 503 with Retry-After where it cannot be known whether a token is good. Their words are fixed.
// Tokens are read from the header Authorization and from nowhere else, but for the cookie of WithFirstParty. A token that is bound to a key (cnf) is refused, for a guard
// does not check possession.
package guard
