package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/application/tokens"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

// What the process ends with. Scripts rely on them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitConflict    = 5
	exitInvalid     = 6
	exitUnreachable = 7
	exitSchema      = 8
	exitUnconfirmed = 9
	exitInterrupted = 130
)

// failure is an error with what a person needs to go on: what happened, and what to do next.
type failure struct {
	exit    int
	code    string
	message string
	hint    string
	cause   error
}

func (f failure) Error() string { return f.message }
func (f failure) Unwrap() error { return f.cause }

func usage(format string, args ...any) failure {
	return failure{exit: exitUsage, code: "usage", message: fmt.Sprintf(format, args...)}
}

// missing says that nothing was found under a name, if that is what err says; other errors stay as they are.
func missing(err error, what, hint string) error {
	if errors.Is(err, ports.ErrNotFound) {
		return failure{exitNotFound, "not_found", what, hint, err}
	}
	return err
}

func (s *shell) badConfig(err error) error {
	hint := s.named("passport config show tells where each value comes from")
	if errors.Is(err, settings.ErrNoFile) {
		hint = "" // no value comes from a file that is not there
	}
	return failure{exitInvalid, "config_invalid", "the configuration is not valid: " + err.Error(), hint, err}
}

// explain says what an error means to the person at the keyboard.
func (s *shell) explain(err error) failure {
	f := s.meaning(err)
	f.hint = s.named(f.hint)
	return f
}

func (s *shell) meaning(err error) failure {
	var f failure
	var p *fault.Problems
	var refusal *fault.Error
	text := err.Error()
	switch {
	case errors.As(err, &f):
		return f
	case !s.begun:
		return failure{exitUsage, "usage", text, "passport --help lists what there is", err}
	case errors.As(err, &p):
		return failure{exitInvalid, "invalid", p.Error(), "", err}
	case errors.Is(err, ready.ErrBehind) && strings.Contains(text, "newer"):
		return failure{exitSchema, "schema_too_new", text, "install the program that applied it, or a newer one", err}
	case errors.Is(err, ready.ErrBehind):
		return failure{exitSchema, "migrations_pending", text, "run passport migrate up, or passport serve --migrate", err}
	case errors.Is(err, keys.ErrNoActive):
		return failure{exitFailed, "no_signing_key", text, "run passport install, or passport key rotate --now", err}
	case errors.Is(err, keys.ErrAppKey):
		return failure{exitFailed, "app_key_missing", text, "set app_key to the key it was written under, or list that key in previous_app_keys", err}
	case errors.Is(err, keys.ErrNotHeld):
		return failure{exitFailed, "key_not_held", text, "look into keys_dir: it must hold the private halves that the other processes on this database have", err}
	case errors.Is(err, keys.ErrUnpublished):
		return failure{exitFailed, "key_unpublished", text, "run passport key generate, wait 10 minutes, then passport key rotate; or passport key rotate --now", err}
	case errors.Is(err, tokens.ErrNoClient):
		return failure{exitFailed, "no_personal_client", text, "run passport install, with --provider for another user provider than the default one", err}
	case errors.As(err, &refusal):
		return failure{exitInvalid, string(refusal.Code), refusal.Detail, "", err}
	case errors.Is(err, ports.ErrNotFound):
		return failure{exitNotFound, "not_found", text, "", err}
	case errors.Is(err, ports.ErrExists):
		return failure{exitConflict, "exists", text, "", err}
	case errors.Is(err, ports.ErrConflict):
		return failure{exitConflict, "conflict", text, "look at what is there now and try again", err}
	case taken(err):
		return failure{exitFailed, "address_in_use", text, "is it running already? --addr chooses another address", err}
	case listening(err):
		return failure{exitFailed, "cannot_listen", text, "--addr chooses another address", err}
	case unreachable(err):
		return failure{exitUnreachable, "database_unreachable", text, "passport config show tells which database_url is used; is the database running?", err}
	}
	return failure{exitFailed, "failed", text, "", err}
}

// listening reports whether an error says that an address cannot be listened on.
func listening(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "listen"
}

func cannotListenForMetrics(err error) failure {
	f := failure{exitFailed, "cannot_listen", err.Error(), "metrics_addr chooses another address (PASSPORT_METRICS_ADDR); empty leaves metrics out", err}
	if taken(err) {
		f.code, f.hint = "address_in_use", "is it running already? "+f.hint
	}
	return f
}

// inUse is what Windows says of an address in use; no other system has an error of that number.
const inUse = syscall.Errno(10048)

// taken reports whether an error says that somebody else listens on an address.
func taken(err error) bool {
	return listening(err) && (errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, inUse))
}

// turnedAway are the SQLSTATE classes and codes of a database that lets nobody in: no such role or database, too many
// connections, shutting down or starting up.
var turnedAway = []string{"28", "3D", "53300", "57P01", "57P03", "08"}

// unreachable reports whether an error says that the database cannot be talked to.
func unreachable(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op != "listen"
	}
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return slices.ContainsFunc(turnedAway, func(c string) bool { return strings.HasPrefix(state.SQLState(), c) })
	}
	var n net.Error
	if !errors.As(err, &n) || errors.Is(err, context.Canceled) {
		return false
	}
	_, ofFile := n.(syscall.Errno) // it looks like a net.Error, but those of the network come in a net.OpError
	return !ofFile
}

// unknownHere are the states of a database that answered, and knows no such role or database: waiting mends nothing.
var unknownHere = []string{"28", "3D"}

// away reports whether an error says that the database may answer if one waits.
func away(err error) bool {
	var state interface{ SQLState() string }
	if errors.As(err, &state) && slices.ContainsFunc(unknownHere, func(c string) bool { return strings.HasPrefix(state.SQLState(), c) }) {
		return false
	}
	return unreachable(err)
}

// report writes a failure to stderr, as JSON for who asked for JSON.
func (s *shell) report(f failure) {
	if s.wantsJSON() {
		_ = writeJSON(s.err, map[string]any{"error": map[string]any{
			"code": f.code, "exit": f.exit, "message": f.message, "hint": f.hint,
		}})
		return
	}
	fmt.Fprintf(s.err, "%s: %s\n", s.program, strings.ReplaceAll(f.message, "\n", "\n  "))
	if f.hint != "" {
		fmt.Fprintf(s.err, "  Next: %s\n", f.hint)
	}
}

// wantsJSON looks at the arguments themselves: when they could not be parsed, the flag may not have been reached.
func (s *shell) wantsJSON() bool {
	joined := " " + strings.Join(s.args, " ") + " "
	return s.output == asJSON || strings.Contains(joined, " --json ") || strings.Contains(joined, " -o json ") || strings.Contains(joined, " -ojson ") ||
		strings.Contains(joined, " --output json ") || strings.Contains(joined, " --output=json ") || strings.Contains(joined, " -o=json ")
}
