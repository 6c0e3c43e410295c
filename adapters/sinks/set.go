package sinks

import "github.com/google/wire"

// Set is the log of the process.
var Set = wire.NewSet(Logger, NewAudit)
