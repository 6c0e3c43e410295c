package storagetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// finderCase proves one sentence of the contract of a UserFinder that may belong to another directory.
type finderCase struct {
	name string
	run  func(t tb, open func(people ...user.User) ports.UserFinder)
}

var finderCases = []finderCase{
	{"a person is found by ID and by username", personFound},
	{"a disabled person is found too", disabledPersonFound},
	{"an unknown person is not found", personUnknown},
	{"odd names find the person they belong to", oddPersonFound},
	{"nobody is found among the people of another provider", personOfAnotherProvider},
}

// directory is the contract of any UserFinder, asked of the built-in one.
var directory = suite{"Directory", func() []contractCase {
	var all []contractCase
	for _, c := range finderCases {
		run := func(t tb, b *bench) {
			c.run(t, func(people ...user.User) ports.UserFinder {
				for _, u := range people {
					must(t, "add user", b.UserBook.AddUser(t.Context(), u))
				}
				return b.UserFinder
			})
		}
		all = append(all, contractCase{c.name, run, []Behaviour{People}})
	}
	return all
}()}

var users = suite{"Users", []contractCase{
	{"everything of a person comes back as it was", personComesBack, []Behaviour{People}},
	{"times of a person come back in UTC and whole microseconds", personTimes, []Behaviour{People}},
	{"a taken ID or username is not taken again", personTaken, []Behaviour{People}},
	{"of many concurrent people with one username one is stored", usernameTakenAtOnce, []Behaviour{People}},
	{"a username is taken within its provider only", usernameTakenWithinProvider, []Behaviour{People}},
	{"an update replaces the whole person", personUpdated, []Behaviour{People}},
	{"an update of what somebody else has changed is a conflict", personConflict, []Behaviour{People}},
	{"of many concurrent updates one wins", personUpdateHasOneWinner, []Behaviour{People}},
	{"pages list every person once, in order", personPages, []Behaviour{People}},
	{"pages list people with odd IDs once", oddPersonPages, []Behaviour{People}},
}}

func findPerson(t tb, f ports.UserFinder, want user.User) {
	t.Helper()
	byID, err := f.FindUser(t.Context(), want.ID)
	must(t, "find by ID", err)
	same(t, "person by ID", byID, want)
	byName, err := f.FindUsername(t.Context(), want.Provider, want.Username)
	must(t, "find by username", err)
	same(t, "person by username", byName, want)
}

func personFound(t tb, open func(people ...user.User) ports.UserFinder) {
	b := newBench(ports.Storage{}, ports.Storage{})
	one, two := b.aPerson(), b.aPerson()
	f := open(one, two)
	for _, want := range []user.User{one, two} {
		got, err := f.FindUser(t.Context(), want.ID)
		must(t, "find by ID", err)
		same(t, "username", got.Username, want.Username)
		got, err = f.FindUsername(t.Context(), want.Provider, want.Username)
		must(t, "find by username", err)
		same(t, "ID", got.ID, want.ID)
	}
}

func disabledPersonFound(t tb, open func(people ...user.User) ports.UserFinder) {
	u := newBench(ports.Storage{}, ports.Storage{}).aPerson()
	u.DisabledAt = u.CreatedAt
	f := open(u)
	byID, err := f.FindUser(t.Context(), u.ID)
	must(t, "find by ID", err)
	byName, err := f.FindUsername(t.Context(), "", u.Username)
	must(t, "find by username", err)
	if byID.Enabled() || byName.Enabled() {
		t.Errorf("disabled person: got enabled; want disabled")
	}
}

func personUnknown(t tb, open func(people ...user.User) ports.UserFinder) {
	u := newBench(ports.Storage{}, ports.Storage{}).aPerson()
	f := open(u)
	for _, id := range []user.ID{user.ID(newUUID()), "", user.ID(u.Username), u.ID + "x", "%", odd} {
		_, err := f.FindUser(t.Context(), id)
		refused(t, "find by ID", err, ports.ErrNotFound)
	}
	for _, name := range []string{newUUID(), "", string(u.ID), u.Username + "x", "%", odd} {
		_, err := f.FindUsername(t.Context(), "", name)
		refused(t, "find by username", err, ports.ErrNotFound)
	}
}

func oddPersonFound(t tb, open func(people ...user.User) ports.UserFinder) {
	b := newBench(ports.Storage{}, ports.Storage{})
	u, other := b.aPerson(), b.aPerson()
	u.ID, u.Username = odd, odd
	f := open(u, other)
	got, err := f.FindUser(t.Context(), odd)
	must(t, "find by ID", err)
	same(t, "username", got.Username, odd)
	got, err = f.FindUsername(t.Context(), "", odd)
	must(t, "find by username", err)
	same(t, "ID", got.ID, u.ID)
}

func personOfAnotherProvider(t tb, open func(people ...user.User) ports.UserFinder) {
	u := newBench(ports.Storage{}, ports.Storage{}).aPerson()
	f := open(u)
	for _, provider := range []string{"staff", u.Username, string(u.ID), "%", odd} {
		_, err := f.FindUsername(t.Context(), provider, u.Username)
		refused(t, "find in another provider", err, ports.ErrNotFound)
	}
}

func personComesBack(t tb, b *bench) {
	strange := user.User{
		ID: odd, Provider: odd, Username: odd, Name: odd, PasswordHash: odd, CreatedAt: b.now, UpdatedAt: b.now, DisabledAt: b.now.Add(time.Second),
	}
	for _, u := range []user.User{b.aPerson(), strange} {
		must(t, "add user", b.UserBook.AddUser(t.Context(), u))
		findPerson(t, b.UserFinder, u)
	}
}

func personTimes(t tb, b *bench) {
	u := b.aPerson()
	given := elsewhere(b.now)
	u.CreatedAt, u.UpdatedAt, u.DisabledAt = given, given, given
	must(t, "add user", b.UserBook.AddUser(t.Context(), u))
	got, err := b.UserFinder.FindUser(t.Context(), u.ID)
	must(t, "find", err)
	stored(t, "creation", got.CreatedAt, given)
	stored(t, "update", got.UpdatedAt, given)
	stored(t, "end", got.DisabledAt, given)
}

func personTaken(t tb, b *bench) {
	u := b.person(t)
	sameID, sameName := b.aPerson(), b.aPerson()
	sameID.ID, sameName.Username = u.ID, u.Username
	refused(t, "add a taken ID", b.UserBook.AddUser(t.Context(), sameID), ports.ErrExists)
	refused(t, "add a taken username", b.UserBook.AddUser(t.Context(), sameName), ports.ErrExists)
	_, err := b.UserFinder.FindUser(t.Context(), sameName.ID)
	refused(t, "find who was not stored", err, ports.ErrNotFound)
	findPerson(t, b.UserFinder, u)
}

func usernameTakenAtOnce(t tb, b *bench) {
	tries := make([]user.User, crowd)
	for i := range tries {
		tries[i] = b.aPerson()
		tries[i].Username = "one name"
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).UserBook.AddUser(t.Context(), tries[i])
	}), ports.ErrExists)
	findPerson(t, b.UserFinder, tries[won])
}

func usernameTakenWithinProvider(t tb, b *bench) {
	u, namesake, third := b.person(t), b.aPerson(), b.aPerson()
	namesake.Provider, namesake.Username = "staff", u.Username
	must(t, "add a username of another provider", b.UserBook.AddUser(t.Context(), namesake))
	findPerson(t, b.UserFinder, u)
	findPerson(t, b.UserFinder, namesake)
	third.Provider, third.Username = "staff", u.Username
	refused(t, "add a taken username", b.UserBook.AddUser(t.Context(), third), ports.ErrExists)
	moved := u
	moved.Provider, moved.UpdatedAt = "staff", b.now.Add(time.Second)
	refused(t, "move to where the name is taken", b.UserBook.UpdateUser(t.Context(), moved, u.UpdatedAt), ports.ErrExists)
	findPerson(t, b.UserFinder, u)
	moved.Provider = "partners"
	must(t, "move to where the name is free", b.UserBook.UpdateUser(t.Context(), moved, u.UpdatedAt))
	findPerson(t, b.UserFinder, moved)
	_, err := b.UserFinder.FindUsername(t.Context(), "", u.Username)
	refused(t, "find in the provider before", err, ports.ErrNotFound)
}

func personUpdated(t tb, b *bench) {
	u, other := b.person(t), b.person(t)
	next := user.User{
		ID: u.ID, Provider: odd, Username: odd, Name: odd, PasswordHash: odd, CreatedAt: u.CreatedAt,
		UpdatedAt: b.now.Add(time.Microsecond), DisabledAt: b.now,
	}
	must(t, "update", b.UserBook.UpdateUser(t.Context(), next, u.UpdatedAt))
	findPerson(t, b.UserFinder, next)
	findPerson(t, b.UserFinder, other)
	_, err := b.UserFinder.FindUsername(t.Context(), "", u.Username)
	refused(t, "find by the old username", err, ports.ErrNotFound)
	next.DisabledAt, next.UpdatedAt = time.Time{}, b.now.Add(time.Second)
	must(t, "enable again", b.UserBook.UpdateUser(t.Context(), next, b.now.Add(time.Microsecond)))
	findPerson(t, b.UserFinder, next)
}

func personConflict(t tb, b *bench) {
	u := b.person(t)
	first, second := u, u
	first.Name, first.UpdatedAt = "first", b.now.Add(time.Microsecond)
	second.Name, second.UpdatedAt = "second", b.now.Add(time.Second)
	must(t, "update", b.UserBook.UpdateUser(t.Context(), first, u.UpdatedAt))
	refused(t, "update of an old state", b.UserBook.UpdateUser(t.Context(), second, u.UpdatedAt), ports.ErrConflict)
	unknown := b.aPerson()
	refused(t, "update of nobody", b.UserBook.UpdateUser(t.Context(), unknown, unknown.UpdatedAt), ports.ErrNotFound)
	findPerson(t, b.UserFinder, first)
}

func personUpdateHasOneWinner(t tb, b *bench) {
	u := b.person(t)
	tries := make([]user.User, crowd)
	for i := range tries {
		tries[i] = u
		tries[i].Name, tries[i].UpdatedAt = fmt.Sprint("name ", i), b.now.Add(time.Duration(i+1)*time.Second)
	}
	won := oneWins(t, together(crowd, func(i int) error {
		return b.handle(i).UserBook.UpdateUser(t.Context(), tries[i], u.UpdatedAt)
	}), ports.ErrConflict)
	findPerson(t, b.UserFinder, tries[won])
}

// people turns the pages of the directory, three people each, until nobody follows.
func (b *bench) people(t tb) (all []user.ID) {
	t.Helper()
	var after user.ID
	for range 10 {
		page, err := b.UserBook.Users(t.Context(), after, 3)
		must(t, "list users", err)
		if len(page) > 3 {
			t.Fatalf("page: got %d people; want at most 3", len(page))
		}
		for _, u := range page {
			all, after = append(all, u.ID), u.ID
		}
	}
	return all
}

func personPages(t tb, b *bench) {
	var want []user.ID
	for range 7 {
		want = append(want, b.person(t).ID)
	}
	slices.Sort(want)
	same(t, "people", b.people(t), want)
}

func oddPersonPages(t tb, b *bench) {
	want := []user.ID{"a", "B", "Ä", "_", "é", "e\u0301", "😀", "漢", odd, "10", "9"}
	for _, id := range want {
		u := b.aPerson()
		u.ID = id
		must(t, "add user", b.UserBook.AddUser(t.Context(), u))
	}
	got := b.people(t)
	slices.Sort(want)
	slices.Sort(got)
	same(t, "people", got, want)
}
