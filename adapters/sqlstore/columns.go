package sqlstore

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/gopassport/passport/domain/secret"
)

// The types in this file are how values stand in columns, whether Bun writes them into the statement or a driver sends them
// beside it, so that one value has one form.

// stamp is a time: UTC, whole microseconds, NULL for zero.
type stamp time.Time

// timeLayout is how Bun writes times. On SQLite they are text, and text in this layout sorts as the times do.
const timeLayout = "2006-01-02 15:04:05.999999-07:00"

func stampOf(t time.Time) stamp {
	if t.IsZero() {
		return stamp{}
	}
	return stamp(t.UTC().Truncate(time.Microsecond))
}

func (s stamp) time() time.Time { return time.Time(s) }

// Value implements driver.Valuer.
func (s stamp) Value() (driver.Value, error) {
	if s.time().IsZero() {
		return nil, nil
	}
	return s.time(), nil
}

// Scan implements sql.Scanner.
func (s *stamp) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s = stamp{}
	case time.Time:
		*s = stampOf(v)
	case string:
		t, err := time.Parse(timeLayout, v)
		if err != nil {
			return words("a text that is no time")
		}
		*s = stampOf(t)
	default:
		return words(fmt.Sprintf("a time cannot be read from %T", src))
	}
	return nil
}

// text is NULL where it is empty.
type text string

// Value implements driver.Valuer.
func (t text) Value() (driver.Value, error) {
	if t == "" {
		return nil, nil
	}
	return string(t), nil
}

// Scan implements sql.Scanner.
func (t *text) Scan(src any) error {
	s, err := stringOf(src)
	*t = text(s)
	return err
}

// digest is 32 bytes, NULL for none.
type digest secret.Digest

// Value implements driver.Valuer.
func (d digest) Value() (driver.Value, error) {
	if secret.Digest(d).IsZero() {
		return nil, nil
	}
	return d[:], nil
}

// Scan implements sql.Scanner.
func (d *digest) Scan(src any) error {
	b, ok := src.([]byte)
	if src == nil {
		*d = digest{}
		return nil
	}
	if !ok || len(b) != len(d) {
		return words(fmt.Sprintf("a digest cannot be read from %T of length %d", src, len(b)))
	}
	copy(d[:], b)
	return nil
}

// count is a number of 32 bits. One that is none is not cut to size: a generation that went astray would look like a replay, and end
// its family.
type count uint32

// Value implements driver.Valuer.
func (c count) Value() (driver.Value, error) { return int64(c), nil }

// Scan implements sql.Scanner.
func (c *count) Scan(src any) error {
	if src == nil { // of a row that a join did not find
		*c = 0
		return nil
	}
	n, ok := src.(int64)
	if !ok || n < 0 || n > math.MaxUint32 {
		return words("a number that is out of its range")
	}
	*c = count(n)
	return nil
}

func digestsOf(all []secret.Digest) []digest {
	out := make([]digest, len(all))
	for i, d := range all {
		out[i] = digest(d)
	}
	return out
}

// list is a list of texts as JSON, NULL for nil.
type list []string

// Value implements driver.Valuer.
func (l list) Value() (driver.Value, error) { return toJSON(l, l == nil) }

// Scan implements sql.Scanner.
func (l *list) Scan(src any) error { return fromJSON(src, (*[]string)(l)) }

// listOf is NULL for an empty list.
func listOf(values []string) list {
	if len(values) == 0 {
		return nil
	}
	return values
}

// object is a map as JSON, NULL for an empty one.
type object map[string]any

// Value implements driver.Valuer.
func (o object) Value() (driver.Value, error) { return toJSON(o, len(o) == 0) }

// Scan implements sql.Scanner.
func (o *object) Scan(src any) error { return fromJSON(src, (*map[string]any)(o)) }

func toJSON(v any, none bool) (driver.Value, error) {
	if none {
		return nil, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func fromJSON[T any](src any, into *T) error {
	*into = *new(T)
	s, err := stringOf(src)
	if err != nil || s == "" {
		return err
	}
	if err := json.Unmarshal([]byte(s), into); err != nil {
		return words("JSON that is none, or another than it should be")
	}
	return nil
}

func stringOf(src any) (string, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", words(fmt.Sprintf("a text cannot be read from %T", src))
}
