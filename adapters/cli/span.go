package cli

import (
	"time"

	"github.com/gopassport/passport/adapters/cli/settings"
)

// span is a duration among the flags, in the words of the settings: 15m, 30d. It implements pflag.Value.
type span time.Duration

// String implements pflag.Value.
func (d *span) String() string { return d.text() }

// Set implements pflag.Value.
func (d *span) Set(text string) error {
	parsed, err := settings.ParseDuration(text)
	*d = span(parsed)
	return err
}

// Type implements pflag.Value.
func (*span) Type() string { return "duration" }

// text is empty for none.
func (d span) text() string {
	if d == 0 {
		return ""
	}
	return time.Duration(d).String()
}
