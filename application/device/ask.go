// Package device is the device authorization endpoint without HTTP (RFC 8628), and the page where a person types a user code.
package device

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopassport/passport/application/authorize"
	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/application/record"
	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/scope"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/ports"
)

// Config sets how long a device may wait and how often it may ask.
type Config struct {
	Catalog  scope.Catalog
	Life     time.Duration
	Interval time.Duration
}

// Tools are what device codes need.
type Tools struct {
	Auth      *clientauth.Service
	Authorize *authorize.Service
	Devices   ports.DeviceBook
	Attempts  ports.AttemptBook
	Limiter   ports.Limiter
	Record    *record.Recorder
	Peppers   secret.Peppers
	Clock     ports.Clock
	Random    ports.Random
}

// Service serves devices and the people who answer for them.
type Service struct {
	cfg Config
	t   Tools
}

// New makes a Service.
func New(c Config, t Tools) *Service { return &Service{c, t} }

// Answer is what a device receives (RFC 8628, 3.2).
type Answer struct {
	DeviceCode secret.Value
	UserCode   grant.UserCode
	ExpiresIn  time.Duration
	Interval   time.Duration
}

// perSource bounds the requests of one address a minute: each leaves a row.
const perSource = 120

// Ask opens a request for a client that has proven itself. Scopes are settled now, so that what a person is shown is what the device
// gets.
func (s *Service) Ask(ctx context.Context, p clientauth.Presented) (Answer, error) {
	if err := p.Form.Once(); err != nil {
		return Answer{}, err
	}
	c, err := s.t.Auth.Authenticate(ctx, p)
	if err != nil {
		return Answer{}, err
	}
	if !c.MayUse(grant.DeviceType) {
		return Answer{}, fault.UnauthorizedClient.For("grant_type_not_allowed", "This client may not use this grant type.")
	}
	d, err := s.draft(c, p)
	if err != nil {
		return Answer{}, err
	}
	if err := s.room(p.Source, d.CreatedAt); err != nil {
		return Answer{}, err
	}
	return s.open(ctx, d)
}

func (s *Service) draft(c client.Client, p clientauth.Presented) (grant.Device, error) {
	asked, err := scope.Parse(p.Form.Get("scope"))
	if err != nil {
		return grant.Device{}, err
	}
	scopes, err := s.cfg.Catalog.Settle(asked, c.AllowedScopes(s.cfg.Catalog))
	if err != nil {
		return grant.Device{}, err
	}
	var audience []string
	if resources := p.Form.All("resource"); len(resources) > 0 {
		if audience, err = c.Resources(nil, resources); err != nil {
			return grant.Device{}, err
		}
	}
	now := s.t.Clock.Now()
	return grant.Device{
		Client: c.ID, Scopes: scopes, Audience: audience, Source: p.Source,
		CreatedAt: now, ExpiresAt: now.Add(s.cfg.Life), Interval: s.cfg.Interval - s.cfg.Interval/10, // polls are not equally long on their way
	}, nil
}

func (s *Service) room(source string, now time.Time) error {
	b := ports.Bucket{Name: "device requests\x00" + source, Limit: perSource, Window: time.Minute}
	if wait := s.t.Limiter.Full(b, now); wait > 0 {
		return fault.TooMany("device_throttled", wait, "Too many device requests. Try again later.")
	}
	s.t.Limiter.Count(b, now)
	return nil
}

// draws is how many user codes are tried. Of 25 billion, so many taken ones in a row are no accident.
const draws = 5

// open stores the request under codes that nobody has.
func (s *Service) open(ctx context.Context, d grant.Device) (Answer, error) {
	for range draws {
		raw, code := s.codes()
		d.Digest, d.UserCode = s.t.Peppers.Digest(raw), s.t.Peppers.Digest(code.Secret())
		err := s.t.Devices.AddDevice(ctx, d)
		if errors.Is(err, ports.ErrExists) {
			continue
		}
		if err != nil {
			return Answer{}, fmt.Errorf("keep device code: %w", err)
		}
		s.t.Record.Tell(ctx, audit.Entry{Kind: audit.DeviceAsked, At: d.CreatedAt, Client: d.Client, Source: d.Source})
		return Answer{raw, code, s.cfg.Life, s.cfg.Interval}, nil
	}
	return Answer{}, errors.New("every user code that was drawn is taken")
}

func (s *Service) codes() (secret.Value, grant.UserCode) {
	raw := secret.NewHandle(secret.DeviceCode, s.t.Random.Bytes(secret.EntropySize))
	for {
		if code, ok := grant.NewUserCode(s.t.Random.Bytes(16)); ok {
			return raw, code
		}
	}
}
