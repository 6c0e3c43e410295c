package properties

import (
	"context"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// meeting lets two requests both read a credential before either pays it: what is dangerous about two at once is then no matter
// of luck.
type meeting struct {
	mu   sync.Mutex
	wait chan struct{} // nil where nobody is expected
	came int
}

// patience is how long the first waits for a second who may not come at all.
const patience = 2 * time.Millisecond

func (m *meeting) expect() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wait, m.came = make(chan struct{}), 0
}

func (m *meeting) over() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wait = nil
}

func (m *meeting) come() {
	m.mu.Lock()
	wait := m.wait
	if m.came++; wait != nil && m.came == 2 {
		close(wait)
		m.wait = nil
	}
	m.mu.Unlock()
	if wait == nil {
		return
	}
	select {
	case <-wait:
	case <-time.After(patience):
	}
}

// between puts the meeting behind what is read of a credential.
func (m *meeting) between(s ports.Storage) ports.Storage {
	s.CodeFinder, s.RefreshFinder, s.DeviceBook = metCodes{s.CodeFinder, m}, metRatchets{s.RefreshFinder, m}, metDevices{s.DeviceBook, m}
	return s
}

type metCodes struct {
	ports.CodeFinder
	m *meeting
}

func (f metCodes) FindCode(ctx context.Context, digests []secret.Digest) (grant.Code, error) {
	defer f.m.come()
	return f.CodeFinder.FindCode(ctx, digests)
}

type metRatchets struct {
	ports.RefreshFinder
	m *meeting
}

func (f metRatchets) FindRatchet(ctx context.Context, id grant.ID) (token.Ratchet, error) {
	defer f.m.come()
	return f.RefreshFinder.FindRatchet(ctx, id)
}

type metDevices struct {
	ports.DeviceBook
	m *meeting
}

func (b metDevices) PollDevice(ctx context.Context, digests []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	defer b.m.come()
	return b.DeviceBook.PollDevice(ctx, digests, by, at)
}
