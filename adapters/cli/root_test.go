package cli

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestEveryCommandSaysWhatItDoesAndShowsHow(t *testing.T) {
	t.Parallel()
	s := &shell{world: world{program: "passport", err: io.Discard, out: io.Discard}, lines: bufio.NewReader(strings.NewReader("")), output: table}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s: got no short text", c.CommandPath())
		}
		if c.Runnable() && !strings.Contains(c.Example, "passport") {
			t.Errorf("%s: got example %q; want one", c.CommandPath(), c.Example)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(s.root(nil))
}

// S02: what stands in the arguments can be read by everybody on the machine.
func TestNoFlagTakesASecret(t *testing.T) {
	t.Parallel()
	b := newBench()
	for _, args := range [][]string{
		{"user", "create", "ada", "--password", "hunter2hunter2"},
		{"user", "create", "ada", "hunter2hunter2"},
		{"user", "set-password", "ada", "hunter2hunter2"},
		{"client", "create", "--secret", "hunter2hunter2"},
		{"client", "create", "--password=hunter2hunter2"},
		{"token", "revoke", "--user", "ada", "hunter2hunter2"},
		{"token", "create", "--token", "hunter2hunter2"},
		{"token", "inspect", "hunter2hunter2"},
		{"token", "revoke", "hunter2hunter2"},
		{"token", "revoke", "--token=hunter2hunter2"},
	} {
		r := b.want(t, exitUsage, args...)
		contains(t, r.err, "every user of this machine can read")
		lacks(t, r.out+r.err, "hunter2")
	}
}

func TestUsageErrorsAreToldApartFromFailures(t *testing.T) {
	t.Parallel()
	b := newBench()
	for _, args := range [][]string{
		{"clinet"},
		{"client", "crate"},
		{"client", "show"},
		{"client", "list", "extra"},
		{"client", "list", "--no-such"},
		{"client", "list", "-o", "yaml"},
		{"client", "list", "--limit", "0"},
		{"client", "list", "--limit", "x"},
		{"client", "show", "a", "b"},
		{"key", "generate", "--alg", "HS256"},
		{"completion", "tcsh"},
	} {
		b.want(t, exitUsage, args...)
	}
	contains(t, b.want(t, exitUsage, "clinet").err, "did you mean client?")
	contains(t, b.want(t, exitUsage, "client", "crate").err, "did you mean create?")
	if len(b.built) > 0 {
		t.Errorf("got %d apps built; want none", len(b.built))
	}
}

func TestHelpAndGroupsAreData(t *testing.T) {
	t.Parallel()
	b := newBench()
	contains(t, b.want(t, exitOK, "--help").out, "./passport.yaml", "~/.config/passport/passport.yaml", "/etc/passport/passport.yaml")
	for _, args := range [][]string{{}, {"--help"}, {"client"}, {"help", "serve"}, {"completion", "bash"}, {"version"}} {
		if r := b.want(t, exitOK, args...); r.out == "" || r.err != "" {
			t.Errorf("%v: got %q on stdout and %q on stderr", args, r.out, r.err)
		}
	}
}

func TestTheProgramIsNamedAsItIsCalled(t *testing.T) {
	t.Parallel()
	var out, errs strings.Builder
	b := newBench()
	w := world{program: "acme-auth", args: []string{"client", "create", "--help"}, in: strings.NewReader(""), out: &out, err: &errs}
	if code := run(t.Context(), w, loader(config{}, b.build), nil); code != exitOK {
		t.Fatalf("got exit %d", code)
	}
	contains(t, out.String(), "  acme-auth client create --kind web")
	lacks(t, out.String(), "passport client")
	w.args = []string{"client", "list"}
	b.schema.applied = 0
	w.env = b.env
	if code := run(t.Context(), w, loader(config{}, b.build), nil); code != exitSchema {
		t.Fatalf("got exit %d", code)
	}
	contains(t, errs.String(), "acme-auth: ", "run acme-auth migrate up, or acme-auth serve --migrate")
}

func TestATeamsOwnCommandsJoinTheTree(t *testing.T) {
	t.Parallel()
	b := newBench()
	own := &cobra.Command{Use: "greet", Short: "Greet", RunE: func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return errors.New("nobody is there")
		}
		c.Println("hello")
		return nil
	}}
	for _, tt := range []struct {
		args []string
		want int
	}{{[]string{"greet"}, exitOK}, {[]string{"greet", "x"}, exitFailed}, {[]string{"greet", "--x"}, exitUsage}} {
		w := world{program: "acme", args: tt.args, in: strings.NewReader(""), out: io.Discard, err: io.Discard}
		if code := run(t.Context(), w, loader(config{}, b.build), []*cobra.Command{own}); code != tt.want {
			t.Errorf("%v: got exit %d; want %d", tt.args, code, tt.want)
		}
	}
}

func TestVersionTellsGoAndProgram(t *testing.T) {
	t.Parallel()
	v := jsonOf[versionJSON](t, newBench().want(t, exitOK, "version", "-o", "json").out)
	if v.Program != "passport" || !strings.HasPrefix(v.Go, "go") {
		t.Errorf("got %+v", v)
	}
}
