package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
)

// serverSupply gets what a measurement needs as anybody else would: by the server's own pages and endpoints.
type serverSupply struct {
	*side
	people  int
	minters []arrival // signed-in browsers whose person has allowed every app
}

const (
	minting = 16 // requests at once, where nothing is measured
	// waiting is how many codes of a person and an app the server lets wait for their redemption; the oldest give way. Many codes take many
	// people and many apps.
	waiting = 10
)

func (s *serverSupply) codes(ctx context.Context, n int) ([]credential, error) {
	if s.minters == nil {
		if err := s.allowAll(ctx); err != nil {
			return nil, err
		}
	}
	people := len(s.minters)
	codes := make([]credential, min(n, waiting*people*len(s.apps)))
	err := each(ctx, s.addr, len(codes), minting, func(i int) []byte {
		codes[i].app = s.apps[i/people%len(s.apps)]
		return get(authorizePath(codes[i].app, ""), "Cookie: "+s.minters[i%people].cookies())
	}, func(i int, a *answer) (err error) {
		codes[i].text, err = codeIn(a)
		return err
	})
	return codes, err
}

func codeIn(a *answer) (string, error) {
	if code := between(string(a.head), "code=", "&"); code != "" {
		return code, nil
	}
	return "", fmt.Errorf("no code: %w", a.is(http.StatusSeeOther, "a code"))
}

// allowAll signs everybody in and lets them allow every app.
func (s *serverSupply) allowAll(ctx context.Context) error {
	minters, err := s.browse(ctx, s.people)
	if err != nil {
		return err
	}
	err = inTurns(len(minters), minting, func(i int) error {
		c, err := dial(ctx, s.addr)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		for _, app := range s.apps {
			if err := minters[i].allow(c, app); err != nil {
				return err
			}
		}
		return nil
	})
	s.minters = minters
	return err
}

// inTurns calls f for all numbers below n, some of them at once.
func inTurns(n, atOnce int, f func(i int) error) error {
	var wg sync.WaitGroup
	errs, turns := make([]error, n), make(chan struct{}, atOnce)
	for i := range n {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			errs[i] = f(i)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s *serverSupply) families(ctx context.Context, n int) ([]credential, error) {
	all, err := s.codes(ctx, n)
	if err != nil {
		return nil, err
	}
	return all, each(ctx, s.addr, len(all), minting, func(i int) []byte { return all[i].redemption() }, func(i int, a *answer) error {
		all[i].text = a.text("refresh_token")
		return a.is(http.StatusOK, `"refresh_token":"`)
	})
}

func (s *serverSupply) deviceCodes(ctx context.Context, n int) ([]string, error) {
	codes := make([]string, n)
	return codes, each(ctx, s.addr, n, minting, func(int) []byte {
		return s.tv.post("/oauth/device/code", url.Values{"scope": {scope}}, somewhere())
	}, func(i int, a *answer) error {
		codes[i] = a.text("device_code")
		return a.is(http.StatusOK, `"device_code":"`)
	})
}

// signedIn are the cookies of browsers in which somebody is signed in.
func (s *serverSupply) signedIn(ctx context.Context, n int) ([]string, error) {
	all, err := s.browse(ctx, n)
	cookies := make([]string, len(all))
	for i := range all {
		cookies[i] = all[i].cookies()
	}
	return cookies, err
}

// browse signs people in, few at once: hashing is slow, and those who wait for long are sent away.
func (s *serverSupply) browse(ctx context.Context, n int) ([]arrival, error) {
	all, err := s.arriving(ctx, n)
	if err != nil {
		return nil, err
	}
	return all, each(ctx, s.addr, n, 4, func(i int) []byte { return all[i].login() }, func(i int, a *answer) error { return all[i].signedIn(a) })
}

func (s *serverSupply) arriving(ctx context.Context, n int) ([]arrival, error) {
	c, err := dial(ctx, s.addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	all := make([]arrival, n)
	for i := range all {
		if all[i], err = arrive(c, "/oauth/login", person(i%s.people)); err != nil {
			return nil, err
		}
	}
	return all, nil
}
