package keyring

import (
	"github.com/google/wire"

	"github.com/gopassport/passport/ports"
)

// Set is the peppers and the keys in files. A binary that keeps its signing keys elsewhere lists Peppers and its own.
var Set = wire.NewSet(Peppers, Keys)

// Keys is the Ring as everything that it does.
var Keys = wire.NewSet(New,
	wire.Bind(new(ports.Signer), new(*Ring)), wire.Bind(new(ports.Verifier), new(*Ring)),
	wire.Bind(new(ports.KeyMaker), new(*Ring)), wire.Bind(new(ports.KeyPublisher), new(*Ring)))
