package attacks

import (
	"context"
	"slices"
	"sync"
	"testing"

	own "github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

// ear hears what listeners are told.
type ear struct {
	mu    sync.Mutex
	heard []audit.Entry
}

func (e *ear) Heard(_ context.Context, entry audit.Entry) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, entry)
}

// since forgets what was heard before something is done, and returns what is heard of it.
func (e *ear) since(do func()) []audit.Entry {
	e.mu.Lock()
	e.heard = nil
	e.mu.Unlock()
	do()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard
}

// toldOnly are events that leave no row: they would be one for each request.
var toldOnly = []audit.Kind{audit.TokenIssued, audit.TokenRefreshed, audit.DeviceAsked, audit.DeviceCodeGuessed, audit.LoginThrottled}

// Who subscribes hears of all that happens, once it has happened; what ends, refuses or changes something is in the audit table by then.
func TestEvents(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		e := &ear{}
		d := openDesk(t, on, legacyOn, passporttest.WithListener(e))
		d.Server.Install(t)
		app := d.app(t)
		var got tokens
		var newest string
		for _, tc := range []struct {
			want audit.Kind
			do   func()
		}{
			{audit.TokenIssued, func() { got = d.tokens(t, d.spa) }},
			{audit.ConsentGranted, func() { d.code(t, d.cli) }},
			{audit.ConsentDenied, func() {
				d.person.post(t, "/oauth/authorize", decision(d.person.authorize(t, ask(d.cli)).handle(), "deny"))
			}},
			{audit.TokenRefreshed, func() { newest = d.refresh(t, d.spa, got.refresh).refresh }},
			{audit.RefreshRepeated, func() { d.refresh(t, d.spa, got.refresh) }},
			{audit.ReplayEnded, func() {
				d.refresh(t, d.spa, newest)
				d.submit(t, "/oauth/token", d.spa, refreshForm(got.refresh))
			}},
			{audit.ExchangeRefused, func() { d.submit(t, "/oauth/token", d.spa, refreshForm(newest)) }},
			{audit.TokenRevoked, func() {
				d.submit(t, "/oauth/revoke", d.m2m, form("token", granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm())).access))
			}},
			{audit.FamilyRevoked, func() { d.submit(t, "/oauth/revoke", d.spa, form("token", d.tokens(t, d.spa).refresh)) }},
			{audit.ClientAuthFailed, func() { d.submit(t, "/oauth/token", party{d.m2m.Client, "wrong"}, machineForm()) }},
			{audit.LoginFailed, func() { d.submit(t, "/oauth/token", app, passwordForm("alice", "wrong password")) }},
			{audit.LoginSucceeded, func() { d.as(t, "alice") }},
			{audit.PersonalTokenIssued, func() { d.personal(t, d.alice, own.Wish{}) }},
			{audit.ConsentWithdrawn, func() { _ = d.Tokens.Withdraw(t.Context(), d.alice.ID, d.spa.ID, "") }},
			{audit.OwnerRevoked, func() { _ = d.Tokens.RevokeEverything(t.Context(), d.alice.ID, "") }},
			{audit.ClientCreated, func() { app = d.app(t) }},
			{audit.ClientSecretRotated, func() { _, _, _ = d.Clients.RotateSecret(t.Context(), app.ID, 0) }},
			{audit.ClientDisabled, func() { _, _ = d.Clients.Disable(t.Context(), app.ID) }},
			{audit.ClientDeleted, func() { _ = d.Clients.Delete(t.Context(), app.ID) }},
			{audit.UserDisabled, func() { _, _ = d.Users.Disable(t.Context(), "bob") }},
			{audit.KeyActivated, func() { _, _ = d.Keys.RotateNow(t.Context()) }},
		} {
			d.heardOf(t, tc.want, e.since(tc.do))
		}
	})
}

func (d *desk) heardOf(t *testing.T, want audit.Kind, heard []audit.Entry) {
	t.Helper()
	i := slices.IndexFunc(heard, func(e audit.Entry) bool { return e.Kind == want })
	if i < 0 {
		t.Errorf("heard %v; want %s", heard, want)
		return
	}
	stored, err := d.Storage.Journal.Entries(t.Context(), 20)
	if err != nil {
		t.Fatal(err)
	}
	kept := slices.ContainsFunc(stored, func(e audit.Entry) bool { return e.Kind == want })
	if heard[i].At.IsZero() || kept == slices.Contains(toldOnly, want) {
		t.Errorf("heard %+v; in the audit table: %v", heard[i], kept)
	}
}
