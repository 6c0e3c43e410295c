package sqlstore

import (
	"github.com/google/wire"

	"github.com/gopassport/passport/ports"
)

// Set provides the store and its ports. A binary gives it a Config.
var Set = wire.NewSet(Open, Ports)

// Ports names the store as every storage port. To replace one, write a provider that changes a field of the answer.
func Ports(s *Store) ports.Storage {
	return ports.Storage{
		Ledger:          s,
		CodeFinder:      s,
		RefreshFinder:   s,
		AccessBook:      s,
		DeviceBook:      s,
		TokenLister:     s,
		RequestBook:     s,
		ApprovalBook:    s,
		ConsentBook:     s,
		ClientFinder:    s,
		ClientBook:      s,
		OriginLister:    s,
		OwnerLister:     s,
		PersonalClients: s,
		UserFinder:      s,
		UserBook:        s,
		SessionBook:     s,
		AttemptBook:     s,
		KeyBook:         s,
		AppKeyBook:      s,
		Journal:         s,
		Purger:          s,
		Migrator:        s,
		Health:          s,
	}
}
