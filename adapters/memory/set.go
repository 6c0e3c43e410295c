package memory

import "github.com/google/wire"

// Set provides ports.Storage of a ports.Clock.
var Set = wire.NewSet(New, Ports)
