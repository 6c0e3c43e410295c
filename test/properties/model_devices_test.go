package properties

// device is a device code.
type device struct {
	app       int
	asked     scopes
	born      int64
	wait      int64 // between two polls
	polled    int64 // 0 never
	denied    bool
	family    int  // what a person allowed; -1 nothing yet
	forgotten bool // nobody looks into it any more
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// ask opens a device authorization request.
func (m *model) ask(by, secret int, asked scopes) verdict {
	if !m.proves(by, secret) || !m.mayUse(by, deviceGrant) || !asked.within(m.apps[by].allowed) {
		return refused
	}
	m.devices = append(m.devices, device{app: by, asked: asked, born: m.now, wait: interval, family: -1})
	return done
}

// waits reports whether a person may still answer.
func (m *model) waits(i int) bool {
	d := m.devices[i]
	return d.family < 0 && !d.denied && m.now < d.born+deviceLife
}

// answerDevice is a person who types a user code, signs in, and allows or refuses. What they allow is not remembered; what they refuse
// of a yes is forgotten.
func (m *model) answerDevice(who, i int, yes bool, refuses scopes) verdict {
	d := &m.devices[i]
	if !m.waits(i) || m.apps[d.app].disabled || m.people[who].disabled {
		return refused
	}
	if !yes {
		d.denied = true
		return done
	}
	refuses &= d.asked & optional
	m.consents[[2]int{who, d.app}] &^= refuses
	d.family = len(m.families)
	m.families = append(m.families, family{by: aDevice, app: d.app, person: who, granted: d.asked &^ refuses, born: m.now})
	return done
}

// poll is a device that asks for its answer. Only its own client's polls count.
func (m *model) poll(by, secret, i int, narrow scopes) verdict {
	d := &m.devices[i]
	switch {
	case !m.proves(by, secret), !m.mayUse(by, deviceGrant):
		return refused
	case d.app != by, d.forgotten:
		return refusedAs("invalid_grant")
	case d.denied:
		return refusedAs("access_denied")
	case d.family >= 0 && m.families[d.family].spent:
		m.families[d.family].ended = true
		return refusedAs("invalid_grant")
	case m.now >= d.born+deviceLife:
		return refusedAs("expired_token")
	case d.family < 0:
		return refusedAs(m.pending(d))
	}
	return m.redeemDevice(d.family, narrow)
}

// pending records a poll of a device that nobody has answered yet.
func (m *model) pending(d *device) string {
	soon := d.polled != 0 && m.now < d.polled+d.wait
	d.polled = m.now
	if !soon {
		return "authorization_pending"
	}
	d.wait += interval
	return "slow_down"
}

func (m *model) redeemDevice(of int, narrow scopes) verdict {
	f := &m.families[of]
	switch {
	case f.ended:
		return refusedAs("invalid_grant")
	case !narrow.within(f.granted & m.apps[f.app].allowed):
		return refusedAs("invalid_scope")
	}
	f.spent, f.generation, f.turned = true, 1, m.now
	return m.issue(of, narrow)
}
