package properties

// What people do without an authorization request: give their password away, and make tokens of their own.

// password is the grant: p tells which of a person's passwords was sent.
func (m *model) password(who, p, by, secret int, asked scopes) verdict {
	switch u := m.people[who]; {
	case !m.proves(by, secret), !m.mayUse(by, "password"), u.disabled, p != u.passwords, !asked.within(m.apps[by].allowed):
		return refused
	}
	m.families = append(m.families, family{
		by: aPassword, app: by, person: who, granted: asked, born: m.now, spent: true, generation: 1, turned: m.now,
	})
	return m.issue(len(m.families)-1, asked)
}

// personal makes a personal access token. It has a family of its own, and no refresh token.
func (m *model) personal(who int, asked scopes, life int64) verdict {
	a := m.apps[personalApp]
	if a.disabled || m.people[who].disabled || !asked.within(a.allowed) {
		return refused
	}
	of := len(m.families)
	m.families = append(m.families, family{by: aPerson, app: personalApp, person: who, granted: asked, born: m.now, spent: true})
	m.access = append(m.access, access{app: personalApp, person: who, family: of, granted: asked, dies: m.now + life})
	return verdict{ok: true, access: len(m.access) - 1, family: -1}
}

// isPersonal reports whether an access token is one that a person made for themselves.
func (m *model) isPersonal(i int) bool {
	of := m.access[i].family
	return of >= 0 && m.families[of].by == aPerson
}

// listed are the personal access tokens that a person is shown.
func (m *model) listed(who int) []int {
	var all []int
	for i, a := range m.access {
		if a.person == who && m.isPersonal(i) && m.live(i) {
			all = append(all, i)
		}
	}
	return all
}

func (m *model) revokePersonal(who, i int) verdict {
	a := m.access[i]
	switch {
	case a.person != who:
		return refused
	case m.purged && !m.live(i):
		return verdict{either: true, access: -1, family: -1}
	}
	m.families[a.family].ended = true
	return done
}

func (m *model) revokeEveryPersonal(who int) verdict {
	for _, i := range m.listed(who) {
		m.families[m.access[i].family].ended = true
	}
	return done
}
