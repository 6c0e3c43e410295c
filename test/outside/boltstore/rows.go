package boltstore

import (
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/token"
)

// A row is the domain's own struct with the fields that JSON cannot hold written over. So a field that a release adds to the domain
// is stored without a line here.

type clientRow struct {
	client.Client
	Scopes []string
}

var clients = table[client.Client, clientRow]{
	"clients",
	func(c client.Client) clientRow { return clientRow{c, c.Scopes.Tokens()} },
	func(r clientRow) client.Client {
		r.Client.Scopes = scope.Of(r.Scopes...)
		return r.Client
	},
}

type familyRow struct {
	grant.Family
	Scopes []string
}

var families = table[grant.Family, familyRow]{
	"families",
	func(f grant.Family) familyRow { return familyRow{f, f.Scopes.Tokens()} },
	func(r familyRow) grant.Family {
		r.Family.Scopes = scope.Of(r.Scopes...)
		return r.Family
	},
}

type codeRow struct {
	grant.Code
	Family grant.ID // the family has a row of its own
}

var codes = table[grant.Code, codeRow]{
	"codes",
	func(c grant.Code) codeRow { return codeRow{c, c.Family.ID} },
	func(r codeRow) grant.Code {
		r.Code.Family = grant.Family{ID: r.Family}
		return r.Code
	},
}

type requestRow struct {
	grant.Request
	Scopes []string
}

var requests = table[grant.Request, requestRow]{
	"requests",
	func(q grant.Request) requestRow { return requestRow{q, q.Scopes.Tokens()} },
	func(r requestRow) grant.Request {
		r.Request.Scopes = scope.Of(r.Scopes...)
		return r.Request
	},
}

type consentRow struct {
	grant.Consent
	Scopes []string
}

var consents = table[grant.Consent, consentRow]{
	"consents",
	func(c grant.Consent) consentRow { return consentRow{c, c.Scopes.Tokens()} },
	func(r consentRow) grant.Consent {
		r.Consent.Scopes = scope.Of(r.Scopes...)
		return r.Consent
	},
}

type accessRow struct {
	token.Access
	Scopes []string
}

var access = table[token.Access, accessRow]{
	"access",
	func(a token.Access) accessRow { return accessRow{a, a.Scopes.Tokens()} },
	func(r accessRow) token.Access {
		r.Access.Scopes = scope.Of(r.Scopes...)
		return r.Access
	},
}
