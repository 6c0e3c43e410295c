package properties

// What ends, comes back, and is forgotten.

// revokeRefresh ends a family, and revokeAccess one access token. What is not known is no error, even if it was another's once.
func (m *model) revokeRefresh(by, secret, of int) verdict {
	f := &m.families[of]
	switch {
	case !m.proves(by, secret):
		return refused
	case m.purged && (f.ended || m.now >= f.born+familyLife):
		return verdict{either: true, access: -1, family: -1}
	case f.app != by:
		return refused
	}
	f.ended = true
	return done
}

func (m *model) revokeAccess(by, secret, i int) verdict {
	switch {
	case !m.proves(by, secret):
		return refused
	case m.purged && !m.live(i):
		return verdict{either: true, access: -1, family: -1}
	case m.access[i].app != by:
		return refused
	}
	m.access[i].ended = true
	return done
}

// end ends the families that match.
func (m *model) end(match func(family) bool) verdict {
	for i := range m.families {
		if match(m.families[i]) {
			m.families[i].ended = true
		}
	}
	return done
}

func (m *model) withdraw(who, by int) verdict {
	delete(m.consents, [2]int{who, by})
	return m.end(func(f family) bool { return f.app == by && f.person == who })
}

func (m *model) disablePerson(who int) verdict {
	m.people[who].disabled = true
	return m.endPerson(who)
}

func (m *model) changePassword(who int) verdict {
	m.people[who].passwords++
	return m.endPerson(who)
}

func (m *model) endPerson(who int) verdict {
	return m.end(func(f family) bool { return f.person == who })
}

func (m *model) disableApp(by int) verdict {
	if m.apps[by].deleted {
		return refused
	}
	m.apps[by].disabled = true
	for i := range m.access {
		m.access[i].ended = m.access[i].ended || m.access[i].app == by
	}
	return m.end(func(f family) bool { return f.app == by })
}

// enableApp lets an app act again; one that was deleted never does.
func (m *model) enableApp(by int) verdict {
	if m.apps[by].deleted {
		return refused
	}
	m.apps[by].disabled = false
	return done
}

func (m *model) deleteApp(by int) verdict {
	v := m.disableApp(by)
	m.apps[by].deleted = true
	for who := range m.people {
		delete(m.consents, [2]int{who, by})
	}
	return v
}

// narrow changes what an app may have.
func (m *model) narrow(by int, allowed scopes) verdict {
	if m.apps[by].deleted {
		return refused
	}
	m.apps[by].allowed = allowed
	return done
}

// purge takes what died long enough ago. A code that came too late to be of use ends nothing any more.
func (m *model) purge() verdict {
	m.purged = true
	for i := range m.families {
		f := &m.families[i]
		f.forgotten = f.forgotten || m.now >= f.born+codeLife+kept
	}
	for i := range m.devices {
		d := &m.devices[i]
		d.forgotten = d.forgotten || m.now >= d.born+deviceLife+kept
	}
	return done
}

// rotate gives an app another secret; of those before, the newest that counts goes on for the overlap.
func (m *model) rotate(by, n int, overlap int64) verdict {
	a := &m.apps[by]
	if a.deleted {
		return refused
	}
	next := []held{{n: n}}
	for _, h := range a.secrets {
		if overlap > 0 && len(next) < 2 && m.counts(h) {
			if h.until == 0 || m.now+overlap < h.until {
				h.until = m.now + overlap
			}
			next = append(next, h)
		}
	}
	a.secrets = next
	return done
}
