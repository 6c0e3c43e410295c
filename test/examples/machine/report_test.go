package machine_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gopassport/passport/adapters/guard"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/test/examples/machine"
	"github.com/gopassport/passport/test/examples/nethttpapi"
	"github.com/gopassport/passport/test/passporttest"
)

func TestReport(t *testing.T) {
	t.Parallel()
	s := passporttest.New(t)
	g, err := guard.InProcess(s.Introspect, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	api := httptest.NewServer(nethttpapi.Routes(g))
	t.Cleanup(api.Close)
	c, secret := s.Client(t, client.Client{Name: "Acme Reports", Grants: []string{"client_credentials"}})

	got, err := machine.Report(t.Context(), s.URL, string(c.ID), secret, api.URL+"/orders")
	if err != nil || got != "everybody's orders\n" {
		t.Errorf("got %q, %v; want the orders", got, err)
	}
	if _, err := machine.Report(t.Context(), s.URL, string(c.ID), "wrong", api.URL+"/orders"); err == nil || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("with a wrong secret: got %v; want invalid_client", err)
	}
}
