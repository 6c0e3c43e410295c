package passporttest

import (
	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/application/issue"
	"github.com/gopassport/passport/bootstrap/core"
)

func grants(std core.StandardGrants, o options) exchange.Grants {
	return append(std.List(), o.grants...)
}

func listeners(o options) issue.Listeners { return o.listeners }
