package attacks

import (
	"testing"

	"github.com/gopassport/passport/bootstrap/core"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// A client whose registration would not be accepted any more can be stopped all the same.
func TestWhatMustStopCanBe(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		d := openDesk(t, on, passporttest.Configured(func(c *core.Config) { c.UserProviders = []string{"staff"} }))
		c := d.register(t, client.Client{Provider: "staff", Grants: []string{"client_credentials"}})
		changed := d.beside(t) // the same database, without that provider
		if _, err := changed.Clients.Update(t.Context(), c.ID, func(c *client.Client) { c.Name = "x" }); err == nil {
			t.Error("a client of an unknown provider was accepted")
		}
		if _, _, err := changed.Clients.RotateSecret(t.Context(), c.ID, 0); err != nil {
			t.Errorf("rotate secret: %v", err)
		}
		if _, err := changed.Clients.Disable(t.Context(), c.ID); err != nil {
			t.Errorf("disable: %v", err)
		}
	})
}
