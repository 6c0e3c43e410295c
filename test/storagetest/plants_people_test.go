package storagetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// updatesClients makes a plant whose UpdateClient goes wrong.
func updatesClients(do func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, e ...audit.Entry) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.ClientBook = updateClientBy{s.ClientBook, func(ctx context.Context, c client.Client, was time.Time, e ...audit.Entry) error {
			return do(ctx, inner, c, was, e...)
		}}
		return s
	}
}

// endFamiliesOf ends the families of a client and leaves it as it was.
func endFamiliesOf(ctx context.Context, s ports.Storage, id client.ID) {
	c, err := s.ClientFinder.FindClient(ctx, id)
	if err != nil {
		return
	}
	disabled := c
	disabled.DisabledAt = c.UpdatedAt
	_ = s.ClientBook.UpdateClient(ctx, disabled, c.UpdatedAt)
	_ = s.ClientBook.UpdateClient(ctx, c, c.UpdatedAt)
}

// disablesInName makes a plant in which a disabled client shows as disabled and nothing else happens.
func disablesInName(s ports.Storage) ports.Storage {
	return updatesClients(func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, e ...audit.Entry) error {
		c.DisabledAt = time.Time{}
		return s.ClientBook.UpdateClient(ctx, c, was, e...)
	})(s)
}

// book is a directory that ends nothing, or only what after does.
type book struct {
	ports.UserFinder
	ports.UserBook
	mu     sync.Mutex
	people map[user.ID]user.User
	after  func(ctx context.Context, u user.User)
}

func (b *book) FindUser(_ context.Context, id user.ID) (user.User, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	u, ok := b.people[id]
	if !ok {
		return u, ports.ErrNotFound
	}
	return u, nil
}

func (b *book) AddUser(_ context.Context, u user.User, _ ...audit.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, taken := b.people[u.ID]; taken {
		return ports.ErrExists
	}
	b.people[u.ID] = u
	return nil
}

func (b *book) UpdateUser(ctx context.Context, u user.User, was time.Time, _ ...audit.Entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.people[u.ID].UpdatedAt.Equal(was) {
		return ports.ErrConflict
	}
	b.people[u.ID] = u
	b.after(ctx, u)
	return nil
}

func ownBook(after func(ctx context.Context, s ports.Storage, u user.User)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		b := &book{people: map[user.ID]user.User{}, after: func(ctx context.Context, u user.User) { after(ctx, inner, u) }}
		s.UserFinder, s.UserBook = b, b
		return s
	}
}

// updatesUsers makes a plant whose UpdateUser goes wrong.
func updatesUsers(do func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.UserBook = updateUserBy{s.UserBook, func(ctx context.Context, u user.User, was time.Time, e ...audit.Entry) error {
			return do(ctx, inner, u, was, e...)
		}}
		return s
	}
}

var endingPlants = []plant{
	{"disables a client and leaves its families", []string{
		"Endings/disabling a client ends its families and no one else's",
		"Endings/a client that is enabled again does not bring its families back",
		"Endings/disabling a client while a ratchet turns leaves nothing alive",
		"Access/a token dies with its client",
	}, disablesInName, nil},
	{"ends families whenever their client changes", []string{
		"Endings/changing a client ends nothing",
	}, updatesClients(func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, e ...audit.Entry) error {
		endFamiliesOf(ctx, s, c.ID)
		return s.ClientBook.UpdateClient(ctx, c, was, e...)
	}), nil},
	{"ends families although the update of their client failed", []string{
		"Endings/a refused update of a client ends nothing",
	}, updatesClients(func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, e ...audit.Entry) error {
		err := s.ClientBook.UpdateClient(ctx, c, was, e...)
		if err != nil {
			endFamiliesOf(ctx, s, c.ID)
		}
		return err
	}), nil},
	{"deletes a client and leaves its families", []string{
		"Endings/deleting a client ends its families and no one else's",
		"Access/a token dies with its client",
	}, func(s ports.Storage) ports.Storage {
		s.ClientBook = deleteClientBy{s.ClientBook, func(context.Context, client.ID, time.Time, ...audit.Entry) error { return nil }}
		return s
	}, nil},
	{"disables a person and leaves their families and sessions", []string{
		"Endings/disabling a person ends their families and sessions and no one else's",
		"Endings/changing a password ends the person's families and sessions",
		"Endings/disabling a person while a ratchet turns leaves nothing alive",
		"Approvals/a disabled person approves nothing",
	}, ownBook(func(context.Context, ports.Storage, user.User) {}), nil},
	{"disables a person and leaves their sessions", []string{
		"Endings/disabling a person ends their families and sessions and no one else's",
		"Endings/changing a password ends the person's families and sessions",
	}, ownBook(func(ctx context.Context, s ports.Storage, u user.User) {
		_ = s.Ledger.RevokeSubject(ctx, subject.OfUser(string(u.ID)), u.UpdatedAt)
	}), nil},
	{"ends families whenever their person changes", []string{
		"Endings/changing a name ends nothing",
	}, updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
		_ = s.Ledger.RevokeSubject(ctx, subject.OfUser(string(u.ID)), u.UpdatedAt)
		return s.UserBook.UpdateUser(ctx, u, was, e...)
	}), nil},
	{"ends families although the update of their person failed", []string{
		"Endings/a refused update of a person ends nothing",
	}, updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
		err := s.UserBook.UpdateUser(ctx, u, was, e...)
		if err != nil {
			_ = s.Ledger.RevokeSubject(ctx, subject.OfUser(string(u.ID)), u.UpdatedAt)
		}
		return err
	}), nil},
}

// ownClients makes a plant that keeps clients exactly as it was given them.
func ownClients(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	kept := map[client.ID]client.Client{}
	inner := s
	s.ClientBook = addClientBy{s.ClientBook, func(ctx context.Context, c client.Client, e ...audit.Entry) error {
		mu.Lock()
		defer mu.Unlock()
		kept[c.ID] = c
		return inner.ClientBook.AddClient(ctx, c, e...)
	}}
	s.ClientFinder = findClientBy(func(_ context.Context, id client.ID) (client.Client, error) {
		mu.Lock()
		defer mu.Unlock()
		return kept[id], nil
	})
	return s
}

// seesClients makes a plant that gives clients back otherwise than they are.
func seesClients(see func(c *client.Client)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.ClientFinder
		s.ClientFinder = findClientBy(func(ctx context.Context, id client.ID) (client.Client, error) {
			c, err := inner.FindClient(ctx, id)
			see(&c)
			return c, err
		})
		return s
	}
}

var clientPlants = []plant{
	{"keeps clients exactly as it was given them", []string{
		"Clients/times of a client come back in UTC and whole microseconds",
		"Clients/what the caller changes afterwards does not change what is stored",
		"Clients/an unknown client is not found, updated or deleted",
	}, ownClients, nil},
	{"loses the origins of a client", []string{
		"Clients/everything of a client comes back as it was",
	}, seesClients(func(c *client.Client) { c.Origins = nil }), nil},
	{"loses the provider of a client", []string{
		"Clients/everything of a client comes back as it was",
		"Clients/an update replaces the whole client",
	}, seesClients(func(c *client.Client) { c.Provider = "" }), nil},
	{"loses that a client is the server's own", []string{
		"Clients/everything of a client comes back as it was",
		"Clients/an update replaces the whole client",
	}, seesClients(func(c *client.Client) { c.FirstParty = false }), nil},
	{"loses how long a client's refresh tokens live", []string{
		"Clients/everything of a client comes back as it was",
		"Clients/an update replaces the whole client",
	}, seesClients(func(c *client.Client) { c.Lives.Refresh = 0 }), nil},
	{"stores a client over another", []string{
		"Clients/a taken ID is not taken again",
		"Clients/of many concurrent clients with one ID one is stored",
	}, func(s ports.Storage) ports.Storage {
		inner := s
		s.ClientBook = addClientBy{s.ClientBook, func(ctx context.Context, c client.Client, e ...audit.Entry) error {
			if old, err := inner.ClientFinder.FindClient(ctx, c.ID); err == nil {
				return inner.ClientBook.UpdateClient(ctx, c, old.UpdatedAt, e...)
			}
			return inner.ClientBook.AddClient(ctx, c, e...)
		}}
		return s
	}, nil},
	{"updates a client whatever it was", []string{
		"Clients/an update of what somebody else has changed is a conflict",
		"Clients/of many concurrent updates one wins",
	}, updatesClients(func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, e ...audit.Entry) error {
		if now, err := s.ClientFinder.FindClient(ctx, c.ID); err == nil {
			was = now.UpdatedAt
		}
		return s.ClientBook.UpdateClient(ctx, c, was, e...)
	}), nil},
	{"leaves out of an update what is empty", []string{
		"Clients/an update replaces the whole client",
	}, updatesClients(func(ctx context.Context, s ports.Storage, c client.Client, was time.Time, e ...audit.Entry) error {
		if now, err := s.ClientFinder.FindClient(ctx, c.ID); err == nil {
			c.Name, c.Owner = cmp.Or(c.Name, now.Name), cmp.Or(c.Owner, now.Owner)
		}
		return s.ClientBook.UpdateClient(ctx, c, was, e...)
	}), nil},
	{"deletes in name only", []string{
		"Clients/a deleted client is gone",
	}, func(s ports.Storage) ports.Storage {
		s.ClientBook = deleteClientBy{s.ClientBook, func(context.Context, client.ID, time.Time, ...audit.Entry) error { return nil }}
		return s
	}, nil},
	{"begins a page with the last client of the one before", []string{
		"Clients/pages list every client once, in order",
	}, func(s ports.Storage) ports.Storage {
		inner := s
		s.ClientBook = clientsBy{s.ClientBook, func(ctx context.Context, after client.ID, limit int) ([]client.Client, error) {
			page, err := inner.ClientBook.Clients(ctx, after, limit)
			if last, found := inner.ClientFinder.FindClient(ctx, after); found == nil {
				page = append([]client.Client{last}, page...)
			}
			return page[:min(limit, len(page))], err
		}}
		return s
	}, nil},
}

// findsPeople makes a plant that finds people otherwise than it should.
func findsPeople(see func(asked string, u user.User, err error) (user.User, error)) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.UserFinder
		s.UserFinder = findPersonBy{
			inner,
			func(ctx context.Context, id user.ID) (user.User, error) {
				u, err := inner.FindUser(ctx, id)
				return see(string(id), u, err)
			},
			func(ctx context.Context, provider, name string) (user.User, error) {
				u, err := inner.FindUsername(ctx, provider, name)
				return see(name, u, err)
			},
		}
		return s
	}
}

var userPlants = []plant{
	{"finds a person by their username as by their ID", []string{
		"Directory/an unknown person is not found",
	}, func(s ports.Storage) ports.Storage {
		inner := s.UserFinder
		s.UserFinder = findPersonBy{inner, func(ctx context.Context, id user.ID) (user.User, error) {
			if u, err := inner.FindUser(ctx, id); err == nil {
				return u, nil
			}
			return inner.FindUsername(ctx, "", string(id))
		}, inner.FindUsername}
		return s
	}, nil},
	{"finds nobody by username", []string{
		"Directory/a person is found by ID and by username",
	}, func(s ports.Storage) ports.Storage {
		s.UserFinder = findPersonBy{s.UserFinder, s.UserFinder.FindUser, func(context.Context, string, string) (user.User, error) {
			return user.User{}, ports.ErrNotFound
		}}
		return s
	}, nil},
	{"looks for people whatever their provider", []string{
		"Directory/nobody is found among the people of another provider",
		"Users/a username is taken within its provider only",
	}, func(s ports.Storage) ports.Storage {
		inner := s.UserFinder
		s.UserFinder = findPersonBy{inner, inner.FindUser, func(ctx context.Context, provider, name string) (user.User, error) {
			u, err := inner.FindUsername(ctx, "", name)
			if err != nil {
				return inner.FindUsername(ctx, provider, name)
			}
			return u, nil
		}}
		return s
	}, nil},
	{"takes a username in all providers", []string{
		"Users/a username is taken within its provider only",
	}, func(s ports.Storage) ports.Storage {
		inner := s
		s.UserBook = addUserBy{s.UserBook, func(ctx context.Context, u user.User, e ...audit.Entry) error {
			if _, err := inner.UserFinder.FindUsername(ctx, "", u.Username); err == nil {
				return ports.ErrExists
			}
			return inner.UserBook.AddUser(ctx, u, e...)
		}}
		return s
	}, nil},
	{"leaves everybody in the provider they began in", []string{
		"Users/a username is taken within its provider only",
		"Users/an update replaces the whole person",
	}, updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
		if now, err := s.UserFinder.FindUser(ctx, u.ID); err == nil {
			u.Provider = now.Provider
		}
		return s.UserBook.UpdateUser(ctx, u, was, e...)
	}), nil},
	{"loses the providers of people", []string{
		"Users/everything of a person comes back as it was",
	}, findsPeople(func(_ string, u user.User, err error) (user.User, error) {
		u.Provider = ""
		return u, err
	}), nil},
	{"hides disabled people", []string{
		"Directory/a disabled person is found too",
	}, findsPeople(func(_ string, u user.User, err error) (user.User, error) {
		if err == nil && !u.Enabled() {
			return user.User{}, ports.ErrNotFound
		}
		return u, err
	}), nil},
	{"cannot read quotes", []string{
		"Directory/odd names find the person they belong to",
	}, findsPeople(func(asked string, u user.User, err error) (user.User, error) {
		if strings.ContainsAny(asked, `'"\`) {
			return user.User{}, errTrouble
		}
		return u, err
	}), nil},
	{"loses the names of people", []string{
		"Users/everything of a person comes back as it was",
		"Users/an update replaces the whole person",
	}, findsPeople(func(_ string, u user.User, err error) (user.User, error) {
		u.Name = ""
		return u, err
	}), nil},
	{"keeps nanoseconds", []string{
		"Users/times of a person come back in UTC and whole microseconds",
	}, findsPeople(func(_ string, u user.User, err error) (user.User, error) {
		u.CreatedAt = u.CreatedAt.Add(1)
		return u, err
	}), nil},
	{"gives one username to two people", []string{
		"Users/a taken ID or username is not taken again",
		"Users/of many concurrent people with one username one is stored",
	}, func(s ports.Storage) ports.Storage {
		inner := s.UserBook
		s.UserBook = addUserBy{inner, func(ctx context.Context, u user.User, e ...audit.Entry) error {
			if err := inner.AddUser(ctx, u, e...); !errors.Is(err, ports.ErrExists) {
				return err
			}
			u.Username += " again"
			return inner.AddUser(ctx, u, e...)
		}}
		return s
	}, nil},
	{"updates a person whatever they were", []string{
		"Users/an update of what somebody else has changed is a conflict",
		"Users/of many concurrent updates one wins",
	}, updatesUsers(func(ctx context.Context, s ports.Storage, u user.User, was time.Time, e ...audit.Entry) error {
		if now, err := s.UserFinder.FindUser(ctx, u.ID); err == nil {
			was = now.UpdatedAt
		}
		return s.UserBook.UpdateUser(ctx, u, was, e...)
	}), nil},
	{"never turns a page", []string{
		"Users/pages list every person once, in order",
		"Users/pages list people with odd IDs once",
	}, func(s ports.Storage) ports.Storage {
		inner := s.UserBook
		s.UserBook = usersBy{inner, func(ctx context.Context, _ user.ID, limit int) ([]user.User, error) {
			return inner.Users(ctx, "", limit)
		}}
		return s
	}, nil},
	{"turns pages in one order and compares in another", []string{
		"Users/pages list people with odd IDs once",
	}, func(s ports.Storage) ports.Storage {
		inner := s.UserBook
		s.UserBook = usersBy{inner, func(ctx context.Context, after user.ID, limit int) ([]user.User, error) {
			all, err := inner.Users(ctx, "", 1000)
			all = slices.DeleteFunc(all, func(u user.User) bool {
				return after != "" && strings.ToLower(string(u.ID)) <= strings.ToLower(string(after))
			})
			return all[:min(limit, len(all))], err
		}}
		return s
	}, nil},
}

// replaces makes a plant whose ReplaceSession goes wrong.
func replaces(do func(ctx context.Context, s ports.Storage, ses session.Session, was secret.Digest) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.SessionBook = replaceSessionBy{s.SessionBook, func(ctx context.Context, ses session.Session, was secret.Digest, _ ...audit.Entry) error {
			return do(ctx, inner, ses, was)
		}}
		return s
	}
}

// overwrites makes a plant that stores over a session whatever its digest is now.
func overwrites(s ports.Storage) ports.Storage {
	var mu sync.Mutex
	newest := map[session.ID]secret.Digest{}
	return replaces(func(ctx context.Context, s ports.Storage, ses session.Session, was secret.Digest) error {
		mu.Lock()
		defer mu.Unlock()
		if d, ok := newest[ses.ID]; ok {
			was = d
		}
		newest[ses.ID] = ses.Digest
		return s.SessionBook.ReplaceSession(ctx, ses, was)
	})(s)
}

var sessionPlants = []plant{
	{"loses who is signed in", []string{
		"Sessions/everything of a session comes back as it was",
	}, seesSessions(func(ses session.Session) session.Session {
		ses.User = ""
		return ses
	}), nil},
	{"gives a session's times back in local time", []string{
		"Sessions/times of a session come back in UTC and whole microseconds",
	}, seesSessions(func(ses session.Session) session.Session {
		ses.SeenAt = ses.SeenAt.In(time.FixedZone("here", 3600))
		return ses
	}), nil},
	{"stores over a session whoever was faster", []string{
		"Sessions/a rotated session is found by its new digest only",
		"Sessions/of many concurrent rotations one wins",
	}, overwrites, nil},
	{"takes the same digest for a conflict", []string{
		"Sessions/a session may be replaced under the same digest",
	}, replaces(func(ctx context.Context, s ports.Storage, ses session.Session, was secret.Digest) error {
		if ses.Digest == was {
			return ports.ErrConflict
		}
		return s.SessionBook.ReplaceSession(ctx, ses, was)
	}), nil},
	{"brings a session back by replacing it", []string{
		"Sessions/a session that ended is not brought back by a rotation",
		"Sessions/an unknown session is not found",
	}, replaces(func(ctx context.Context, s ports.Storage, ses session.Session, was secret.Digest) error {
		roundTrip()
		err := s.SessionBook.ReplaceSession(ctx, ses, was)
		if errors.Is(err, ports.ErrNotFound) {
			return s.SessionBook.OpenSession(ctx, ses)
		}
		return err
	}), nil},
	{"leaves the requests of a session that ended", []string{
		"Sessions/an ended session is gone with its pending requests",
	}, func(s ports.Storage) ports.Storage {
		ended := newRegister[session.ID]()
		inner := s.SessionBook
		s.SessionBook = endSessionBy{inner, func(_ context.Context, id session.ID, _ time.Time, _ ...audit.Entry) error {
			ended.add(id, 1)
			return nil
		}}
		find := s.SessionBook
		s.SessionBook = findSessionBy{find, func(ctx context.Context, d []secret.Digest) (session.Session, error) {
			ses, err := inner.FindSession(ctx, d)
			if ended.add(ses.ID, 0) > 0 {
				return session.Session{}, ports.ErrNotFound
			}
			return ses, err
		}}
		return s
	}, nil},
	{"has no session to end the second time", []string{
		"Sessions/ending a session again changes nothing",
	}, func(s ports.Storage) ports.Storage {
		ended := newRegister[session.ID]()
		inner := s.SessionBook
		s.SessionBook = endSessionBy{inner, func(ctx context.Context, id session.ID, at time.Time, e ...audit.Entry) error {
			if ended.add(id, 1) > 1 {
				return ports.ErrNotFound
			}
			return inner.EndSession(ctx, id, at, e...)
		}}
		return s
	}, nil},
}

// seesSessions makes a plant that gives sessions back otherwise than they are.
func seesSessions(see func(ses session.Session) session.Session) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.SessionBook
		s.SessionBook = findSessionBy{inner, func(ctx context.Context, d []secret.Digest) (session.Session, error) {
			ses, err := inner.FindSession(ctx, d)
			return see(ses), err
		}}
		return s
	}
}

// processPlants keep in the process what belongs into the storage.
var processPlants = []plant{
	{"keeps everything in its own process", []string{
		"Processes/what one process commits the other sees",
		"Processes/what one process ends is dead to the other",
		"Processes/what one process stores the other finds",
	}, func(s ports.Storage) ports.Storage { return s }, func(ports.Storage) ports.Storage { return healthy() }},
	{"does not answer", []string{"Schema/a storage that is ready answers"}, func(s ports.Storage) ports.Storage {
		s.Health = pingBy(func(context.Context) error { return errTrouble })
		return s
	}, nil},
	{"migrates again and again", []string{
		"Schema/a storage that is ready has nothing to migrate",
	}, func(s ports.Storage) ports.Storage {
		s.Migrator = migrateBy{s.Migrator, func(context.Context) ([]string, error) { return []string{"0001_first"}, nil }}
		return s
	}, nil},
	{"cannot migrate while another does", []string{
		"Schema/many processes may migrate at once",
	}, func(s ports.Storage) ports.Storage {
		running := newRegister[string]()
		s.Migrator = migrateBy{s.Migrator, func(context.Context) ([]string, error) {
			defer running.add("up", -1)
			if running.add("up", 1) > 1 {
				return nil, errTrouble
			}
			roundTrip()
			return nil, nil
		}}
		return s
	}, nil},
}
