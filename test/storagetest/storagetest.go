// Package storagetest is the contract of a storage, capability by capability.
//
// A team that brings a whole storage runs all of it:
//
//	func TestContract(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) ports.Storage { return mystore.Ports(open(t)) })
//	}
//
// A team that replaces one port runs the suite of that port; its comment names the fields of ports.Storage it uses. Every case
// asks for a fresh, migrated, empty storage, runs in parallel with the others, and is named by the sentence of the contract it
// proves. The storage's clock must move by itself: some cases wait for it.
//
// The contract itself is tested by storages with one fault each: see the plants beside it.
package storagetest

import (
	"testing"

	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// Open returns a fresh storage that nothing else uses. What must be closed, t.Cleanup closes.
type Open func(t *testing.T) ports.Storage

// Run proves a whole storage.
func Run(t *testing.T, open Open, opts ...Option) {
	for _, s := range suites {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.prove(t, open, opts)
		})
	}
}

// suites is the whole contract.
var suites = []suite{
	ledger, access, approvals, devices, requests, consents, endings, lists, clients, origins, owners, personalClients, directory, users, sessions,
	attempts, keys, appKeys, journal, entries, purge, processes, schema,
}

// Ledger proves redemption, rotation, opening and revocation. It uses Ledger, CodeFinder, RefreshFinder, AccessBook,
// ApprovalBook and ClientBook.
func Ledger(t *testing.T, open Open, opts ...Option) { ledger.prove(t, open, opts) }

// Access proves AccessBook. It uses Ledger, ApprovalBook and ClientBook beside it.
func Access(t *testing.T, open Open, opts ...Option) { access.prove(t, open, opts) }

// Approvals proves ApprovalBook and CodeFinder. It uses Ledger, RefreshFinder, RequestBook, ConsentBook, ClientBook and, unless
// the storage lacks People, UserBook beside them.
func Approvals(t *testing.T, open Open, opts ...Option) { approvals.prove(t, open, opts) }

// Devices proves DeviceBook and approvals of device codes. It uses every port of the ledger, ApprovalBook, RequestBook, ConsentBook,
// ClientBook and, unless the storage lacks People, UserBook beside it.
func Devices(t *testing.T, open Open, opts ...Option) { devices.prove(t, open, opts) }

// Requests proves RequestBook. It uses ApprovalBook beside it.
func Requests(t *testing.T, open Open, opts ...Option) { requests.prove(t, open, opts) }

// Consents proves ConsentBook. It uses ApprovalBook, RefreshFinder and ClientBook beside it.
func Consents(t *testing.T, open Open, opts ...Option) { consents.prove(t, open, opts) }

// Endings proves that families and sessions end with the client or the person they belong to, and that none is born of a sign-in
// that was ended. It uses every port of the ledger, ClientBook, ConsentBook, UserBook and SessionBook.
func Endings(t *testing.T, open Open, opts ...Option) { endings.prove(t, open, opts) }

// Lists proves TokenLister. It uses Ledger, AccessBook and ClientBook beside it.
func Lists(t *testing.T, open Open, opts ...Option) { lists.prove(t, open, opts) }

// Clients proves ClientFinder and ClientBook.
func Clients(t *testing.T, open Open, opts ...Option) { clients.prove(t, open, opts) }

// Origins proves OriginLister. It uses ClientBook beside it.
func Origins(t *testing.T, open Open, opts ...Option) { origins.prove(t, open, opts) }

// Owners proves OwnerLister. It uses ClientBook beside it.
func Owners(t *testing.T, open Open, opts ...Option) { owners.prove(t, open, opts) }

// PersonalClients proves PersonalClients. It uses ClientBook beside it.
func PersonalClients(t *testing.T, open Open, opts ...Option) { personalClients.prove(t, open, opts) }

// Directory proves a UserFinder alone, of any origin: open returns one that knows exactly these people.
func Directory(t *testing.T, open func(t *testing.T, people ...user.User) ports.UserFinder) {
	for _, c := range finderCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, func(people ...user.User) ports.UserFinder { return open(t, people...) })
		})
	}
}

// Users proves UserFinder and UserBook.
func Users(t *testing.T, open Open, opts ...Option) { users.prove(t, open, opts) }

// Sessions proves SessionBook. It uses RequestBook beside it.
func Sessions(t *testing.T, open Open, opts ...Option) { sessions.prove(t, open, opts) }

// Attempts proves AttemptBook.
func Attempts(t *testing.T, open Open, opts ...Option) { attempts.prove(t, open, opts) }

// Keys proves KeyBook.
func Keys(t *testing.T, open Open, opts ...Option) { keys.prove(t, open, opts) }

// AppKeys proves AppKeyBook.
func AppKeys(t *testing.T, open Open, opts ...Option) { appKeys.prove(t, open, opts) }

// Journal proves Journal.
func Journal(t *testing.T, open Open, opts ...Option) { journal.prove(t, open, opts) }

// Entries proves that every writing verb stores its entries with the change, and none without it. It uses every port.
func Entries(t *testing.T, open Open, opts ...Option) { entries.prove(t, open, opts) }

// Purge proves Purger. It uses every port of the ledger, ApprovalBook, RequestBook, ConsentBook, ClientBook, SessionBook, AttemptBook and,
// unless the storage lacks People, UserBook beside it.
func Purge(t *testing.T, open Open, opts ...Option) { purge.prove(t, open, opts) }

// Processes proves that two processes over one storage see each other's commits at once. It needs Reopen.
func Processes(t *testing.T, open Open, opts ...Option) { processes.prove(t, open, opts) }

// Schema proves Migrator and Health of a storage that is ready.
func Schema(t *testing.T, open Open, opts ...Option) { schema.prove(t, open, opts) }
