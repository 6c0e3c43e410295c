package cli

import "github.com/google/wire"

// Set fills an App. A binary binds its server to Server.
var Set = wire.NewSet(wire.Struct(new(App), "*"))
