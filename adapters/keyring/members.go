package keyring

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// members reads a JSON object and nothing behind it. A name that comes twice makes it unreadable, for two readers could
// disagree on which one counts (RFC 7519, 4).
func members(data []byte) (map[string]json.RawMessage, bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	if first, err := d.Token(); err != nil || first != json.Delim('{') || !utf8.Valid(data) {
		return nil, false
	}
	all := make(map[string]json.RawMessage)
	for d.More() {
		name, err := d.Token()
		text, isText := name.(string)
		var value json.RawMessage
		if err != nil || !isText || d.Decode(&value) != nil {
			return nil, false
		}
		if _, twice := all[text]; twice {
			return nil, false
		}
		all[text] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return all, err == io.EOF
}

// stringOf reads a member that is a string and not empty.
func stringOf(value json.RawMessage) (string, bool) {
	var s string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", false
	}
	return s, s != ""
}
