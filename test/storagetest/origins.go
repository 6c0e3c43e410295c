package storagetest

import (
	"slices"
	"time"

	"github.com/gopassport/passport/domain/client"
)

var origins = suite{"Origins", []contractCase{
	{"an empty storage lists no origin", noOrigins, nil},
	{"the origins of all clients are listed once each", originsListed, nil},
	{"origins of disabled and deleted clients are not listed", originsOfTheEnabled, nil},
	{"an update of a client changes its origins", originsUpdated, nil},
}}

// clientAt stores a client that runs on some origins.
func (b *bench) clientAt(t tb, all ...string) client.Client {
	t.Helper()
	c := b.aClient()
	c.Origins = all
	must(t, "add client", b.ClientBook.AddClient(t.Context(), c))
	return c
}

func (b *bench) hasOrigins(t tb, want ...string) {
	t.Helper()
	got, err := b.OriginLister.Origins(t.Context())
	must(t, "list origins", err)
	slices.Sort(got)
	slices.Sort(want)
	same(t, "origins", got, want)
}

func noOrigins(t tb, b *bench) {
	b.hasOrigins(t)
	b.client(t)
	b.hasOrigins(t)
}

func originsListed(t tb, b *bench) {
	b.clientAt(t, "https://one.example", "https://two.example:8443")
	b.clientAt(t, "https://two.example:8443", odd)
	b.clientAt(t)
	b.hasOrigins(t, "https://one.example", "https://two.example:8443", odd)
}

func originsOfTheEnabled(t tb, b *bench) {
	disabled, deleted := b.clientAt(t, "https://one.example", "https://shared.example"), b.clientAt(t, "https://two.example")
	b.clientAt(t, "https://shared.example")
	must(t, "disable", b.disable(t, b.twin, disabled))
	must(t, "delete", b.twin.ClientBook.DeleteClient(t.Context(), deleted.ID, b.now))
	b.hasOrigins(t, "https://shared.example")
}

func originsUpdated(t tb, b *bench) {
	c := b.clientAt(t, "https://one.example", "https://two.example")
	was := c.UpdatedAt
	c.Origins, c.UpdatedAt = []string{"https://two.example", "https://three.example"}, b.now.Add(time.Second)
	must(t, "update", b.ClientBook.UpdateClient(t.Context(), c, was))
	b.hasOrigins(t, "https://two.example", "https://three.example")
}
