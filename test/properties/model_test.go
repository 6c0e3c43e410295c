// Package properties drives a whole server at random, over its HTTP handler, and holds every answer against a model: small, pure,
// and written from the documents alone. It shares no code with the server.
//
//	go test ./test/properties -rapid.checks=10000 -run '/memory'
package properties

import "slices"

// Lifetimes that a server has which was told nothing, in seconds, and the scopes of the test's catalog.
const (
	second     = int64(1)
	minute     = 60 * second
	hour       = 60 * minute
	day        = 24 * hour
	codeLife   = minute
	deviceLife = 10 * minute
	interval   = 5 * second  // between two polls of a device
	kept       = 10 * minute // what has died is never removed sooner
	accessLife = hour
	idleLife   = 30 * day
	familyLife = 90 * day
	maxWaiting = 10 // codes of one person for one app
)

// scopes is a set, a bit for each name.
type scopes uint8

var scopeNames = []string{"orders:read", "orders:write", "profile"}

const (
	everyScope scopes = 1<<3 - 1
	optional   scopes = 1 << 2 // a person may refuse it and allow the rest
)

func (s scopes) within(o scopes) bool { return s&^o == 0 }

// names lists the scopes in the catalog's order.
func (s scopes) names() []string {
	all := []string{}
	for i, name := range scopeNames {
		if s&(1<<i) != 0 {
			all = append(all, name)
		}
	}
	return all
}

// model is what a server should hold. It has values and indexes only, so that a copy is another world.
type model struct {
	grace    int64
	now      int64
	people   []person
	apps     []app
	consents map[[2]int]scopes // by person and app
	families []family
	devices  []device
	access   []access
	purged   bool // what is dead may be gone since
}

type person struct {
	disabled  bool
	passwords int // how many there were before
}

type app struct {
	public, keeps, remembers bool // keeps: its refresh token does not rotate
	grants                   []string
	disabled, deleted        bool // what is deleted is disabled too
	allowed                  scopes
	secrets                  []held // newest first
}

// held is a client secret.
type held struct {
	n     int   // which one, in the order of their making
	until int64 // 0 for ever
}

type family struct {
	by          founder
	app, person int
	granted     scopes
	born        int64
	spent       bool
	forgotten   bool // its code is: whoever brings it ends nothing
	ended       bool
	generation  int
	turned      int64
}

// founder is what a family came of.
type founder int

const (
	aCode founder = iota
	aDevice
	aPassword
	aPerson // who made a token of their own
)

type access struct {
	app, person, family int // -1: the app for itself
	granted             scopes
	dies                int64
	ended               bool
}

// verdict is how a server must answer.
type verdict struct {
	ok         bool
	either     bool   // nothing depends on it: the row may be gone
	why        string // the error of a refusal, where it is told apart
	access     int    // the new access token; -1 none
	family     int    // whose code or refresh token is new; -1 none
	generation int    // of the refresh token; 0 for a code
}

var (
	refused = verdict{access: -1, family: -1}
	done    = verdict{ok: true, access: -1, family: -1}
)

func refusedAs(why string) verdict { return verdict{why: why, access: -1, family: -1} }

func (m *model) clone() *model {
	c := *m
	c.people, c.families, c.access = slices.Clone(m.people), slices.Clone(m.families), slices.Clone(m.access)
	c.devices = slices.Clone(m.devices)
	c.apps = slices.Clone(m.apps)
	for i := range c.apps {
		c.apps[i].secrets = slices.Clone(c.apps[i].secrets)
	}
	c.consents = map[[2]int]scopes{}
	for k, v := range m.consents {
		c.consents[k] = v
	}
	return &c
}

func (m *model) mayUse(by int, grant string) bool { return slices.Contains(m.apps[by].grants, grant) }

// proves reports whether an app authenticates with its nth secret.
func (m *model) proves(by, n int) bool {
	a := m.apps[by]
	if a.disabled || a.public {
		return !a.disabled
	}
	return slices.ContainsFunc(a.secrets, func(h held) bool { return h.n == n && m.counts(h) })
}

func (m *model) counts(h held) bool { return h.until == 0 || m.now < h.until }

// approve is a person who opens an authorization request, signs in if need be, and says yes if asked, to all but some of what they
// may refuse. Anew asks them in any case.
func (m *model) approve(who, by int, asked, refuses scopes, anew bool) verdict {
	a := m.apps[by]
	if a.disabled || m.people[who].disabled || !asked.within(a.allowed) {
		return refused
	}
	if anew || m.asks(who, by, asked) {
		asked = m.consent(who, by, asked, refuses)
	}
	return m.found(who, by, asked)
}

// consent is what a person who is asked allows. What they refuse is forgotten, should they have allowed it before.
func (m *model) consent(who, by int, asked, refuses scopes) scopes {
	refuses &= asked & optional
	k := [2]int{who, by}
	m.consents[k] = (m.consents[k] | asked) &^ refuses
	return asked &^ refuses
}

// silent is an authorization request with prompt=none of a person who signs in first: it never asks.
func (m *model) silent(who, by int, asked scopes) verdict {
	a := m.apps[by]
	switch {
	case a.disabled:
		return refused
	case !asked.within(a.allowed):
		return refusedAs("invalid_scope")
	case m.people[who].disabled:
		return refusedAs("login_required")
	case m.asks(who, by, asked):
		return refusedAs("consent_required")
	}
	return m.found(who, by, asked)
}

// found makes a family and its code; the oldest of too many codes gives way.
func (m *model) found(who, by int, granted scopes) verdict {
	m.families = append(m.families, family{app: by, person: who, granted: granted, born: m.now})
	var waiting []int
	for i, f := range m.families {
		if f.by == aCode && f.app == by && f.person == who && !f.spent && !f.ended && m.now < f.born+codeLife {
			waiting = append(waiting, i)
		}
	}
	for len(waiting) > maxWaiting {
		m.families[waiting[0]].ended = true
		waiting = waiting[1:]
	}
	return verdict{ok: true, access: -1, family: len(m.families) - 1}
}

// asks reports whether the person must be asked.
func (m *model) asks(who, by int, asked scopes) bool {
	return !m.apps[by].remembers || !asked.within(m.consents[[2]int{who, by}])
}

// redeem is a code exchanged; narrow is what is asked for, 0 for all.
func (m *model) redeem(by, secret, code int, verified bool, narrow scopes) verdict {
	f := &m.families[code]
	switch {
	case !m.proves(by, secret), f.app != by, !verified:
		return refused
	case f.forgotten:
		return refused
	case f.spent:
		f.ended = true
		return refused
	case m.now >= f.born+codeLife, f.ended, !narrow.within(f.granted & m.apps[by].allowed):
		return refused
	}
	f.spent, f.generation, f.turned = true, 1, m.now
	return m.issue(code, narrow)
}

// refresh is the ratchet: p is the token's generation.
func (m *model) refresh(by, secret, of, p int, narrow scopes) verdict {
	f := &m.families[of]
	g, elapsed := f.generation, m.now-f.turned
	switch {
	case !m.proves(by, secret), f.app != by, f.ended, m.now >= f.born+familyLife, elapsed >= idleLife:
		return refused
	case p < g-1, p == g-1 && elapsed >= m.grace:
		f.ended = true
		return refused
	case !narrow.within(f.granted & m.apps[by].allowed):
		return refused
	case p == g-1: // the answer was lost: the same again
	case p == g && m.apps[by].keeps:
		f.turned = m.now
	default: // p > g: the database was restored from an older state
		f.generation, f.turned = p+1, m.now
	}
	return m.issue(of, narrow)
}

func (m *model) issue(of int, narrow scopes) verdict {
	f := m.families[of]
	a := access{app: f.app, person: f.person, family: of, granted: f.granted & m.apps[f.app].allowed, dies: min(m.now+accessLife, f.born+familyLife)}
	if narrow != 0 {
		a.granted = narrow
	}
	m.access = append(m.access, a)
	return verdict{ok: true, access: len(m.access) - 1, family: of, generation: f.generation}
}

// machine is an app that speaks for itself.
func (m *model) machine(by, secret int, asked scopes) verdict {
	a := m.apps[by]
	if a.public || !m.mayUse(by, "client_credentials") || !m.proves(by, secret) || !asked.within(a.allowed) {
		return refused
	}
	m.access = append(m.access, access{app: by, person: -1, family: -1, granted: asked, dies: m.now + accessLife})
	return verdict{ok: true, access: len(m.access) - 1, family: -1}
}

// live reports whether an access token opens anything.
func (m *model) live(i int) bool {
	a := m.access[i]
	return !a.ended && !m.apps[a.app].disabled && m.now < a.dies && (a.family < 0 || !m.families[a.family].ended)
}

// turns reports whether a refresh token is the newest of a living family.
func (m *model) turns(of, p int) bool {
	f := m.families[of]
	return p == f.generation && !f.ended && m.now < f.born+familyLife && m.now < f.turned+idleLife
}
