package attacks

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestClientsForThemselves(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on).try(t, []attempt{
			{"G01 a public client", publicMachine},
			{"G02 a client whose id is a user's", clientNamedAsUser},
			{"G05 every scope there is", everyScope},
			{"what was issued before a client was enabled again stays dead", enabledAgain},
		})
	})
}

// However the row came to be: registration refuses such a client, the endpoint does too.
func publicMachine(t *testing.T, d *desk) {
	if _, _, err := d.Clients.Register(t.Context(), client.Client{Name: "public", Auth: client.None, Grants: []string{"client_credentials"}}); err == nil {
		t.Error("registered a public client for client_credentials")
	}
	public := client.Client{ID: "0198f5a0-0000-7000-8000-00000000a901", Name: "public", Auth: client.None, Grants: []string{"client_credentials"}, EveryScope: true}
	public.CreatedAt, public.UpdatedAt, public.ValidFrom = d.Clock.Now(), d.Clock.Now(), d.Clock.Now()
	if err := d.Storage.ClientBook.AddClient(t.Context(), public); err != nil {
		t.Fatal(err)
	}
	refused400(t, d.submit(t, "/oauth/token", party{public, ""}, machineForm()), "unauthorized_client")
	refused400(t, d.submit(t, "/oauth/token", d.spa, machineForm()), "unauthorized_client")
	refused401(t, d.submit(t, "/oauth/token", party{}, machineForm("client_id", string(d.m2m.ID))), false)
}

// RFC 9068, 5: nobody takes a client for a person, not even where both have one id.
func clientNamedAsUser(t *testing.T, d *desk) {
	twin := d.register(t, client.Client{Grants: []string{"client_credentials"}})
	stored, err := d.Clients.Find(t.Context(), twin.ID)
	if err != nil {
		t.Fatal(err)
	}
	stored.ID = client.ID(d.bob.ID)
	if err := d.Storage.ClientBook.AddClient(t.Context(), stored); err != nil {
		t.Fatal(err)
	}
	bob := party{stored, twin.secret}
	if _, err := d.Storage.UserFinder.FindUser(t.Context(), user.ID(bob.ID)); err != nil {
		t.Fatalf("there is no person of the client's id: %v", err)
	}
	got := granted(t, d.submit(t, "/oauth/token", bob, machineForm()))
	header, claims := jwt(t, got.access)
	if claims["sub"] != string(d.bob.ID) || claims["sub_kind"] != "client" || claims["client_id"] != string(bob.ID) || header["typ"] != "at+jwt" {
		t.Errorf("got %v; want a token that says sub_kind client", claims)
	}
	if seen := d.introspect(t, bob, got.access); seen["sub_kind"] != "client" || seen["active"] != true {
		t.Errorf("got %v; want sub_kind client", seen)
	}
	a, err := d.Introspect.Inspect(t.Context(), secret.Of(got.access))
	if err != nil || a.Subject != subject.OfClient(string(d.bob.ID)) {
		t.Errorf("got %v, %v; want a client", a.Subject, err)
	}
	// The end of a person's tokens is not the client's, and the other way round.
	if err := d.Storage.Ledger.RevokeSubject(t.Context(), subject.OfUser(string(d.bob.ID)), d.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	d.live(t, got.access)
}

func everyScope(t *testing.T, d *desk) {
	few := d.register(t, client.Client{Grants: []string{"client_credentials"}, Scopes: scope.Of("orders:read")})
	for _, by := range []party{d.m2m, few} {
		for _, asked := range []string{"*", "orders:*", "orders:read *", "ORDERS:READ", "orders:read  profile", " orders:read", "orders:read\tprofile", "unheard", `"`, `\`, "ö"} {
			refused400(t, d.submit(t, "/oauth/token", by, machineForm("scope", asked)), "invalid_scope")
			if t.Failed() {
				t.Fatalf("this was the answer to %q", asked)
			}
		}
	}
	refused400(t, d.submit(t, "/oauth/token", few, machineForm("scope", "orders:read orders:write")), "invalid_scope")
	got := granted(t, d.submit(t, "/oauth/token", few, machineForm("scope", "orders:read orders:read")))
	if _, claims := jwt(t, got.access); claims["scope"] != "orders:read" {
		t.Errorf("got scope %v; want orders:read once", claims["scope"])
	}
}

func enabledAgain(t *testing.T, d *desk) {
	p := d.register(t, client.Client{Grants: []string{"client_credentials"}})
	before := granted(t, d.submit(t, "/oauth/token", p, machineForm()))
	if _, err := d.Clients.Disable(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	d.Clock.Advance(time.Second)
	if _, err := d.Clients.Enable(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	after := granted(t, d.submit(t, "/oauth/token", p, machineForm()))
	d.dead(t, before.access)
	d.live(t, after.access)
}
