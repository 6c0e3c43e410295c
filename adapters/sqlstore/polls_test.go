package sqlstore_test

import (
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/sqlstore"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
)

// Polls that meet share a transaction, and a device that polls twice in it has polled too soon.
func TestPollsThatMeetShareATransaction(t *testing.T) {
	t.Parallel()
	for name, at := range eachURL(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sqlstore.Config{URL: at, Migrate: true})
			c := addClient(t, s)
			first, patient, hasty := addDevice(t, s, c), addDevice(t, s, c), addDevice(t, s, c)
			g := s.Gate()
			poll := func(d grant.Device) <-chan grant.Device {
				told := make(chan grant.Device, 1)
				go func() {
					got, err := s.PollDevice(t.Context(), []secret.Digest{d.Digest}, c.ID, now())
					if err != nil {
						t.Errorf("poll: got error %v; want success", err)
					}
					told <- got
				}()
				return told
			}
			come := func(d grant.Device) <-chan grant.Device {
				waiting := s.PollsWaiting()
				told := poll(d)
				until(t, func() bool { return s.PollsWaiting() == waiting+1 })
				return told
			}
			alone := poll(first)
			until(t, func() bool { return s.Coalesced().Batches > 0 })
			once, twice, again := come(patient), come(hasty), come(hasty)
			close(g.Alone)
			if (<-alone).TooSoon || (<-once).TooSoon {
				t.Error("a first poll: got told that it came too soon")
			}
			if one, other := <-twice, <-again; one.TooSoon == other.TooSoon {
				t.Errorf("two polls at once: got %t twice; want one of them told", one.TooSoon)
			}
			if n := s.Coalesced(); n.Batches != 2 || n.Commits != 4 {
				t.Errorf("got %+v; want one transaction for the three that met", n)
			}
		})
	}
}

func addDevice(t *testing.T, s *sqlstore.Store, c client.Client) grant.Device {
	t.Helper()
	d := grant.Device{
		Digest: secret.Digest([]byte(newID() + newID())[:32]), UserCode: secret.Digest([]byte(newID() + newID())[:32]), Client: c.ID,
		Scopes: scope.Of("read"), CreatedAt: now(), ExpiresAt: now().Add(time.Hour), Interval: 5 * time.Second,
	}
	if err := s.AddDevice(t.Context(), d); err != nil {
		t.Fatalf("add device: got error %v; want success", err)
	}
	return d
}
