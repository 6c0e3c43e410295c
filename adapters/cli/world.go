package cli

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// world is what a command sees of the machine, so that tests can give it another.
type world struct {
	program  string
	again    string // how a person runs this program from another terminal
	args     []string
	env      []string
	in       io.Reader
	out, err io.Writer
	hidden   func(ctx context.Context) (string, error) // reads a line without echo; nil where no person is there
}

func programName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}

// runAgain is the program's name, or go run where go made the program for this one run: its name is then on nobody's PATH.
func runAgain(program, executable string, info *debug.BuildInfo) string {
	if info == nil || !strings.Contains(executable, "go-build") {
		return program
	}
	folder, ours := strings.CutPrefix(info.Path, info.Main.Path)
	if !ours {
		return program
	}
	return "go run ." + cmp.Or(folder, "/")
}

func (w world) getenv(name string) string {
	for _, line := range w.env {
		if n, text, _ := strings.Cut(line, "="); n == name {
			return text
		}
	}
	return ""
}

// untilSignal returns a context that the first SIGINT or SIGTERM ends; the second one ends the process.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// hiddenInput reads from the terminal without echo. A person is there when both what they type and what they read of us is a
// terminal.
func hiddenInput() func(context.Context) (string, error) {
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) || !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	return func(ctx context.Context) (string, error) {
		before, err := term.GetState(fd)
		if err != nil {
			return "", err
		}
		return abandon(ctx, func() (string, error) {
			typed, err := term.ReadPassword(fd)
			return string(typed), err
		}, func() { _ = term.Restore(fd, before) })
	}
}

// abandon waits for a read that cannot be interrupted, but no longer than ctx lives.
func abandon(ctx context.Context, read func() (string, error), left func()) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case a := <-done:
		return a.text, a.err
	case <-ctx.Done():
		left()
		return "", ctx.Err()
	}
}
