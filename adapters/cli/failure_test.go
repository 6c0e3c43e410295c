package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gopassport/passport/application/keys"
	"github.com/gopassport/passport/application/ready"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/ports"
)

type sqlState string

func (s sqlState) Error() string    { return "refused" }
func (s sqlState) SQLState() string { return string(s) }

func TestEachErrorHasItsExitCode(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	tests := []struct {
		err  error
		want int
	}{
		{errors.New("x"), exitFailed},
		{ports.ErrNotFound, exitNotFound},
		{ports.ErrExists, exitConflict},
		{ports.ErrConflict, exitConflict},
		{fault.Invalid(errors.New("bad")), exitInvalid},
		{refused, exitUnreachable},
		{&net.DNSError{IsNotFound: true}, exitUnreachable},
		{context.DeadlineExceeded, exitUnreachable},
		{sqlState("28P01"), exitUnreachable},
		{sqlState("3D000"), exitUnreachable},
		{sqlState("42P01"), exitFailed},
		{&net.OpError{Op: "listen", Err: syscall.EADDRINUSE}, exitFailed},
		{&net.OpError{Op: "listen", Err: syscall.EACCES}, exitFailed},
		{&fs.PathError{Op: "open", Path: ".", Err: syscall.ENOENT}, exitFailed},
		{ready.ErrBehind, exitSchema},
		{keys.ErrNoActive, exitFailed},
		{keys.ErrUnpublished, exitFailed},
		{usage("x"), exitUsage},
	}
	s := &shell{world: world{program: "passport"}, begun: true}
	for _, tt := range tests {
		if f := s.explain(fmt.Errorf("do: %w", tt.err)); f.exit != tt.want {
			t.Errorf("%v: got exit %d; want %d", tt.err, f.exit, tt.want)
		}
	}
}

func TestEachTroubleIsMetWithItsOwnHint(t *testing.T) {
	t.Parallel()
	s := &shell{world: world{program: "passport"}, begun: true}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, "is it running already?"},
		{fmt.Errorf("%w: number 01020304", keys.ErrAppKey), "previous_app_keys"},
		{fmt.Errorf("%w: k", keys.ErrNotHeld), "keys_dir"},
		{keys.ErrNoActive, "passport install"},
	} {
		if f := s.explain(fmt.Errorf("do: %w", tt.err)); !strings.Contains(f.hint, tt.want) {
			t.Errorf("%v: got hint %q; want %q in it", tt.err, f.hint, tt.want)
		}
	}
	lacks(t, s.explain(&net.OpError{Op: "listen", Err: os.NewSyscallError("bind", syscall.EACCES)}).hint, "running already")
	lacks(t, s.explain(&fs.PathError{Op: "open", Path: ".", Err: syscall.ENOENT}).hint, "database")
}

func TestADatabaseOutOfReachIsSeven(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.buildErr = fmt.Errorf("open database: %w", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED})
	r := b.want(t, exitUnreachable, "client", "list", "-o", "json")
	if r.out != "" {
		t.Errorf("got %q on stdout; want nothing", r.out)
	}
	e := jsonOf[struct {
		Error struct {
			Code, Message, Hint string
			Exit                int
		}
	}](t, r.err).Error
	if e.Code != "database_unreachable" || e.Exit != 7 || !strings.Contains(e.Message, "refused") || e.Hint == "" {
		t.Errorf("got %+v", e)
	}
}

func TestErrorsAreJSONAlsoBeforeTheFlagIsReached(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"client", "list", "--no-such", "-o", "json"}, {"client", "list", "--no-such", "--output=json"}} {
		r := newBench().want(t, exitUsage, args...)
		jsonOf[map[string]any](t, r.err)
	}
}

// S04: a program and a schema that do not fit leave each other alone.
func TestCommandsRefuseAnotherSchema(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*schema){
		"older": func(s *schema) { s.applied = 0 },
		"newer": func(s *schema) { s.newer = true },
	} {
		for _, args := range [][]string{
			{"client", "list"},
			{"user", "list"},
			{"key", "list"},
			{"key", "rotate"},
			{"serve"},
			{"client", "create", "--kind", "machine", "--name", "x"},
		} {
			t.Run(name+" "+strings.Join(args, " "), func(t *testing.T) {
				b := newBench()
				change(b.schema)
				if r := b.want(t, exitSchema, args...); !strings.Contains(r.err, "Next:") {
					t.Errorf("got %q; want what to do next", r.err)
				}
			})
		}
	}
}

// A secret made under another app key would open nothing.
func TestCommandsRefuseAnotherAppKey(t *testing.T) {
	t.Parallel()
	b := newBench()
	b.want(t, exitOK, "client", "create", "--kind", "machine", "--name", "x")
	b.env = []string{"PASSPORT_ISSUER=http://127.0.0.1", "PASSPORT_APP_KEY=" + strings.Repeat("j", 32)}
	r := b.want(t, exitFailed, "client", "create", "--kind", "machine", "--name", "y")
	contains(t, r.err, "previous_app_keys", "Next:")
}

func TestInterruptedIs130(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := newBench().runIn(t, ctx, "client", "list"); r.code != exitInterrupted {
		t.Errorf("got exit %d, %q; want %d", r.code, r.err, exitInterrupted)
	}
}
