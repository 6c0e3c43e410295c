package storagetest

import (
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/ports"
)

var personalClients = suite{"PersonalClients", []contractCase{
	{"a provider without a personal client has none", noPersonalClient, nil},
	{"each provider has a personal client of its own", personalClientOfProvider, nil},
	{"a personal client is replaced and stays a client", personalClientReplaced, nil},
	{"of many personal clients set at once one is the provider's", personalClientsAtOnce, nil},
}}

func (b *bench) setPersonal(t tb, h ports.Storage, provider string, id client.ID) {
	t.Helper()
	must(t, "set personal client", h.PersonalClients.SetPersonalClient(t.Context(), provider, id, b.now))
}

func (b *bench) hasPersonal(t tb, provider string, want client.ID) {
	t.Helper()
	got, err := b.PersonalClients.PersonalClient(t.Context(), provider)
	must(t, "find personal client", err)
	same(t, "personal client", got, want)
}

func noPersonalClient(t tb, b *bench) {
	_, err := b.PersonalClients.PersonalClient(t.Context(), "")
	refused(t, "find the personal client of an empty storage", err, ports.ErrNotFound)
	b.setPersonal(t, b.Storage, "staff", b.client(t).ID)
	for _, provider := range []string{"", "people", "Staff", "staff ", "%", odd} {
		_, err := b.PersonalClients.PersonalClient(t.Context(), provider)
		refused(t, "find the personal client of a provider without one", err, ports.ErrNotFound)
	}
}

func personalClientOfProvider(t tb, b *bench) {
	want := map[string]client.ID{"": b.client(t).ID, "staff": b.client(t).ID, odd: b.client(t).ID}
	for provider, id := range want {
		b.setPersonal(t, b.Storage, provider, id)
	}
	for provider, id := range want {
		b.hasPersonal(t, provider, id)
	}
}

func personalClientReplaced(t tb, b *bench) {
	first, second := b.client(t), b.client(t)
	b.setPersonal(t, b.Storage, "", first.ID)
	b.setPersonal(t, b.Storage, "", first.ID)
	b.hasPersonal(t, "", first.ID)
	b.setPersonal(t, b.twin, "", second.ID)
	b.hasPersonal(t, "", second.ID)
	b.hasClient(t, first)
	b.setPersonal(t, b.Storage, "", first.ID)
	b.hasPersonal(t, "", first.ID)
}

func personalClientsAtOnce(t tb, b *bench) {
	all := map[client.ID]bool{}
	var ids []client.ID
	for range 10 {
		c := b.client(t).ID
		all[c], ids = true, append(ids, c)
	}
	allWin(t, together(len(ids), func(i int) error {
		return b.handle(i).PersonalClients.SetPersonalClient(t.Context(), "staff", ids[i], b.now)
	}))
	got, err := b.PersonalClients.PersonalClient(t.Context(), "staff")
	must(t, "find personal client", err)
	if !all[got] {
		t.Errorf("personal client: got %q; want one of those that were set", got)
	}
}
