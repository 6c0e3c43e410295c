package keyring

import (
	"encoding/json"
	"strconv"
)

// object is a JSON object that is being written, member by member.
type object []byte

func (o object) name(n string) object {
	open := byte(',')
	if len(o) == 0 {
		open = '{'
	}
	o = append(o, open, '"')
	return append(append(o, n...), '"', ':')
}

func (o object) text(name, value string) object { return o.name(name).quote(value) }

func (o object) number(name string, n int64) object { return strconv.AppendInt(o.name(name), n, 10) }

// texts writes a string, or an array where there are several (RFC 7519, 4.1.3).
func (o object) texts(name string, values []string) object {
	if len(values) == 1 {
		return o.text(name, values[0])
	}
	o = append(o.name(name), '[')
	for i, v := range values {
		if i > 0 {
			o = append(o, ',')
		}
		o = o.quote(v)
	}
	return append(o, ']')
}

// quote leaves to encoding/json what is not plain.
func (o object) quote(s string) object {
	if !plain(s) {
		b, _ := json.Marshal(s) // of a string it does not fail
		return append(o, b...)
	}
	return append(append(append(o, '"'), s...), '"')
}

func (o object) closed() []byte { return append(o, '}') }

// plain reports whether a string is written as it is: printable ASCII without what JSON or, as encoding/json writes it, HTML gives a
// meaning to.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
