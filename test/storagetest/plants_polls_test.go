package storagetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// mispoll is what a book of polls can do wrong.
type mispoll struct {
	lossy    bool // records by reading first and writing after
	trusting bool // takes every client's poll for the device's own
	endless  bool // records polls of what was decided or has expired
	patient  bool // finds no poll too soon
	strict   bool // finds every poll but the first too soon
	constant bool // leaves the interval as it was
	late     bool // measures from the last poll that came in time
	forgets  bool // shows the poll's outcome to the device only
}

// polling is what is known of a device's polls.
type polling struct {
	at       time.Time
	interval time.Duration
	tooSoon  bool
}

// poller records polls, with a fault.
type poller struct {
	ports.DeviceBook
	mispoll
	mu    sync.Mutex
	polls map[secret.Digest]polling
}

func polledBy(m mispoll) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		s.DeviceBook = &poller{DeviceBook: s.DeviceBook, mispoll: m, polls: map[secret.Digest]polling{}}
		return s
	}
}

// stranger polls for no client, so that the storage beneath records nothing.
const stranger client.ID = "stranger"

func (p *poller) PollDevice(ctx context.Context, d []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	found, err := p.DeviceBook.PollDevice(ctx, d, stranger, at)
	if err != nil {
		return found, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.known(found)
	if p.lossy {
		p.mu.Unlock()
		roundTrip()
		p.mu.Lock()
	}
	if (by == found.Client || p.trusting) && (found.PendingAt(at) || p.endless) {
		p.polls[found.Digest] = p.record(was, at)
	}
	now := p.known(found)
	found.Interval, found.TooSoon = now.interval, now.tooSoon
	return found, nil
}

func (p *poller) FindUserCode(ctx context.Context, d []secret.Digest) (grant.Device, error) {
	found, err := p.DeviceBook.FindUserCode(ctx, d)
	if err != nil || p.forgets {
		return found, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.known(found)
	found.Interval, found.TooSoon = now.interval, now.tooSoon
	return found, nil
}

func (p *poller) known(d grant.Device) polling {
	if k, ok := p.polls[d.Digest]; ok {
		return k
	}
	return polling{interval: d.Interval}
}

func (p *poller) record(k polling, at time.Time) polling {
	k.tooSoon = !k.at.IsZero() && !p.patient && (p.strict || at.Sub(k.at) < k.interval)
	if k.tooSoon && !p.constant {
		k.interval += grant.SlowDownBy
	}
	if !k.tooSoon || !p.late {
		k.at = at
	}
	return k
}

var pollPlants = []plant{
	{"records polls by reading first and writing after", []string{
		"Devices/of many concurrent polls each is recorded",
	}, polledBy(mispoll{lossy: true}), nil},
	{"takes every client's poll for the device's own", []string{
		"Devices/another client's poll changes nothing",
	}, polledBy(mispoll{trusting: true}), nil},
	{"records polls of what was decided or has expired", []string{
		"Devices/a device that was decided or has expired is not changed by polls",
	}, polledBy(mispoll{endless: true}), nil},
	{"finds no poll too soon", []string{
		"Devices/a poll too soon makes the interval longer",
		"Devices/of many concurrent polls each is recorded",
	}, polledBy(mispoll{patient: true}), nil},
	{"finds every poll but the first too soon", []string{
		"Devices/a poll in time leaves the interval as it is",
	}, polledBy(mispoll{strict: true}), nil},
	{"leaves the interval as it was", []string{
		"Devices/a poll too soon makes the interval longer",
	}, polledBy(mispoll{constant: true}), nil},
	{"measures from the last poll that came in time", []string{
		"Devices/a poll too soon makes the interval longer",
	}, polledBy(mispoll{late: true}), nil},
	{"tells a poll's outcome to the device only", []string{
		"Devices/a poll too soon makes the interval longer",
	}, polledBy(mispoll{forgets: true}), nil},
}

func TestAPollerWithoutFaultPasses(t *testing.T) {
	t.Parallel()
	Devices(t, func(*testing.T) ports.Storage { return polledBy(mispoll{})(healthy()) })
}
