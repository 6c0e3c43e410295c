package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// contest is an engine's sides, who take turns. The last is the floor.
type contest struct {
	*bench
	engine    engine
	sides     []*side
	drops     []func()
	databases []string
}

// variant is a way to run the server.
type variant struct {
	name     string
	settings []string
	filled   int // access tokens that are there beforehand
}

// A server that tells everything writes its log and serves metrics, which count its events, at an address that is free.
var quiet, telling = []string{"PASSPORT_LOG_LEVEL=error"}, []string{"PASSPORT_LOG_LEVEL=info", "PASSPORT_METRICS_ADDR=127.0.0.1:0"}

// variants are the server as it is asked for, and beside it what it is to be compared with.
func (o options) variants() []variant {
	usual := quiet
	if o.tell == "on" {
		usual = telling
	}
	all := []variant{{name: "server", settings: usual}}
	if o.tell == "both" {
		all = append(all, variant{name: "telling", settings: telling})
	}
	if o.filled > 0 {
		all = append(all, variant{name: "filled", settings: usual, filled: o.filled})
	}
	return all
}

// people are how many sign in: a round of code exchanges takes thousands of codes, of which few may wait for one person and one app.
const people = 24

func (b *bench) contest(ctx context.Context, e engine) (*contest, error) {
	c := &contest{bench: b, engine: e}
	for _, v := range b.variants() {
		if err := c.addServer(ctx, v); err != nil {
			c.close()
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
	}
	if err := c.addFloor(ctx); err != nil {
		c.close()
		return nil, fmt.Errorf("floor: %w", err)
	}
	return c, nil
}

func (c *contest) addServer(ctx context.Context, v variant) error {
	at, err := c.newDatabase(ctx, v.name)
	if err != nil {
		return err
	}
	t, err := c.installed(ctx, c.engine.name+"-"+v.name, at, v.settings...)
	if err != nil {
		return err
	}
	s := &side{target: t, name: v.name}
	if err := s.furnish(ctx); err != nil {
		return err
	}
	if v.filled > 0 {
		if err := fill(ctx, at, v.filled); err != nil {
			return err
		}
	}
	return c.add(ctx, s, &serverSupply{side: s, people: people})
}

// furnish registers clients and people.
func (s *side) furnish(ctx context.Context) error {
	for into, flags := range map[*party][]string{
		&s.machine: {"--kind", "machine"}, &s.opaque: {"--kind", "machine", "--opaque-tokens"},
		&s.tv: {"--kind", "device", "--public"},
	} {
		var err error
		if *into, err = s.client(ctx, flags...); err != nil {
			return err
		}
	}
	s.apps = make([]party, 2*people)
	for i := range s.apps {
		var err error
		if s.apps[i], err = s.client(ctx, "--kind", "web", "--redirect-uri", callback); err != nil {
			return err
		}
	}
	for i := range people {
		if _, err := s.command(ctx, "user", "create", person(i), "--password-stdin"); err != nil {
			return err
		}
	}
	return nil
}

func (c *contest) addFloor(ctx context.Context) error {
	at, err := c.newDatabase(ctx, "floor")
	if err != nil {
		return err
	}
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	t := &target{
		program: filepath.Join(c.dir, "floor"), args: []string{"-addr", addr, "-database", strings.TrimPrefix(at, "sqlite:")}, addr: addr,
		log: filepath.Join(c.dir, c.engine.name+"-floor.log"), pinned: c.pinned,
	}
	s := &side{
		target: t, name: "floor", apps: []party{{"web", "secret"}}, machine: party{"machine", "secret"}, opaque: party{"opaque", "secret"},
		tv: party{ID: "tv"},
	}
	return c.add(ctx, s, &floorSupply{addr: addr, app: s.apps[0], people: people})
}

func (c *contest) newDatabase(ctx context.Context, name string) (string, error) {
	at, drop, err := c.engine.database(ctx, name)
	if err == nil {
		c.drops, c.databases = append(c.drops, drop), append(c.databases, at)
	}
	return at, err
}

func (c *contest) add(ctx context.Context, s *side, from supplier) error {
	s.supplier, s.tokens, s.best = from, map[string][]string{}, map[string]float64{}
	if err := s.start(ctx); err != nil {
		return err
	}
	c.sides = append(c.sides, s)
	return nil
}

// settle waits until all databases have got over what was done before.
func (c *contest) settle(ctx context.Context) error {
	for _, at := range c.databases {
		if err := c.engine.settle(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

func (c *contest) close() {
	for _, s := range c.sides {
		s.stop()
	}
	for _, drop := range c.drops {
		drop()
	}
}

// row is what all sides did of an operation at so many connections, round by round.
type row struct {
	Operation string              `json:"operation"`
	Conns     int                 `json:"connections"`
	Sides     map[string][]result `json:"rounds"`
}

// measure lets the sides take turns, each round another first.
func (c *contest) measure(ctx context.Context, op operation, conns int) (row, error) {
	r := row{op.name, conns, map[string][]result{}}
	for round := range c.rounds {
		for i := range c.sides {
			s := c.sides[(i+round)%len(c.sides)]
			got, err := c.cell(ctx, s, op, conns)
			if err != nil {
				return r, fmt.Errorf("%s: %s at %d: %w", s.name, op.name, conns, err)
			}
			r.Sides[s.name] = append(r.Sides[s.name], got)
		}
	}
	return r, nil
}

// cell is one side's turn. Where what was prepared does not last, more is.
func (c *contest) cell(ctx context.Context, s *side, op operation, conns int) (result, error) {
	span := c.span * time.Duration(max(1, op.stretch))
	l := load{addr: s.addr, warm: min(span/3, 300*time.Millisecond), span: span}
	name := fmt.Sprintf("%s at %d", op.name, conns)
	for n := s.requests(name, conns, l.warm+l.span); ; n *= 4 {
		got, err := s.try(ctx, l, op, need{conns, n})
		if !errors.Is(err, errTooFew) || n > 1_000_000 {
			s.best[name] = max(s.best[name], got.Rate)
			return got, err
		}
	}
}

func (s *side) try(ctx context.Context, l load, op operation, n need) (result, error) {
	w, err := op.prepare(ctx, s, n)
	if err != nil {
		return result{}, fmt.Errorf("prepare: %w", err)
	}
	scripts := make([]script, n.conns)
	for i := range scripts {
		scripts[i] = w.script(i)
	}
	got, err := l.run(ctx, scripts)
	if err == nil && w.after != nil {
		err = w.after(ctx)
	}
	return got, err
}
