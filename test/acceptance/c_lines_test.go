package acceptance

// Until client and redirect URI are proven, nobody is redirected anywhere (RFC 6749, 4.1.2.1), and who reads the answer is a person.
const toldOnAPage = "a page for the person in front of the browser, with 400: no redirect, and no JSON that nobody reads"

// What is wrong after that, the app can mend and is told (Passport answers with JSON).
const toldToTheApp = "as there, but told to the app by redirect: it is who can mend it"

var linesC = map[int]line{
	44: {says: "the grant is named authorization_code and answers response_type=code"},
	45: {says: "a registered redirect URI is accepted, the only one or one of several"},
	46: {says: "it may be left out where only one is registered"},
	47: {says: "a well-formed code_challenge is accepted"},
	48: {says: "a code_challenge of fewer than 43 characters is refused", instead: toldToTheApp},
	49: {says: "a code_challenge of more than 128 characters is refused", instead: "of more than 43, for under S256 each has exactly so many; and told to the app by redirect"},
	50: {says: "a code_challenge of other characters is refused", instead: toldToTheApp},
	51: {says: "no client_id: invalid_request", instead: "invalid_request as there, but " + toldOnAPage},
	52: {says: "an unknown client: invalid_client", instead: toldOnAPage},
	53: {says: "a redirect URI that is not registered: invalid_client", instead: toldOnAPage},
	54: {says: "an unknown code_challenge_method: invalid_request", instead: toldToTheApp},
	55: {says: "a bad scope: invalid_scope to the redirect URI of the request, with state"},
	56: {says: "of several redirect URIs an error goes to the one that was asked for"},
	57: {says: "a public client without code_challenge: invalid_request", instead: toldToTheApp},
	58: {says: "nothing is approved without a person"},
	59: {says: "an approval redirects with a code"},
	60: {says: "of several redirect URIs the code goes to the one that was asked for"},
	61: {says: "a refusal redirects with access_denied and state"},
	62: {says: "the consent page names app, person and scopes; the session holds the request", instead: "the page as there; the request is a row of its own, so that two tabs never meet"},
	63: {says: "an approval redirects with code and state, and ends the request"},
	64: {says: "a code buys access and refresh token, Bearer, for a year", instead: "for an hour, by default: a token that leaks should not open a year"},
	65: {says: "the access token tells who, which client and which scopes were granted"},
	66: {says: "a refusal redirects with state, error and description"},
	67: {says: "consent is not asked again where earlier tokens cover the scopes", instead: "where an earlier consent covers them, which is a record of its own and needs no token"},
	68: {says: "a wrong redirect_uri gets JSON with invalid_client, and no redirect", instead: toldOnAPage},
	69: {says: "an unknown scope redirects with invalid_scope"},
	70: {says: "a guest is sent to the login page, and the session remembers that", instead: "the sign-in page itself, with the handle of the request: nothing of it is kept in a session"},
	71: {says: "prompt=none without consent: consent_required, with state"},
	72: {says: "prompt=none as a guest: login_required, with state"},
	73: {says: "prompt=consent asks although consent was given"},
	74: {says: "prompt=login signs out, and asks to sign in once", instead: "asks to sign in, once; who is signed in stays so until somebody does, for a link must not sign anybody out"},
	75: {says: "a client that may skip consent is answered at once"},
	76: {says: "a live token with the scopes stands for consent", instead: "the record of consent does, and ends when it is withdrawn, not when tokens do"},
	77: {says: "the parameters of an error begin with state", instead: "parameters have no order (RFC 6749, 4.1.2.1); iss is among them (RFC 9207)"},
	78: {says: "a bad request is refused before anybody has to sign in"},
}
