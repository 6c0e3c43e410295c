package passporttest

import (
	"github.com/gopassport/passport/adapters/metrics"
	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/application/login"
	"github.com/gopassport/passport/bootstrap/core"
)

func grants(std core.StandardGrants, o options) exchange.Grants {
	return append(std.List(), o.grants...)
}

func listeners(o options, m *metrics.Metrics) issue.Listeners {
	return append(m.Listeners(), o.listeners...)
}

func registerer(o options) metrics.Registerer { return o.metrics }

func skips(o options) authorize.SkipsConsent {
	if o.skips != nil {
		return o.skips
	}
	return core.Skips()
}

func hooks(o options) login.Hooks { return o.hooks }
