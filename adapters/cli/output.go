package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// format is how data is written. It implements pflag.Value, so that another word is refused with the other flags.
type format string

const (
	table  format = "table"
	asJSON format = "json"
)

// String implements pflag.Value.
func (f *format) String() string { return string(*f) }

// Set implements pflag.Value.
func (f *format) Set(text string) error {
	if text != string(table) && text != string(asJSON) {
		return fmt.Errorf("must be table or json")
	}
	*f = format(text)
	return nil
}

// Type implements pflag.Value.
func (*format) Type() string { return "table|json" }

// wantJSON is --json.
func (s *shell) wantJSON(text string) error {
	if on, err := strconv.ParseBool(text); err != nil || !on {
		return err
	}
	return s.output.Set(string(asJSON))
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// list writes rows under a heading, or data as JSON.
func (s *shell) list(data any, heading []string, rows [][]string) error {
	if s.output == asJSON {
		return writeJSON(s.out, data)
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		for i, cell := range row {
			row[i] = printable(cell)
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// line is one fact about a thing.
type line struct{ name, text string }

// show writes the facts about one thing, or data as JSON. Facts without a text are left out.
func (s *shell) show(data any, lines ...line) error {
	if s.output == asJSON {
		return writeJSON(s.out, data)
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 3, ' ', 0)
	for _, l := range lines {
		if l.text != "" {
			fmt.Fprintf(t, "%s\t%s\n", l.name, printable(l.text))
		}
	}
	return t.Flush()
}

// note tells a person something that is no data.
func (s *shell) note(format string, args ...any) {
	fmt.Fprintf(s.err, s.named(format)+"\n", args...)
}

// printable keeps a text that somebody registered from moving the cursor of whoever lists it.
func printable(text string) string {
	if text == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// seconds is a moment as OAuth writes it; zero for none.
func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
