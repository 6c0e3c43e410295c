package httpapi

import "github.com/google/wire"

// Set is the HTTP surface.
var Set = wire.NewSet(New, wire.Struct(new(Services), "*"))
