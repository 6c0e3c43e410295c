// Package redaction shows that a secret stays hidden from everything that writes values for people: fmt, the encoders and
// log/slog, wherever in a value it sits.
package redaction

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"

	"github.com/gopassport/passport/domain/secret"
)

const password = "correct-horse-battery-staple"

// leaks reports whether a part of the password is in s, plain, in hexadecimal, in base64 or as a list of numbers.
func leaks(s string) bool {
	asHex := fmt.Sprintf("%x", password)
	for _, part := range []string{"horse", "staple", asHex[8:24], strings.ToUpper(asHex[8:24]), "Y29ycmVjd", "99 111 114", "99,111,114", "0x63, 0x6f"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// Exported is what an encoder looks into.
type Exported struct {
	User     string
	Password secret.Value
	Pointer  *secret.Value
	Many     []secret.Value
	ByName   map[string]secret.Value
	Any      any
	Inner    struct{ Password secret.Value }
}

// unexported is what fmt alone looks into, calling no method on the way.
type unexported struct {
	user     string
	password secret.Value
	pointer  *secret.Value
	many     []secret.Value
	byName   map[string]secret.Value
	any      any
}

// embedded takes on all methods of a secret.
type embedded struct{ secret.Value }

func values() map[string]any {
	v := secret.Of(password)
	e := Exported{User: "alice", Password: v, Pointer: &v, Many: []secret.Value{v}, ByName: map[string]secret.Value{"k": v}, Any: v}
	e.Inner.Password = v
	u := unexported{"alice", v, &v, []secret.Value{v}, map[string]secret.Value{"k": v}, v}
	return map[string]any{
		"a value": v, "a pointer": &v, "a slice": []secret.Value{v}, "a map": map[string]secret.Value{"k": v}, "any": []any{v},
		"exported fields": e, "a pointer to exported fields": &e, "unexported fields": u, "a pointer to unexported fields": &u,
		"an embedded value": embedded{v}, "a handle": secret.NewHandle(secret.Code, []byte(password+"    ")),
	}
}

func TestThePlantedLeakIsFound(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]string{
		"plain": password, "hexadecimal": fmt.Sprintf("%x", password), "HEXADECIMAL": fmt.Sprintf("%X", password), "numbers": fmt.Sprint([]byte(password)),
		"a struct": fmt.Sprintf("%+v", unexported{user: password}), "Go syntax": fmt.Sprintf("%#v", []byte(password)),
		"base64": func() string { b, _ := json.Marshal([]byte(password)); return string(b) }(),
	} {
		if !leaks(s) {
			t.Errorf("%s: %s went unnoticed; the tests beside this one would prove nothing", name, s)
		}
	}
}

func TestFmtHidesASecret(t *testing.T) {
	t.Parallel()
	for name, v := range values() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%p", "%b", "%o", "%c", "%U", "%e", "%T", "%#x", "%+q", "%60v"} {
			if got := fmt.Sprintf(verb, v); leaks(got) {
				t.Errorf("%s by %s: got %s", name, verb, got)
			}
		}
		if got := fmt.Sprint(v) + fmt.Sprintln(v) + fmt.Errorf("sign in: %v", v).Error(); leaks(got) {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestEncodersHideASecret(t *testing.T) {
	t.Parallel()
	encoders := map[string]func(any) ([]byte, error){
		"encoding/json": json.Marshal,
		"encoding/json, indented": func(v any) ([]byte, error) {
			return json.MarshalIndent(v, "", " ")
		},
		"encoding/xml": xml.Marshal,
		"encoding/gob": func(v any) ([]byte, error) {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(v)
			return b.Bytes(), err
		},
	}
	for encoder, encode := range encoders {
		for name, v := range values() {
			got, err := encode(v) // where an encoder cannot write something at all, its complaint must not tell either
			if leaks(string(got)) || err != nil && leaks(err.Error()) {
				t.Errorf("%s of %s: got %s, %v", encoder, name, got, err)
			}
		}
	}
	got, err := json.Marshal(struct{ Password secret.Value }{secret.Of(password)})
	if want := `{"Password":"[hidden]"}`; err != nil || string(got) != want {
		t.Errorf("encoding/json: got %s, %v; want %s", got, err, want)
	}
}

func TestLogsHideASecret(t *testing.T) {
	t.Parallel()
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	}
	for handler, open := range handlers {
		for name, v := range values() {
			var b bytes.Buffer
			l := slog.New(open(&b)).With("with", v).WithGroup("group")
			l.Info("signing in", "password", v, slog.Group("inner", "password", v), "err", fmt.Errorf("sign in: %v", v))
			if got := b.String(); leaks(got) || !strings.Contains(got, "signing in") {
				t.Errorf("slog's %s handler, %s: got %s", handler, name, got)
			}
		}
		var b bytes.Buffer
		slog.New(open(&b)).Info("signing in", "password", secret.Of(password))
		if got := b.String(); !strings.Contains(got, "[hidden]") {
			t.Errorf("slog's %s handler: got %s; want [hidden]", handler, got)
		}
	}
	for name, v := range values() {
		var b bytes.Buffer
		log.New(&b, "", 0).Println("signing in", v)
		if leaks(b.String()) {
			t.Errorf("log, %s: got %s", name, b.String())
		}
	}
}
