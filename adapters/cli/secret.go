package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/domain/secret"
)

// maxSecretLen bounds what is read as one secret.
const maxSecretLen = 64 << 10

// readSecret reads a secret to its end, without the line break that an editor or echo put there.
func readSecret(r io.Reader) (secret.Value, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSecretLen))
	if err != nil {
		return secret.Value{}, fmt.Errorf("read secret: %w", err)
	}
	return secret.Of(strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")), nil
}

func readSecretFile(path string) (secret.Value, error) {
	f, err := os.Open(path)
	if err != nil {
		return secret.Value{}, usage("%s", err)
	}
	defer f.Close()
	return readSecret(f)
}

// passwordFlags are the ways a password comes in.
type passwordFlags struct {
	stdin bool
	file  string
}

func (p *passwordFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&p.stdin, "password-stdin", false, "read the password from stdin")
	c.Flags().StringVar(&p.file, "password-file", "", "read the password from a file")
	c.MarkFlagsMutuallyExclusive("password-stdin", "password-file")
}

// read returns the password, which a person types twice.
func (p *passwordFlags) read(ctx context.Context, s *shell) (secret.Value, error) {
	switch {
	case p.stdin:
		return readSecret(s.lines)
	case p.file != "":
		return readSecretFile(p.file)
	case !s.mayAsk():
		return secret.Value{}, usage("the password is missing: give --password-stdin or --password-file")
	}
	first, err := s.typed(ctx, "Password")
	if err != nil {
		return secret.Value{}, err
	}
	again, err := s.typed(ctx, "Password again")
	if err != nil {
		return secret.Value{}, err
	}
	if !first.Equal(again) {
		return secret.Value{}, usage("the two passwords are not the same")
	}
	return first, nil
}

// typed asks a person for a secret, without echo.
func (s *shell) typed(ctx context.Context, question string) (secret.Value, error) {
	fmt.Fprintf(s.err, "%s: ", question)
	text, err := s.hidden(ctx)
	fmt.Fprintln(s.err)
	if err != nil {
		return secret.Value{}, fmt.Errorf("read %s: %w", strings.ToLower(question), err)
	}
	return secret.Of(text), nil
}

// vault is the file that --secret-out names. It is made before the secret is, so that no secret is made in vain.
type vault struct{ file *os.File }

func openVault(path string) (vault, error) {
	if path == "" {
		return vault{}, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return vault{}, failure{exitConflict, "exists", path + " is there already", "name another file: a secret is never written over one", err}
	}
	if err != nil {
		return vault{}, usage("--secret-out: %s", err)
	}
	return vault{f}, nil
}

// keep writes the secret and returns what may be shown of it: nothing, where there is a file.
func (v vault) keep(shown secret.Value) (string, error) {
	if v.file == nil {
		return shown.Reveal(), nil
	}
	_, err := v.file.WriteString(shown.Reveal() + "\n")
	if err := errors.Join(err, v.file.Sync(), v.file.Close()); err != nil {
		return "", fmt.Errorf("write secret: %w", err)
	}
	return "", nil
}

// drop takes the file away again: there is no secret to put into it.
func (v vault) drop() {
	if v.file != nil {
		_ = v.file.Close()
		_ = os.Remove(v.file.Name())
	}
}
