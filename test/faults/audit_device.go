package main

import "slices"

// Of devices the journal knows what an app asks and what a person decides; both are about one device code.

// indexDevice files what is about a device code. A poll that is told to wait presents nothing that could be spent.
func (a *auditor) indexDevice(o op) {
	a.byDevice[o.ask.Code] = append(a.byDevice[o.ask.Code], o)
	if o.ask.Kind == poll && o.class() != waits {
		a.byCode[o.ask.Code] = append(a.byCode[o.ask.Code], o)
	}
}

// keptDevice checks that a device code, what was decided about it and what it bought are there.
func (a *auditor) keptDevice(o op) {
	n := o.answer
	if o.ask.Kind == device && n.Class == granted {
		if _, there := a.truth.devices[n.Code]; !there {
			a.find(lostWord, "request %d was given a device code that is not there", n.ID)
		}
		return
	}
	d := a.truth.devices[o.ask.Code]
	switch {
	case n.Class == decided && o.ask.Kind == approve && d.family == "":
		a.find(lostWord, "request %d approved device code %.12s, which is not approved", n.ID, o.ask.Code)
	case n.Class == decided && o.ask.Kind == deny && !d.denied:
		a.find(lostWord, "request %d denied device code %.12s, which is not denied", n.ID, o.ask.Code)
	case n.Class == granted && o.ask.Kind == poll && d.family != n.Family:
		a.find(lostWord, "request %d was given family %s by device code %.12s, which stands for %q", n.ID, n.Family, o.ask.Code, d.family)
	}
}

// wholeDevices checks that no decision is there without what belongs to it.
func (a *auditor) wholeDevices() {
	denied := 0
	for code, d := range a.truth.devices {
		if d.denied {
			denied++
		}
		switch {
		case d.denied && d.family != "":
			a.find(doubled, "device code %.12s was approved and denied", code)
		case d.family != "" && !a.truth.families[d.family].known:
			a.find(halfDone, "device code %.12s was approved for family %s, which is not there", code, d.family)
		}
	}
	if denied != a.truth.denials {
		a.find(halfDone, "%d device codes are denied, and %d refusals are recorded", denied, a.truth.denials)
	}
}

// honestDevice checks verdicts about a device code.
func (a *auditor) honestDevice(o op) {
	n, code := o.answer, o.ask.Code
	switch {
	case n.Class == refused && o.ask.Kind != poll:
		if !a.decidedByAnother(o) {
			a.find(falsified, "request %d: a decision about device code %.12s was refused, and there was no other", n.ID, code)
		}
	case n.Class == refused && !a.mayRefuse(o):
		a.find(falsified, "request %d: device code %.12s was refused with %s without a reason", n.ID, code, n.Note)
	case n.Class == waits && a.surelyDecided(code, o.ask.At):
		a.find(falsified, "request %d: device code %.12s was told to wait, and somebody had answered", n.ID, code)
	case n.Class == granted && a.truth.devices[code].denied:
		a.find(revived, "request %d: device code %.12s gave tokens, and it is denied", n.ID, code)
	}
}

// mayRefuse reports whether a poll is told the truth: denied, too old, or spent by a poll before.
func (a *auditor) mayRefuse(o op) bool {
	d, code := a.truth.devices[o.ask.Code], o.ask.Code
	switch o.answer.Note {
	case "access_denied":
		return d.denied
	case "expired_token":
		given, known := a.given[code]
		return known && o.answer.At-given >= int64(a.rules.deviceLife)
	case "invalid_grant":
		return a.truth.families[d.family].spent && slices.ContainsFunc(a.byCode[code], func(p op) bool { return earlier(p, o) })
	}
	return false
}

// decidedByAnother reports whether another decision may have come before.
func (a *auditor) decidedByAnother(o op) bool {
	return slices.ContainsFunc(a.byDevice[o.ask.Code], func(p op) bool { return decides(p) && p.class() != refused && earlier(p, o) })
}

// surelyDecided reports whether a decision was acknowledged before a moment.
func (a *auditor) surelyDecided(code string, before int64) bool {
	return slices.ContainsFunc(a.byDevice[code], func(p op) bool { return p.class() == decided && p.answer.At < before })
}

func decides(o op) bool { return o.ask.Kind == approve || o.ask.Kind == deny }

// earlier reports whether one request may have had its effect when another one was answered.
func earlier(p, o op) bool { return p.ask.ID != o.ask.ID && p.ask.At < o.answer.At }
