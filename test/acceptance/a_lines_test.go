package acceptance

// Refusals of an Authorization header. RFC 6749, 5.2, wants 401 where a client tried to authenticate by it.
const headerIsEvidence = "a header that cannot be read is a failed attempt: 401 invalid_client, whatever the body says"

var linesA = map[int]line{
	1:  {says: "HTTP Basic carries a client's name and its secret"},
	2:  {says: "Basic with an empty password names the client and proves nothing"},
	3:  {says: "a header of another scheme carries no credentials", instead: headerIsEvidence + ", and beside credentials in the body it is a second method: invalid_request"},
	4:  {says: "the word Basic is read in any case"},
	5:  {says: "Basic of something else than base64 counts as no credentials", instead: headerIsEvidence},
	6:  {says: "Basic without a colon counts as no credentials", instead: headerIsEvidence},
	7:  {says: "a client_secret that is a list is invalid_request", instead: "a form has no lists: client_secret[] is another parameter, and sending one twice is invalid_request (RFC 6749, 3.2)"},
	8:  {says: "a public client needs no secret"},
	9:  {says: "a confidential client is let in with its secret"},
	10: {says: "without client_id: invalid_request", instead: "nothing that names a client is no client authentication: 401 invalid_client (RFC 6749, 5.2)"},
	11: {says: "a confidential client that sends no secret: invalid_request", instead: "401 invalid_client, as for a wrong one: RFC 6749, 5.2, counts it as failed authentication"},
	12: {says: "a wrong secret is refused, and an event tells of it"},
	13: {says: "an unknown client is refused, and an event tells of it", instead: "refused in the same words, but the journal has no entry of names that anybody can invent; the log has a line"},
	14: {says: "a grant answers the grant_type that it is named after and no other"},
	15: {says: "a client that is not registered for a grant: unauthorized_client"},
	16: {says: "storage may answer with no refresh token", instead: "storage decides nothing: a refresh token is due where the client is registered for it (see 17)"},
	17: {says: "no refresh token for a client that is not registered for refresh_token"},
	18: {says: "an access token has an id and an end"},
	19: {says: "a code at rest knows its client, its person and its redirect URI"},
	20: {says: "cookies and query parameters are read, with defaults", instead: "the token endpoint reads the body alone: what stands in a URL is logged, what stands in a cookie is sent by other sites"},
	21: {says: "scopes may be parted by any number of spaces; 0 is a scope", instead: "one space, as in RFC 6749, 3.3: anything else is invalid_scope; 0 is a scope"},
	22: {says: "an unknown scope: invalid_scope"},
	23: {says: "identifiers are random text"},
	24: {says: "a grant without an authorization request cannot be begun or completed at the authorization endpoint"},
	25: {says: "invalid_client after a Basic header comes with WWW-Authenticate: Basic"},
	26: {says: "invalid_client after a Bearer header comes with WWW-Authenticate: Bearer", instead: "the challenge names the scheme that clients can authenticate with here, and that is Basic"},
	27: {says: "invalid_client without an Authorization header has no challenge"},
	28: {says: "an empty Authorization header counts as none"},
	29: {says: "an error knows whether it goes by redirect, and where to"},
	30: {says: "an error keeps what caused it", shown: "domain/fault TestUnwrap"},
	31: {says: "wrong credentials of a person: invalid_grant"},
}
