package attacks

import (
	"context"
	"errors"
	"sync"

	"github.com/gopassport/passport/ports"
	"github.com/gopassport/passport/test/passporttest"
)

// tap stands between a server and its storage. Before a call and after it, it asks the test, which may wait, or give an error
// that stands in for the call or for its answer.
type tap struct {
	mu     sync.Mutex
	before func(ctx context.Context, call string) error
	after  func(ctx context.Context, call string, err error) error
}

var errDown = errors.New("the database went away at 10.0.0.5:5432")

func (p *tap) option() passporttest.Option { return passporttest.Wrapping(p.wrap) }

// set replaces both hooks; nil is none.
func (p *tap) set(before func(context.Context, string) error, after func(context.Context, string, error) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.after = before, after
}

func (p *tap) hooks() (func(context.Context, string) error, func(context.Context, string, error) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.before, p.after
}

// wrap taps every port.
func (p *tap) wrap(s ports.Storage) ports.Storage {
	return passporttest.Tapped(s, func(ctx context.Context, c passporttest.Call, do func() error) error {
		return p.through(ctx, c.Method, do)
	})
}

func (p *tap) through(ctx context.Context, call string, do func() error) error {
	before, after := p.hooks()
	if before != nil {
		if err := before(ctx, call); err != nil {
			return err
		}
	}
	err := do()
	if after != nil {
		if instead := after(ctx, call, err); instead != nil {
			return instead
		}
	}
	return err
}
