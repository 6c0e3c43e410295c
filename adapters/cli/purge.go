package cli

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gopassport/passport/adapters/cli/settings"
	"github.com/gopassport/passport/ports"
)

// purgeJSON counts rows by what they were.
type purgeJSON struct {
	Revoked       bool    `json:"revoked"`
	Expired       bool    `json:"expired"`
	Hours         float64 `json:"hours"`
	AccessTokens  int     `json:"access_tokens"`
	RefreshTokens int     `json:"refresh_tokens"`
	AuthCodes     int     `json:"auth_codes"`
	DeviceCodes   int     `json:"device_codes"`
	Others        int     `json:"others"`
}

// waste is what a purge shall take away.
type waste struct {
	revoked, expired bool
	keep             time.Duration
}

func (s *shell) purgeCommand() *cobra.Command {
	var w waste
	var hours int
	c := &cobra.Command{
		Use: "purge", Short: "Remove what was revoked or has expired for good", Args: takes(),
		Long: "Remove tokens, codes and what else was revoked or has expired, once that is long enough ago. With neither --revoked nor --expired it\n" +
			"removes both. What is live stays, and what a verdict still depends on. A running server does this by itself: see purge_every.",
		Example: "passport purge\npassport purge --expired --hours 24\npassport purge --json",
	}
	c.Flags().BoolVar(&w.revoked, "revoked", false, "what was revoked, and not what only expired")
	c.Flags().BoolVar(&w.expired, "expired", false, "what expired, and not what was revoked")
	c.Flags().IntVar(&hours, "hours", 0, "keep what is dead for no longer than so many hours (setting purge_after, else 168)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if hours < 0 || hours > int(math.MaxInt64/time.Hour) {
			return usage("--hours %d is no number of hours from 0 on", hours)
		}
		if !w.revoked && !w.expired {
			w.revoked, w.expired = true, true
		}
		w.keep = time.Duration(hours) * time.Hour
		if !c.Flags().Changed("hours") {
			w.keep = s.purgeAfter()
		}
		return s.manage(c.Context(), func(a *App) error { return s.purge(c.Context(), a, w) })
	}
	return c
}

// purgeAfter is how long a server lets what is dead stay: an operator who gives no hours means those.
func (s *shell) purgeAfter() time.Duration {
	l, _ := s.load(s.input())
	if d, err := settings.ParseDuration(l.Text("purge_after")); err == nil {
		return d
	}
	return week
}

func (s *shell) purge(ctx context.Context, a *App, w waste) error {
	done, err := a.House.Purge(ctx, w.expired, w.revoked, w.keep)
	if err != nil && done == (ports.Purged{}) {
		return err
	}
	if err != nil {
		s.note("The purge was not finished. What it had removed by then:")
	} else {
		s.note("Purged what %s.", w)
	}
	j := purgeJSON{w.revoked, w.expired, w.keep.Hours(), done.AccessTokens, done.RefreshTokens, done.AuthCodes, done.DeviceCodes, done.Others}
	return errors.Join(err, s.list(j, []string{"TABLE", "ROWS"}, [][]string{
		{"access tokens", strconv.Itoa(done.AccessTokens)},
		{"refresh tokens", strconv.Itoa(done.RefreshTokens)},
		{"authorization codes", strconv.Itoa(done.AuthCodes)},
		{"device codes", strconv.Itoa(done.DeviceCodes)},
		{"others", strconv.Itoa(done.Others)},
	}))
}

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// String says it in words: was revoked or expired more than 1 week ago.
func (w waste) String() string {
	what := "was revoked or expired"
	switch {
	case !w.expired:
		what = "was revoked"
	case !w.revoked:
		what = "expired"
	}
	if w.keep == 0 {
		return what
	}
	return what + " more than " + inWords(w.keep) + " ago"
}

func inWords(d time.Duration) string {
	switch {
	case d%week == 0:
		return plural(int(d/week), "week", "weeks")
	case d%day == 0:
		return plural(int(d/day), "day", "days")
	case d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour", "hours")
	}
	return d.String()
}
