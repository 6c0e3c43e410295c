// Package api is the JSON of the management API: what is read strictly, and what is written.
package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// field is a member that a body may have, and where it goes.
type field struct {
	name string
	into any
}

// errBody says that a body is none; what exactly is wrong with it is for the log.
var errBody = errors.New("body is not what is expected here")

// read reads an object of known members: each once, spelt exactly so, and nothing behind it. encoding/json would take another case for
// the same name, the last of two for the only one, and a half a character for a replacement.
func read(body []byte, fields ...field) error {
	if !utf8.Valid(body) {
		return fmt.Errorf("%w: it is not UTF-8", errBody)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("%w: it is no object", errBody)
	}
	seen := map[string]bool{}
	for d.More() {
		if err := member(d, seen, fields); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("%w: the object does not end", errBody)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows it", errBody)
	}
	return nil
}

func member(d *json.Decoder, seen map[string]bool, fields []field) error {
	t, err := d.Token()
	name, isName := t.(string)
	if err != nil || !isName || seen[name] {
		return fmt.Errorf("%w: a member is malformed or repeated", errBody)
	}
	seen[name] = true
	for _, f := range fields {
		if f.name != name {
			continue
		}
		if err := d.Decode(f.into); err != nil {
			return fmt.Errorf("%w: a member has another type", errBody)
		}
		return nil
	}
	return fmt.Errorf("%w: a member is not known", errBody)
}
