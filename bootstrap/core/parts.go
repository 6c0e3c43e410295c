package core

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clients"
	"github.com/gopassport/passport/application/device"
	"github.com/gopassport/passport/application/housekeeping"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/metadata"
	"github.com/gopassport/passport/application/resolve"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/key"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
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
	Grants    Switches
	Device    device.Config
	House     housekeeping.Config
	Providers user.Providers
	Clients   clients.Config
	Personal  tokens.Longest
}

// clockMargin is how far the clocks of those who verify tokens may be behind ours.
const clockMargin = 5 * time.Minute

const requestsPerBrowser = 20

// NewParts validates a Config and cuts it up; what is wrong comes as *fault.Problems. It refuses a storage that lacks a port, by name.
func NewParts(c Config, s ports.Storage) (Parts, error) {
	if err := fault.Invalid(errors.Join(c.Validate(), complete(s))); err != nil {
		return Parts{}, err
	}
	c = c.withDefaults()
	rules := token.Rules{Grace: *c.RefreshGrace, Idle: c.RefreshIdle}
	k := c.catalog()
	return Parts{
		Issue:     issue.Config{Issuer: c.Issuer, Catalog: k, Lives: client.Lives{Access: c.AccessTokenLife, Refresh: c.RefreshLife}, ByGrant: c.byGrant()},
		Authorize: authorize.Config{Issuer: c.Issuer, Catalog: k, RequestLife: c.RequestLife, PerSession: requestsPerBrowser},
		CodeLife:  authorize.CodeLife(c.CodeLife),
		Metadata:  metadata.Config{Issuer: c.Issuer, Catalog: k},
		Keys:      keys.Config{Algorithm: key.Algorithm(c.SigningAlgorithm), Overlap: c.longestToken() + clockMargin},
		Issuer:    resolve.Issuer(c.Issuer),
		Rules:     rules,
		Sessions:  session.Lifetimes{Anonymous: c.RequestLife, Idle: c.SessionIdle, Absolute: c.SessionLife},
		Catalog:   k,
		Grants:    c.Grants,
		Device:    device.Config{Catalog: k, Life: c.DeviceCodeLife, Interval: c.DeviceInterval},
		House:     housekeeping.Config{Every: *c.PurgeEvery, Keep: *c.PurgeAfter},
		Providers: c.UserProviders,
		Clients:   clients.Config{Providers: c.UserProviders, Longest: c.longestToken()},
		Personal:  tokens.Longest(c.PersonalLife),
	}, nil
}

// longestToken is how long any access token may live: keys stay published until the last one they signed has died.
func (c Config) longestToken() time.Duration {
	longest := max(c.AccessTokenLife, c.PersonalLife)
	for _, l := range c.Lifetimes {
		longest = max(longest, l.Access)
	}
	return longest
}

// complete names the ports that a storage leaves empty.
func complete(s ports.Storage) error {
	var all []error
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			all = append(all, fmt.Errorf("the storage lacks %s: set it in its ports.Storage", v.Type().Field(i).Name))
		}
	}
	return errors.Join(all...)
}

func (c Config) byGrant() map[string]client.Lives {
	all := map[string]client.Lives{tokens.PersonalType: {Access: c.PersonalLife, Refresh: c.PersonalLife}}
	for grantType, l := range c.Lifetimes {
		all[grantType] = client.Lives{Access: l.Access, Refresh: l.Refresh}.Or(all[grantType])
	}
	return all
}
