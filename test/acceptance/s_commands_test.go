package acceptance

import (
	"errors"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

var linesS = map[int]line{
	218: {says: "a command turns secrets kept in the clear into hashes that still fit", instead: "no secret is ever kept in the clear, so there is no such command; a hash that comes from Laravel is taken as it is, and fits"},
	219: {says: "purge takes away what was revoked, or expired a week ago, or what flags say", instead: "as there, but what was revoked stays the week too, for those who look into what happened, and a family stays as long as anything of it; by batches"},
}

func TestHashesAndPurges(t *testing.T) {
	onEach(t, []rule{
		{"218 an imported hash fits", importedHash},
		{"219 what a purge takes away", whatAPurgeTakes},
	})
}

func importedHash(t *testing.T, h *house) {
	const text = "a secret of forty characters, made by PHP"
	hash, err := bcrypt.GenerateFromPassword([]byte(text), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := h.Clients.Register(t.Context(), client.Client{
		Name: "Imported", Auth: client.Post, Grants: []string{"client_credentials"}, EveryScope: true,
		Secrets: []client.Secret{{Hash: "$2y$" + string(hash[4:]), CreatedAt: h.Clock.Now()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	granted(t, h.token(t, party{c, text}, machineForm()))
	refused(t, h.token(t, party{c, text + "x"}, machineForm()), 401, "invalid_client")
}

// week is how long what is dead stays by default.
const week = 168 * time.Hour

func whatAPurgeTakes(t *testing.T, h *house) {
	long := h.register(t, client.Client{Grants: []string{"client_credentials"}, Lives: client.Lives{Access: 300 * 24 * time.Hour}})
	alive := granted(t, h.token(t, long, machineForm())).access
	expired := granted(t, h.token(t, h.machine, machineForm())).access
	ended := granted(t, h.token(t, long, machineForm())).access
	h.submit(t, "/oauth/revoke", long, form("token", ended))
	family := h.redeemed(t, h.web)
	h.submit(t, "/oauth/revoke", h.web, form("token", family.refresh))
	h.Clock.Advance(10 * 24 * time.Hour)
	for _, p := range []purge{
		{true, true, 2 * week, nil, []string{alive, expired, ended, family.access}},
		{true, false, week, []string{expired}, []string{alive, ended}},
		{false, true, week, []string{expired, ended}, []string{alive}},
		{true, true, week, []string{expired, ended, family.access}, []string{alive}},
	} {
		p.try(t, h)
	}
	h.live(t, alive)
	h.dead(t, expired, ended, family.access)
}

// purge is one, with what is gone afterwards and what is not.
type purge struct {
	expired, revoked bool
	keep             time.Duration
	gone, kept       []string
}

func (p purge) try(t *testing.T, h *house) {
	t.Helper()
	if _, err := h.House.Purge(t.Context(), p.expired, p.revoked, p.keep); err != nil {
		t.Fatal(err)
	}
	for _, raw := range p.gone {
		h.kept(t, raw, false)
	}
	for _, raw := range p.kept {
		h.kept(t, raw, true)
	}
}

// kept checks whether there is a row of an access token.
func (h *house) kept(t testing.TB, access string, want bool) {
	t.Helper()
	id, _ := claims(t, access)["jti"].(string)
	_, err := h.Storage.AccessBook.FindAccess(t.Context(), token.ID(id))
	if want && err != nil || !want && !errors.Is(err, ports.ErrNotFound) {
		t.Errorf("got %v; want a row: %v", err, want)
	}
}
