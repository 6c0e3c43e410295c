package ratelimit

import (
	"github.com/google/wire"

	"github.com/gopassport/passport/ports"
)

// Set is the limiter.
var Set = wire.NewSet(New, wire.Bind(new(ports.Limiter), new(*Limiter)))
