package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

// Reason is what a log may hold of an error. Whoever wraps an error says what was being done, in words of the program. What it began
// with may be a driver's, or a stranger's, and quote what was sent or stored: a password in a statement, a token in a row. Of that there
// is only what is known to quote nothing, what plain knows of besides, or what the error itself says by slog.LogValuer; of everything
// else there is the type.
func Reason(err error, plain func(error) bool) string {
	switch e := err.(type) {
	case slog.LogValuer:
		return e.LogValue().String()
	case interface{ Unwrap() []error }:
		return reasons(e.Unwrap(), plain)
	case *fs.PathError:
		return err.Error()
	}
	next := errors.Unwrap(err)
	if next == nil || plain != nil && plain(err) {
		return beginning(err, plain)
	}
	if doing, ok := strings.CutSuffix(err.Error(), next.Error()); ok {
		return doing + Reason(next, plain)
	}
	if doing, rest, ok := strings.Cut(err.Error(), next.Error()); ok && slices.Contains(facts, next) {
		return doing + next.Error() + rest // a fact of ours, and to what it applies
	}
	return Reason(next, plain)
}

func reasons(all []error, plain func(error) bool) string {
	texts := make([]string, len(all))
	for i, err := range all {
		texts[i] = Reason(err, plain)
	}
	return strings.Join(texts, "; ")
}

// facts are errors whose words are always the same.
var facts = []error{
	ports.ErrNotFound, ports.ErrExists, ports.ErrConflict, ports.ErrSpent, ports.ErrExpired, ports.ErrRevoked, ports.ErrBusy,
	keys.ErrNoActive, keys.ErrUnpublished, keys.ErrNotHeld, keys.ErrAppKey, ready.ErrBehind, tokens.ErrNoClient,
	context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF,
}

// beginning is the innermost error.
func beginning(err error, plain func(error) bool) string {
	if _, refusal := err.(*fault.Error); refusal {
		return err.Error()
	}
	if slices.Contains(facts, err) || plain != nil && plain(err) {
		return err.Error()
	}
	return fmt.Sprintf("(an error of type %T)", err)
}
