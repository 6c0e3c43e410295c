package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

// vouched is an error that says what a log may hold of it.
type vouched struct{ text, loggable string }

func (v vouched) Error() string        { return v.text }
func (v vouched) LogValue() slog.Value { return slog.StringValue(v.loggable) }

func TestTheLogHoldsNoWordsOfStrangers(t *testing.T) {
	t.Parallel()
	const canary = "canary of a value"
	stranger := errors.New("duplicate key: " + canary)
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"a stranger", stranger, "(an error of type *errors.errorString)"},
		{"a stranger, wrapped", fmt.Errorf("find client: %w", fmt.Errorf("read row: %w", stranger)), "find client: read row: (an error of type *errors.errorString)"},
		{"a wrap that says it in the middle", fmt.Errorf("store %w of somebody", stranger), "(an error of type *errors.errorString)"},
		{"several", errors.Join(context.Canceled, stranger), "context canceled; (an error of type *errors.errorString)"},
		{"one that vouches for itself", fmt.Errorf("find client: %w", vouched{canary, "SQLSTATE 23505"}), "find client: SQLSTATE 23505"},
		{"one that vouches for what it wraps", fmt.Errorf("find client: %w", errors.Join(vouched{canary, "SQLSTATE 23505"})), "SQLSTATE 23505"},
		{"a fact of ours", fmt.Errorf("find client: %w", ports.ErrNotFound), "find client: not found"},
		{"a fact, and to what it applies", fmt.Errorf("%w: k1", keys.ErrNotHeld), keys.ErrNotHeld.Error() + ": k1"},
		{"a deadline", fmt.Errorf("find client: %w", context.DeadlineExceeded), "find client: context deadline exceeded"},
		{
			"the network", fmt.Errorf("ping: %w", &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
			"ping: dial tcp: connection refused",
		},
		{"a refusal", fault.InvalidGrant.For("code_expired", "The code expired."), "invalid_grant: The code expired. (code_expired)"},
		{"a refusal and its cause", fault.InvalidRequest.From(stranger, "It is malformed."), "invalid_request: It is malformed.: (an error of type *errors.errorString)"},
	} {
		got := reason(tt.err)
		if !strings.HasSuffix(got, tt.want) || strings.Contains(got, canary) {
			t.Errorf("%s: got %q; want %q", tt.name, got, tt.want)
		}
	}
}
