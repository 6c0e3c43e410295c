package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// living is how many refresh tokens must outlive a purge.
const living = 100

// purgeWhileServing fills a database with dead rows, purges it while tokens are issued, and tells what those who asked for tokens noticed
// of it. It fails if a refresh token that lived did not outlive it.
func (e engine) purgeWhileServing(ctx context.Context, dir string, dead int) error {
	s, err := startServer(ctx, dir, e, "PASSPORT_GRANTS_PASSWORD=true", "PASSPORT_PURGE_EVERY=0s", "PASSPORT_TRUSTED_PROXIES=127.0.0.0/8")
	if err != nil {
		return err
	}
	defer s.stop()
	alive, err := s.refreshTokens(ctx)
	if err != nil {
		return err
	}
	if err := e.bury(ctx, dead); err != nil {
		return fmt.Errorf("fill with dead rows: %w", err)
	}
	before, err := latencies(ctx, s, func() error { time.Sleep(10 * time.Second); return nil })
	if err != nil {
		return err
	}
	var report []byte
	began := time.Now()
	during, err := latencies(ctx, s, func() (err error) { report, err = s.passport(ctx, "purge"); return err })
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

// latencies are those of token requests made while something goes on.
func latencies(ctx context.Context, t *target, meanwhile func() error) ([]time.Duration, error) {
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
				err := once(ctx, c, t)
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

func percentile(all []time.Duration, p int) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)*p/100].Round(10 * time.Microsecond)
}

// refreshTokens are bought with a password: it takes no browser.
func (t *target) refreshTokens(ctx context.Context) ([]string, error) {
	if _, err := t.passport(ctx, "user", "create", "ada", "--password-stdin"); err != nil {
		return nil, err
	}
	var all []string
	for i := range living {
		r, err := t.form(ctx, t.old, url.Values{"grant_type": {"password"}, "username": {"ada"}, "password": {passwordOfAda}})
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

func (t *target) refresh(ctx context.Context, token string) error {
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

const passwordOfAda = "correct horse battery"

// passport runs a command against the server's database.
func (t *target) passport(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(t.dir, "passport"), args...)
	cmd.Env, cmd.Stderr, cmd.Stdin = t.env, os.Stderr, strings.NewReader(passwordOfAda+"\n")
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("passport %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
}
