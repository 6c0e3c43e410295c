package pages

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Longest texts shown, in characters. What a client or a user chose as a name must not push the rest off the page.
const (
	maxName     = 80
	maxSentence = 300
)

// Wait says in words when to try again, never too early: "in 2 minutes". Nothing to wait for is no words.
func Wait(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d <= 10*time.Second:
		return "in a few seconds"
	case d <= time.Minute:
		return "in a minute"
	case d <= time.Hour:
		return fmt.Sprintf("in %d minutes", roundedUp(d, time.Minute))
	}
	return fmt.Sprintf("in %d hours", roundedUp(d, time.Hour))
}

func roundedUp(d, unit time.Duration) int64 { return int64((d + unit - 1) / unit) }

// name makes a name that somebody chose fit to be shown.
func name(s string) string { return beginning(s, maxName) }

func sentence(s string) string { return beginning(s, maxSentence) }

func sentences(all []string) []string {
	shown := make([]string, len(all))
	for i, s := range all {
		shown[i] = sentence(s)
	}
	return shown
}

func beginning(s string, most int) string {
	runes := []rune(visible(s))
	if len(runes) <= most {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}

// ending shortens a host from the left: who owns it stands on the right.
func ending(s string) string {
	runes := []rune(visible(s))
	if len(runes) <= maxName {
		return string(runes)
	}
	return "…" + string(runes[len(runes)-maxName+1:])
}

// visible removes what a reader cannot see but what changes what they see, such as characters that reverse the direction of
// writing, and makes any run of blanks one.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c' || r == '\u200d': // joiners: Persian, Hindi and emoji are not readable without
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
