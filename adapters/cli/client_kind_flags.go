package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/token"
)

// kindFlags say of what kind a new client is: --kind, or a flag for each kind that Laravel's command has one for.
type kindFlags struct {
	kind                                 string
	password, personal, client, implicit bool
	device                               bool // of itself a kind; beside another one, a flow that it may use too
	public                               bool
}

func (f *kindFlags) add(c *cobra.Command) {
	set := c.Flags()
	set.StringVar(&f.kind, "kind", "", strings.Join(kindNames(), ", "))
	set.BoolVar(&f.client, "client", false, "kind machine: client credentials")
	set.BoolVar(&f.device, "device", false, "kind device; with another kind, it may use the device flow too")
	set.BoolVar(&f.personal, "personal", false, "kind personal: it stands for the personal access tokens of its user provider from now on")
	set.BoolVar(&f.password, "password", false, "kind password (legacy)")
	set.BoolVar(&f.implicit, "implicit", false, "kind implicit (legacy)")
	set.BoolVar(&f.public, "public", false, "it cannot keep a secret: the same as --auth-method none")
	c.MarkFlagsMutuallyExclusive("kind", "client", "personal", "password", "implicit")
	c.MarkFlagsMutuallyExclusive("device", "client", "personal", "password", "implicit")
	c.MarkFlagsMutuallyExclusive("public", "auth-method")
}

// named is the kind that a flag names; empty where none does.
func (f *kindFlags) named() string {
	switch {
	case f.kind != "":
		return f.kind
	case f.client:
		return "machine"
	case f.personal:
		return "personal"
	case f.password:
		return "password"
	case f.implicit:
		return "implicit"
	case f.device:
		return "device"
	}
	return ""
}

// begin is a client of a kind, before other flags say more.
func (f *kindFlags) begin(k kind) client.Client {
	c := k.settled
	c.Grants = slices.Clone(c.Grants)
	if f.public {
		c.Auth = client.None
	}
	return c
}

// finish adds the device flow to a client that was described.
func (f *kindFlags) finish(c *client.Client) {
	if !f.device {
		return
	}
	for _, t := range []string{grant.DeviceType, token.RefreshType} {
		if !c.MayUse(t) {
			c.Grants = append(c.Grants, t)
		}
	}
}
