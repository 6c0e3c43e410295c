package core

import (
	"time"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/metadata"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
)

// Parts is a Config that was validated, cut into what each use-case asks for.
type Parts struct {
	Issue     issue.Config
	Authorize authorize.Config
	CodeLife  authorize.CodeLife
	Metadata  metadata.Config
	Keys      keys.Config
	Issuer    resolve.Issuer
	Rules     token.Rules
	Sessions  session.Lifetimes
	Catalog   scope.Catalog
}

// clockMargin is how far the clocks of those who verify tokens may be behind ours.
const clockMargin = 5 * time.Minute

const requestsPerBrowser = 20

// NewParts validates a Config and cuts it up. What is wrong comes as *fault.Problems.
func NewParts(c Config) (Parts, error) {
	if err := fault.Invalid(c.Validate()); err != nil {
		return Parts{}, err
	}
	c = c.withDefaults()
	rules := token.Rules{Grace: *c.RefreshGrace, Idle: c.RefreshIdle}
	k := c.catalog()
	return Parts{
		Issue:     issue.Config{Issuer: c.Issuer, Catalog: k, Access: c.AccessTokenLife, Family: c.RefreshLife},
		Authorize: authorize.Config{Issuer: c.Issuer, Catalog: k, RequestLife: c.RequestLife, PerSession: requestsPerBrowser},
		CodeLife:  authorize.CodeLife(c.CodeLife),
		Metadata:  metadata.Config{Issuer: c.Issuer, Catalog: k},
		Keys:      keys.Config{Algorithm: key.Algorithm(c.SigningAlgorithm), Overlap: c.AccessTokenLife + clockMargin},
		Issuer:    resolve.Issuer(c.Issuer),
		Rules:     rules,
		Sessions:  session.Lifetimes{Anonymous: c.RequestLife, Idle: c.SessionIdle, Absolute: c.SessionLife},
		Catalog:   k,
	}, nil
}
