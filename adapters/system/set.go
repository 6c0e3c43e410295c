package system

import (
	"github.com/google/wire"

	"github.com/gopassport/passport/ports"
)

// Set is all of the machine. A binary that replaces a piece lists the others instead.
var Set = wire.NewSet(TheClock, TheRandom, TheUsernames)

// The pieces.
var (
	TheClock     = wire.NewSet(wire.Value(Clock{}), wire.Bind(new(ports.Clock), new(Clock)))
	TheRandom    = wire.NewSet(wire.Value(Random{}), wire.Bind(new(ports.Random), new(Random)))
	TheUsernames = wire.NewSet(wire.Value(Usernames{}), wire.Bind(new(ports.Usernames), new(Usernames)))
)
