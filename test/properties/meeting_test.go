package properties

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
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
	return passporttest.Tapped(s, func(_ context.Context, c passporttest.Call, do func() error) error {
		if slices.Contains(readings, c.Method) {
			defer m.come()
		}
		return do()
	})
}

var readings = []string{"FindCode", "FindRatchet", "PollDevice"}
