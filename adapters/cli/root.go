package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// root makes the tree of commands.
func (s *shell) root(more []*cobra.Command) *cobra.Command {
	root := s.group(s.program, "An OAuth 2 authorization server",
		s.devCommand(), s.serveCommand(), s.installCommand(), s.migrateCommand(), s.clientCommand(), s.userCommand(),
		s.keyCommand(), s.tokenCommand(), s.purgeCommand(), s.newCommand(), s.configCommand(), s.versionCommand(),
	)
	root.Long = longHelp
	root.Example = "passport dev\npassport client create --kind web --name Shop --redirect-uri https://shop.example/callback\npassport serve"
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.AddCommand(more...)
	f := root.PersistentFlags()
	f.StringVarP(&s.file, "config", "c", "", "configuration file (PASSPORT_CONFIG; else ./passport.yaml, ~/.config/passport/passport.yaml or /etc/passport/passport.yaml)")
	f.VarP(&s.output, "output", "o", "table or json")
	f.BoolFunc("json", "the same as -o json", s.wantJSON)
	f.BoolVar(&s.noInput, "no-input", false, "never ask (PASSPORT_NO_INPUT, CI)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return badFlag(err) })
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	s.finish(root)
	return root
}

const longHelp = `An OAuth 2 authorization server.

Settings come from flags, PASSPORT_* variables, passport.yaml and defaults, in that order: passport config show tells which.

Exit codes: 0 done, 1 failed, 2 usage or missing input, 3 not found, 5 exists already or changed meanwhile, 6 not valid,
7 database out of reach, 8 schema not the program's, 9 confirmation needed, 130 interrupted.`

// group makes a command that only holds others.
func (s *shell) group(name, short string, held ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: name, Short: short}
	for _, c := range held {
		g.AddCommand(c)
		g.Example = c.Example
	}
	return g
}

// pick runs for a command that only holds others: it refuses what it does not hold instead of answering with its help.
func pick(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	f := usage("unknown command %q for %q", args[0], c.CommandPath())
	f.hint = c.CommandPath() + " --help lists what there is"
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		f.hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return f
}

// finish notes for every command when it begins to run, and lets the texts name the program as it is called here.
func (s *shell) finish(c *cobra.Command) {
	if c.Example == "" && slices.Contains([]string{"help", "bash", "zsh", "fish", "powershell", "completion"}, c.Name()) {
		c.Example = strings.ReplaceAll(c.CommandPath(), s.program, "passport")
	}
	if !c.Runnable() && c.HasSubCommands() {
		c.Args, c.RunE, c.SuggestionsMinimumDistance = cobra.ArbitraryArgs, pick, 2
	}
	c.Example = indent(s.named(c.Example))
	c.Long = s.named(c.Long)
	if do := c.RunE; do != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			s.begun = true
			return do(c, args)
		}
	}
	for _, sub := range c.Commands() {
		s.finish(sub)
	}
}

// named puts the program's own name into a text written for passport.
func (s *shell) named(text string) string {
	if s.program == "passport" {
		return text
	}
	for _, before := range []string{"\n", " ", "run "} {
		text = strings.ReplaceAll(text, before+"passport ", before+s.program+" ")
	}
	if rest, ok := strings.CutPrefix(text, "passport "); ok {
		return s.program + " " + rest
	}
	return text
}

func indent(text string) string {
	if text == "" || strings.HasPrefix(text, " ") {
		return text
	}
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}

// takes says which arguments a command has, and refuses others in words.
func takes(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usage("%s needs %s", c.CommandPath(), strings.Join(names, " and "))
		case len(args) > len(names) && len(names) == 0:
			return usage("%s takes no arguments", c.CommandPath())
		case len(args) > len(names):
			return usage("%s takes %s and nothing else", c.CommandPath(), strings.Join(names, " and "))
		}
		return nil
	}
}

// badFlag refuses a flag that does not exist. One that would carry a secret gets told why there is none.
func badFlag(err error) error {
	f, text := usage("%s", err), err.Error()
	if strings.Contains(text, `for "--password" flag`) { // it names a kind of client; the text quotes what came with it
		f, text = usage("--password takes no value"), "unknown flag: --password"
	}
	if strings.Contains(text, "unknown flag: --password") || strings.Contains(text, "unknown flag: --secret") ||
		strings.Contains(text, "unknown flag: --client-secret") || strings.Contains(text, "unknown flag: --token") {
		f.hint = "secrets are not taken from the arguments, which every user of this machine can read: use --password-stdin, --password-file or --token-file"
	}
	return f
}

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", one)
	}
	return fmt.Sprintf("%d %s", n, many)
}
