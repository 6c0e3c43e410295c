package acceptance

// Who guesses codes learns nothing from refusals; who runs the server reads the ground in the journal.
const oneSentence = "invalid_grant, in one sentence for every code that buys nothing; the ground is in the journal"

// RFC 7636, 4.6: a verifier that does not answer the challenge is invalid_grant, whatever is wrong with it.
const verifierIsProof = "invalid_grant, as for any verifier that does not answer the challenge (RFC 7636, 4.6)"

var linesE = map[int]line{
	83:  {says: "a code buys access and refresh token, and each is stored once"},
	84:  {says: "also where the authorization request left redirect_uri out"},
	85:  {says: "also with HTTP Basic"},
	86:  {says: "also for a public client"},
	87:  {says: "also where no refresh token is due"},
	88:  {says: "PKCE by plain and by S256", instead: "S256 alone: a plain challenge is the verifier, and whoever sees the one has the other"},
	89:  {says: "a code_verifier where no challenge was sent: invalid_request", instead: "invalid_grant, as whatever is wrong with the credential is; it is refused all the same (RFC 9700, 4.8.2)"},
	90:  {says: "redirect_uri left out, changed, or sent where there was none: invalid_request", instead: "left out or changed: invalid_grant (RFC 6749, 5.2); the one that was used may be sent where there was none, for it can only be right"},
	91:  {says: "no code, or one that is no text: invalid_request"},
	92:  {says: "a refresh token instead of a code: malformed", instead: oneSentence},
	93:  {says: "an expired code is told to be", instead: oneSentence},
	94:  {says: "a code that was used or revoked: invalid_grant, told to be revoked", instead: oneSentence + "; one that comes back ends all that the first use gave (RFC 6749, 4.1.2)"},
	95:  {says: "a code of another client is told to be: invalid_request", instead: oneSentence},
	96:  {says: "a text that is no code: invalid_grant", instead: oneSentence},
	97:  {says: "without an encryption key: invalid_request", instead: "a server without an app key does not start: that is no client's mistake", shown: "adapters/keyring TestAnAppKeyThatIsNoneIsRefused"},
	98:  {says: "a wrong code_verifier is refused"},
	99:  {says: "a code_verifier of other characters or another length is told the rule: invalid_request", instead: verifierIsProof},
	100: {says: "no code_verifier where a challenge was sent: invalid_request", instead: verifierIsProof},
	101: {says: "a duplicate id is drawn again, some times, then given up", instead: "user codes are drawn again; ids and codes have 122 bits and more, so a duplicate of theirs is no chance: it takes nothing over, and what was signed for it opens nothing"},
	102: {says: "the methods of PKCE are plain and S256", instead: "S256 alone (see 88); the metadata says so"},
	103: {says: "a public client with PKCE needs no secret; without it: invalid_request", instead: toldToTheApp},
}
