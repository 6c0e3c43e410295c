package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopassport/passport/adapters/httpapi/api"
)

func TestReadNewClient(t *testing.T) {
	t.Parallel()
	got, err := api.ReadNewClient([]byte(" {\"name\": \"A\\u00e9\", \"redirect_uris\": [\"https://a.example/\"]}\n"))
	if err != nil || got.Name != "Aé" || len(got.RedirectURIs) != 1 || !got.Confidential {
		t.Errorf("got %+v, %v; want a confidential client", got, err)
	}
	if got, err := api.ReadNewClient([]byte(`{"confidential":false}`)); err != nil || got.Confidential {
		t.Errorf("got %+v, %v; want a public client", got, err)
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for what, body := range map[string]string{
		"nothing": "", "blanks": "  ", "no object": `[]`, "null": `null`, "a text": `"x"`, "half an object": `{"name":"x"`, "half a member": `{"name"`,
		"an unknown member": `{"grants":[]}`, "a member in another case": `{"Name":"x"}`, "a member twice": `{"name":"x","name":"y"}`,
		"another type": `{"name":1}`, "a deeper type": `{"redirect_uris":[[]]}`, "two objects": `{}{}`, "something behind it": `{} x`,
		"broken text": "{\"name\":\"\xff\"}", "a comment": `{/*x*/}`, "a trailing comma": `{"name":"x",}`, "depth": strings.Repeat(`{"name":`, 20_000),
	} {
		if got, err := api.ReadNewClient([]byte(body)); err == nil {
			t.Errorf("%s: got %+v; want an error", what, got)
		}
	}
}

func TestReadWish(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]time.Duration{
		`{"expires_in":3600}`: time.Hour, `{}`: 0, `{"expires_in":-9223372036854775808}`: -time.Second, `{"expires_in":9223372036854775807}`: (1 << 32) * time.Second,
	} {
		if got, err := api.ReadWish([]byte(body)); err != nil || got.Life != want {
			t.Errorf("%s: got %s, %v; want %s", body, got.Life, err, want)
		}
	}
	if got, err := api.ReadWish([]byte(`{"expires_in":1.5}`)); err == nil {
		t.Errorf("got %+v; want whole seconds", got)
	}
}

func FuzzReadWish(f *testing.F) {
	for _, s := range []string{`{"name":"x","scopes":["a","a"],"expires_in":1}`, `{`, `{"name":null}`, `{"scopes":[null]}`, `{"expires_in":1e3}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if w, err := api.ReadWish(body); err == nil && (w.Life < -time.Second || w.Life > (1<<32)*time.Second) {
			t.Errorf("got a life of %s", w.Life)
		}
	})
}
