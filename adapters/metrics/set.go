package metrics

import "github.com/google/wire"

// Set is for a server with a listener for its metrics. A binary binds its storage to Storage, or adds NoStorage.
var Set = wire.NewSet(New)
