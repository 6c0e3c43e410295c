package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/gopassport/passport/adapters/cli/settings"
)

func TestServeWaitsForADatabaseThatIsAwayAndForNothingElse(t *testing.T) {
	t.Parallel()
	enough := errors.New("this is not about the database")
	for _, tt := range []struct {
		err   error
		tries int
	}{
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 3},
		{sqlState("57P03"), 3}, // starting up
		{sqlState("53300"), 3}, // no connection left
		{sqlState("28P01"), 1}, // a wrong password
		{sqlState("3D000"), 1}, // no such database
		{&net.OpError{Op: "listen", Err: syscall.EADDRINUSE}, 1},
		{enough, 1},
	} {
		tries := 0
		build := func(context.Context) (*App, func(), error) {
			if tries++; tries < 3 {
				return nil, nil, fmt.Errorf("open database: %w", tt.err)
			}
			return nil, nil, enough
		}
		var said bytes.Buffer
		s := &shell{world: world{program: "passport", err: &said}, load: func(settings.Input) (loaded, error) { return loaded{build: build}, nil }}
		if err := s.serve(t.Context(), settings.Input{}, false); err == nil || tries != tt.tries {
			t.Errorf("%v: got %d tries and %v; want %d", tt.err, tries, err, tt.tries)
		}
	}
}
