package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// living is how many refresh tokens must outlive a purge.
const living = 100

// app is a server's client that trades passwords, and one that stands for itself.
type app struct {
	*target
	machine, old party
}

// purgeWhileServing fills a database with dead rows, purges it while tokens are issued, and tells what those who asked for tokens noticed
// of it. It fails if a refresh token that lived did not outlive it.
func (b *bench) purgeWhileServing(ctx context.Context, e engine, dead int) error {
	at, drop, err := e.database(ctx, "purged")
	if err != nil {
		return err
	}
	defer drop()
	t, err := b.installed(ctx, e.name+"-purged", at, "PASSPORT_GRANTS_PASSWORD=true", "PASSPORT_PURGE_EVERY=0s", "PASSPORT_LOG_LEVEL=warn")
	if err != nil {
		return err
	}
	s := &app{target: t}
	if s.machine, err = s.client(ctx, "--kind", "machine"); err != nil {
		return err
	}
	if s.old, err = s.client(ctx, "--kind", "password"); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.stop()
	alive, err := s.refreshTokens(ctx)
	if err != nil {
		return err
	}
	if err := bury(ctx, at, dead); err != nil {
		return fmt.Errorf("fill with dead rows: %w", err)
	}
	before, err := latencies(ctx, s, func() error { time.Sleep(10 * time.Second); return nil })
	if err != nil {
		return err
	}
	var report []byte
	began := time.Now()
	during, err := latencies(ctx, s, func() (err error) { report, err = s.command(ctx, "purge"); return err })
	if err != nil {
		return err
	}
	took := time.Since(began)
	for _, r := range alive {
		if err := s.refresh(ctx, r); err != nil {
			return fmt.Errorf("a refresh token did not outlive the purge: %w", err)
		}
	}
	fmt.Printf("\n%s: %s\n%s: %d dead rows in %s; p99 of the token endpoint at 4 connections %s before (%d answers) and %s during (%d), x %.1f; %d of %d refresh tokens live\n",
		e.name, strings.TrimSpace(string(report)), e.name, dead, took.Round(100*time.Millisecond), percentile(before, 99), len(before),
		percentile(during, 99), len(during), float64(percentile(during, 99))/float64(percentile(before, 99)), len(alive), living)
	return nil
}

// request is one token request by client credentials.
func (t *app) request(ctx context.Context) (*http.Request, error) {
	return t.form(ctx, t.machine, ownToken())
}

// form is a token request of a client.
func (t *app) form(ctx context.Context, by party, form url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.addr+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(by.ID, url.QueryEscape(by.Secret))
	return r, nil
}

// latencies are those of token requests made while something goes on.
func latencies(ctx context.Context, t *app, meanwhile func() error) ([]time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}}
	defer c.CloseIdleConnections()
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				err := t.ask(ctx, c)
				mu.Lock()
				if err != nil && ctx.Err() == nil {
					failed = err
				}
				all = append(all, time.Since(began))
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	err := meanwhile()
	cancel()
	wg.Wait()
	return all, errors.Join(err, failed)
}

// ask asks for one token.
func (t *app) ask(ctx context.Context, c *http.Client) error {
	r, err := t.request(ctx)
	if err != nil {
		return err
	}
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, b)
	}
	return err
}

func percentile(all []time.Duration, p int) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)*p/100].Round(10 * time.Microsecond)
}

// refreshTokens are bought with a password: it takes no browser.
func (t *app) refreshTokens(ctx context.Context) ([]string, error) {
	if _, err := t.command(ctx, "user", "create", "ada", "--password-stdin"); err != nil {
		return nil, err
	}
	var all []string
	for i := range living {
		r, err := t.form(ctx, t.old, url.Values{"grant_type": {"password"}, "username": {"ada"}, "password": {password}})
		if err != nil {
			return nil, err
		}
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i)) // or else the limit of guesses is met
		var got struct {
			Refresh string `json:"refresh_token"`
		}
		if err := answered(r, &got); err != nil {
			return nil, err
		}
		all = append(all, got.Refresh)
	}
	return all, nil
}

func (t *app) refresh(ctx context.Context, token string) error {
	r, err := t.form(ctx, t.old, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
	if err != nil {
		return err
	}
	return answered(r, &struct{}{})
}

func answered(r *http.Request, into any) error {
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %w", res.Status, b, err)
	}
	return json.Unmarshal(b, into)
}
