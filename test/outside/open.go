package main

import (
	"github.com/gopassport/passport/ports"

	"example.com/acme/login/boltstore"
)

// open opens the file that was named; where none was, everything is kept in this process. The function it returns closes the file.
func open(c boltstore.Config, k ports.Clock) (ports.Storage, func(), error) {
	if c.File == "" {
		return storage(k), func() {}, nil
	}
	s, err := boltstore.Open(c.File, k)
	if err != nil {
		return ports.Storage{}, nil, err
	}
	return boltstore.Ports(s), func() { _ = s.Close() }, nil
}
