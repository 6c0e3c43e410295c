package attacks

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/test/passporttest"
	"github.com/gopassport/passport/test/passporttest/eachstore"
)

func TestPurge(t *testing.T) {
	eachstore.Run(t, func(t *testing.T, on passporttest.Option) {
		openDesk(t, on, withGrace(0)).try(t, []attempt{
			{"R22 refresh while everything dead is purged", refreshDuringPurge},
			{"U17 a purge in the middle of a redemption", redeemDuringPurge},
			{"U18 what a purge leaves", purgeLeaves},
		})
	})
}

// purging purges whatever may go, again and again, until the returned function is called.
func (d *desk) purging(t *testing.T) func() {
	t.Helper()
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			if _, err := d.House.Purge(t.Context(), true, true, 0); err != nil {
				t.Errorf("purge: %v", err)
				return
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	return func() { close(stop); wg.Wait() }
}

// together does something many times at once and returns the answers.
func (d *desk) together(n int, do func(i int) (answer, error)) []answer {
	all := make([]answer, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			a, err := do(i)
			if err != nil {
				a.body = err.Error()
			}
			all[i] = a
		})
	}
	wg.Wait()
	return all
}

// verdicts checks that everybody got tokens or a refusal, and returns how many got tokens.
func verdicts(t *testing.T, all []answer) int {
	t.Helper()
	good := 0
	for _, a := range all {
		switch a.status {
		case http.StatusOK:
			good++
		case http.StatusBadRequest:
			refused400(t, a, "invalid_grant")
		default:
			t.Errorf("got %s; want tokens or invalid_grant", a)
		}
	}
	return good
}

func refreshDuringPurge(t *testing.T, d *desk) {
	const each = 8
	var dying, living []string
	for range each {
		dying = append(dying, d.tokens(t, d.spa).refresh)
	}
	d.Clock.Advance(20 * 24 * time.Hour) // within the idle time
	for i := range dying {
		dying[i] = d.refresh(t, d.spa, dying[i]).refresh
		living = append(living, d.tokens(t, d.spa).refresh)
	}
	for range 4 { // until the absolute end of the first, and some minutes more
		d.Clock.Advance(17*24*time.Hour + 12*time.Hour + 15*time.Minute)
		for i := range living {
			living[i] = d.refresh(t, d.spa, living[i]).refresh
		}
	}
	stop := d.purging(t)
	all := d.together(2*each, func(i int) (answer, error) {
		if i < each {
			return d.submitted("/oauth/token", d.spa, refreshForm(dying[i]))
		}
		return d.submitted("/oauth/token", d.spa, refreshForm(living[i-each]))
	})
	stop()
	if good := verdicts(t, all); good != each {
		t.Errorf("got %d refreshed; want the %d that live", good, each)
	}
}

func redeemDuringPurge(t *testing.T, d *desk) {
	const each = 6
	var old, fresh []string
	for range each {
		old = append(old, d.code(t, d.web))
	}
	d.Clock.Advance(15 * time.Minute)
	for range each {
		fresh = append(fresh, d.code(t, d.web))
	}
	stop := d.purging(t)
	all := d.together(2*each, func(i int) (answer, error) {
		return d.submitted("/oauth/token", d.web, codeForm(d.web, append(old, fresh...)[i]))
	})
	stop()
	if good := verdicts(t, all); good != each {
		t.Errorf("got %d redeemed; want the %d that were not expired", good, each)
	}
}

func purgeLeaves(t *testing.T, d *desk) {
	code := d.code(t, d.web)
	spent := granted(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)))
	other, revoked := d.tokens(t, d.spa), d.tokens(t, d.spa)
	machine := granted(t, d.submit(t, "/oauth/token", d.m2m, machineForm()))
	if a := d.submit(t, "/oauth/revoke", d.spa, form("token", revoked.refresh)); a.status != http.StatusOK {
		t.Fatal(a)
	}
	purge := func() {
		if _, err := d.House.Purge(t.Context(), true, true, 0); err != nil {
			t.Fatal(err)
		}
	}
	purge()
	d.live(t, spent.access, other.access, machine.access)
	d.dead(t, revoked.access)
	newer := d.refresh(t, d.spa, other.refresh)
	purge()
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(other.refresh)), "invalid_grant") // a replay is still known as one
	d.ended(t, newer.refresh)
	refused400(t, d.submit(t, "/oauth/token", d.web, codeForm(d.web, code)), "invalid_grant")
	d.dead(t, spent.access)
	d.Clock.Advance(20 * time.Minute) // now the dead may go
	purge()
	d.dead(t, revoked.access, newer.access, spent.access)
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(revoked.refresh)), "invalid_grant")
	refused400(t, d.submit(t, "/oauth/token", d.spa, refreshForm(newer.refresh)), "invalid_grant")
	d.live(t, machine.access)
}
