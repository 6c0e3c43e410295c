package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// floorSupply asks the floor for whatever there is to be, and is given it.
type floorSupply struct {
	addr    string
	app     party
	people  int
	invited bool
}

func (f *floorSupply) ask(ctx context.Context, what string, n int, more url.Values) ([]string, error) {
	if more == nil {
		more = url.Values{}
	}
	more.Set("n", strconv.Itoa(n))
	var all []string
	request := post("/prepare/"+what+"?"+more.Encode(), nil)
	err := each(ctx, f.addr, 1, 1, func(int) []byte { return request }, func(_ int, a *answer) error {
		if err := a.is(http.StatusOK, "["); err != nil {
			return err
		}
		return json.Unmarshal(a.body, &all)
	})
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", what, err)
	}
	return all, nil
}

func (f *floorSupply) codes(ctx context.Context, n int) ([]credential, error) {
	return f.credentials(ctx, "codes", n)
}

func (f *floorSupply) families(ctx context.Context, n int) ([]credential, error) {
	return f.credentials(ctx, "families", n)
}

func (f *floorSupply) credentials(ctx context.Context, what string, n int) ([]credential, error) {
	texts, err := f.ask(ctx, what, n, url.Values{"challenge": {challenge()}})
	all := make([]credential, len(texts))
	for i, t := range texts {
		all[i] = credential{t, f.app}
	}
	return all, err
}

func (f *floorSupply) deviceCodes(ctx context.Context, n int) ([]string, error) {
	return f.ask(ctx, "devices", n, nil)
}

func (f *floorSupply) signedIn(ctx context.Context, n int) ([]string, error) {
	all, err := f.sessions(ctx, n)
	for i := range all {
		all[i] = sessionCookie + "=" + all[i]
	}
	return all, err
}

func (f *floorSupply) arriving(ctx context.Context, n int) ([]arrival, error) {
	cookies, err := f.sessions(ctx, n)
	all := make([]arrival, len(cookies))
	for i, c := range cookies {
		all[i] = arrival{person: person(i % f.people), handle: "none", session: c}
	}
	return all, err
}

// sessions are cookies of people, who are made when they are first needed.
func (f *floorSupply) sessions(ctx context.Context, n int) ([]string, error) {
	if !f.invited {
		if _, err := f.ask(ctx, "people", f.people, url.Values{"password": {password}}); err != nil {
			return nil, err
		}
		f.invited = true
	}
	return f.ask(ctx, "sessions", n, url.Values{"people": {strconv.Itoa(f.people)}})
}
