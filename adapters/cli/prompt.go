package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// mayAsk reports whether somebody is there to answer.
func (s *shell) mayAsk() bool {
	return s.hidden != nil && !s.noInput && s.getenv("CI") == "" && s.getenv("PASSPORT_NO_INPUT") == ""
}

// ask returns given, or else asks a person for what a flag would have said.
func (s *shell) ask(ctx context.Context, given, flag, question, fallback string) (string, error) {
	if given != "" {
		return given, nil
	}
	if !s.mayAsk() {
		return "", usage("%s is missing: give --%s", strings.ToLower(question), flag)
	}
	if fallback != "" {
		question += " [" + fallback + "]"
	}
	fmt.Fprintf(s.err, "%s: ", question)
	answer, err := s.line(ctx)
	if err != nil {
		return "", err
	}
	if answer == "" && fallback == "" {
		return "", usage("%s is missing: give --%s", strings.ToLower(question), flag)
	}
	if answer == "" {
		return fallback, nil
	}
	return answer, nil
}

// choose asks until a person names one of the choices.
func (s *shell) choose(ctx context.Context, given, flag, question string, choices []string) (string, error) {
	answer, err := s.ask(ctx, given, flag, question+" ("+strings.Join(choices, ", ")+")", choices[0])
	if err != nil {
		return "", err
	}
	if !slices.Contains(choices, answer) {
		return "", usage("--%s %q is not one of %s", flag, answer, strings.Join(choices, ", "))
	}
	return answer, nil
}

// confirm lets a person type what is about to be lost. yes is what --yes said.
func (s *shell) confirm(ctx context.Context, yes bool, what, typed string) error {
	refused := failure{exitUnconfirmed, "confirmation_needed", what + ": not confirmed", "add --yes if that is what you want", nil}
	if yes {
		return nil
	}
	if !s.mayAsk() {
		return refused
	}
	fmt.Fprintf(s.err, "%s.\nType %s to go on: ", what, typed)
	answer, err := s.line(ctx)
	if err != nil {
		return err
	}
	if answer != typed {
		return refused
	}
	return nil
}

func (s *shell) line(ctx context.Context) (string, error) {
	text, err := abandon(ctx, func() (string, error) { return s.lines.ReadString('\n') }, func() {})
	if err != nil && !(errors.Is(err, io.EOF) && text != "") {
		return "", fmt.Errorf("read answer: %w", err)
	}
	return strings.TrimSpace(text), nil
}
