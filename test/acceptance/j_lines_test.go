package acceptance

import (
	"time"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/test/passporttest"
)

var linesJ = map[int]line{
	140: {says: "the grant has the name of RFC 8628 and answers device authorization requests"},
	141: {says: "the answer has device_code, user_code, verification_uri and expires_in, and must not be cached"},
	142: {says: "verification_uri_complete, where enabled, is the address with the code in it", instead: "always there: it saves typing and confirms nothing (see 152)"},
	143: {says: "interval, where enabled, is what is configured, else 5", instead: "always there: a device that polls must know"},
	144: {says: "no client, an unknown one, a bad scope: errors"},
	145: {says: "a decision marks the code with person and approval"},
	146: {says: "a poll after approval gives both tokens with the scopes of the request, whatever the poll asks; events tell", instead: "as there, but a poll may ask for fewer, and for others is invalid_scope"},
	147: {says: "a poll without client or device_code is refused"},
	148: {says: "polls are told slow_down, authorization_pending, expired_token, access_denied"},
	149: {says: "the first poll waits, one right after it is told to slow down"},
	150: {says: "a device code lives for 600 s; the address is /oauth/device"},
	151: {says: "the page of the decision without a code sends to the page of the code"},
	152: {says: "the page of the code is shown; with a code it sends on", instead: "with a code the form is filled in, and no more: who sent that link may not be who opens it (RFC 8628, 5.4)"},
	153: {says: "a wrong code comes back to the form, with what was typed and an error"},
	154: {says: "the page of the decision shows client, person and scopes; an approval says so and ends the request"},
	155: {says: "a refusal says so, and the next poll is told access_denied, with 401", instead: "as there, with 400, as RFC 6749, 5.2, has it for all but client authentication"},
	156: {says: "a public client polls without a secret", instead: "as there; a confidential one authenticates at both endpoints (RFC 8628, 3.1)"},
}

var withInterval = passporttest.Configured(func(c *core.Config) { c.DeviceInterval = 20 * time.Second })
