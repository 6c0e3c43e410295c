package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func testServer(t *testing.T, serve http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(serve)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestAConnectionReadsWhatGoServersAnswer(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 5000)
	addr := testServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/long": // in chunks
			_, _ = w.Write([]byte(long))
		case "/cookie":
			http.SetCookie(w, &http.Cookie{Name: "k", Value: "v", Path: "/"})
			w.WriteHeader(http.StatusSeeOther)
		case "/echo":
			_, _ = w.Write([]byte(`{"form":"` + r.PostFormValue("a") + `"}`))
		}
	})
	c, err := dial(t.Context(), addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for range 2 { // the second answer must begin where the first ended
		if a, err := c.do(get("/long")); err != nil || string(a.body) != long {
			t.Fatalf("chunks: got %d bytes, %v; want %d", len(c.a.body), err, len(long))
		}
		if a, err := c.do(get("/cookie")); err != nil || a.status != http.StatusSeeOther || a.cookie("k") != "v" || len(a.body) != 0 {
			t.Fatalf("cookie: got %d %q %q, %v; want 303 and k=v", c.a.status, c.a.head, c.a.body, err)
		}
		if a, err := c.do(post("/echo", map[string][]string{"a": {"b c"}})); err != nil || a.text("form") != "b c" {
			t.Fatalf("echo: got %q, %v; want the form's value", c.a.body, err)
		}
	}
}

func TestALoadCountsWhatWasAnsweredWithinItsSpan(t *testing.T) {
	t.Parallel()
	addr := testServer(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(time.Millisecond)
		_, _ = w.Write([]byte("fine"))
	})
	w := steady(get("/"), http.StatusOK, "fine")
	got, err := load{addr, 400 * time.Millisecond, 100 * time.Millisecond}.run(t.Context(), []script{w.script(0), w.script(1)})
	if err != nil {
		t.Fatal(err)
	}
	// An answer takes a millisecond at least, and there are two connections.
	if got.Answers < 1 || got.Answers > 202 || got.Rate > 2020 || got.P50 < time.Millisecond || got.P99 < got.P50 {
		t.Errorf("got %+v; want no more than fit into 100 ms, and no answer sooner than it was given", got)
	}
}

func TestOneWrongAnswerEndsALoad(t *testing.T) {
	t.Parallel()
	n := 0
	addr := testServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n == 5 {
			w.WriteHeader(http.StatusTeapot)
		}
	})
	_, err := load{addr, 0, time.Minute}.run(t.Context(), []script{steady(get("/"), http.StatusOK, "").script(0)})
	if err == nil || !strings.Contains(err.Error(), "418") {
		t.Errorf("got %v; want what was answered", err)
	}
}

func TestALoadEndsWhereNothingIsLeftToAskFor(t *testing.T) {
	t.Parallel()
	addr := testServer(t, func(http.ResponseWriter, *http.Request) {})
	w := once([]string{"/a", "/b"}, func(path string) []byte { return get(path) }, http.StatusOK, "")
	_, err := load{addr, 0, time.Minute}.run(t.Context(), []script{w.script(0), w.script(1)})
	if !errors.Is(err, errTooFew) {
		t.Errorf("got %v; want to hear that there was too little", err)
	}
}
