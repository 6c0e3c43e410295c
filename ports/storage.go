package ports

// Storage is every storage port, side by side: a storage fills it, a team replaces a field. Ledger, the finders of codes and
// refresh tokens, AccessBook, DeviceBook, TokenLister, ApprovalBook, RequestBook and ConsentBook must come from one store, for their promises span rows
// of each other.
type Storage struct {
	Ledger          Ledger
	CodeFinder      CodeFinder
	RefreshFinder   RefreshFinder
	AccessBook      AccessBook
	DeviceBook      DeviceBook
	TokenLister     TokenLister
	RequestBook     RequestBook
	ApprovalBook    ApprovalBook
	ConsentBook     ConsentBook
	ClientFinder    ClientFinder
	ClientBook      ClientBook
	OriginLister    OriginLister
	OwnerLister     OwnerLister
	PersonalClients PersonalClients
	UserFinder      UserFinder
	UserBook        UserBook
	SessionBook     SessionBook
	AttemptBook     AttemptBook
	KeyBook         KeyBook
	AppKeyBook      AppKeyBook
	Journal         Journal
	Purger          Purger
	Migrator        Migrator
	Health          Health
}

// Wrapper is what may stand before a UserFinder, for tracing or for tests, and hand on every answer as it is. Where it says what is behind
// it, the server goes on believing what that store tells of resource owners beside their grants (grant.Owner), and asks no more than it
// would without the wrapper.
type Wrapper interface {
	// Wrapped returns the wrapper itself and what is behind it. A type that embeds a Wrapper is none, and so may answer otherwise.
	Wrapped() (by, behind any)
}
