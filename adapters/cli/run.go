package cli

import (
	"bufio"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
)

// shell is one run of the program: what its commands share.
type shell struct {
	world
	load    loadFunc
	lines   *bufio.Reader // of in
	output  format
	file    string
	noInput bool
	begun   bool // the command line was understood and a command runs
}

// run runs the command that the arguments name and returns the exit code.
func run(ctx context.Context, w world, load loadFunc, more []*cobra.Command) int {
	s := &shell{world: w, load: load, lines: bufio.NewReader(w.in), output: table}
	root := s.root(more)
	root.SetArgs(append([]string{}, w.args...))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	f := s.explain(err)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		f = failure{exitInterrupted, "interrupted", "interrupted", "", err}
	}
	s.report(f)
	return f.exit
}

// input is where the settings of a command come from.
func (s *shell) input() settings.Input {
	return settings.Input{File: s.file, Env: s.env, Flag: map[string]string{}, Base: map[string]string{}}
}

// quiet is input for a command that does one thing and ends: its log keeps to trouble, for what it did is its output.
func (s *shell) quiet() settings.Input {
	in := s.input()
	in.Base["log_level"] = "warn"
	return in
}

// open loads the configuration and builds the app for as long as do takes.
func (s *shell) open(ctx context.Context, in settings.Input, do func(settings.Settings, *App) error) error {
	l, err := s.load(in)
	if err != nil {
		return s.badConfig(err)
	}
	app, done, err := l.build(ctx)
	if err != nil {
		return err
	}
	defer done()
	return do(l.Settings, app)
}

// manage opens the app for a command that reads or changes what the server keeps. It refuses a schema that is not the program's
// and a database that was written under another app key, before anything is written that nobody could read.
func (s *shell) manage(ctx context.Context, do func(*App) error) error {
	return s.open(ctx, s.quiet(), func(_ settings.Settings, a *App) error {
		if err := a.Ready.Schema(ctx); err != nil {
			return err
		}
		if err := a.Keys.CheckAppKeys(ctx); err != nil {
			return err
		}
		return do(a)
	})
}
