package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// breach is a way in which a server can break its word.
type breach string

const (
	lostWord  breach = "lost"      // I1: something acknowledged is gone
	doubled   breach = "double"    // I2: something was spent twice
	halfDone  breach = "half-done" // I3: a part of something is there without the rest
	revived   breach = "revived"   // I4: something opened after its end was acknowledged
	falsified breach = "false"     // I5: a verdict that is none, or an end that nobody asked for
	rude      breach = "rude"      // I5: an answer that should never be, or came too late
)

var breaches = []breach{lostWord, doubled, halfDone, revived, falsified, rude}

type finding struct {
	breach breach
	what   string
}

// rules are what the server was configured with.
type rules struct {
	grace      time.Duration // of a refresh token
	codeLife   time.Duration
	deviceLife time.Duration // of a device code
	longest    time.Duration // that an answer may take
}

// report is what an audit came to.
type report struct {
	requests, acknowledged, unavailable, lost int
	slowest                                   time.Duration
	findings                                  []finding
}

func (r *report) find(b breach, format string, args ...any) {
	r.findings = append(r.findings, finding{b, fmt.Sprintf(format, args...)})
}

func (r *report) count(b breach) (n int) {
	for _, f := range r.findings {
		if f.breach == b {
			n++
		}
	}
	return n
}

// auditor replays a journal against the truth.
type auditor struct {
	ops   []op
	truth truth
	rules rules

	byCode   map[string][]op  // redemptions, and polls that did not have to wait
	byDevice map[string][]op  // polls and decisions
	byFamily map[string][]op  // refreshes and revocations by refresh token
	byToken  map[string][]op  // revocations of access tokens
	given    map[string]int64 // when a code or a device code was asked for
	foundBy  map[string]string
	report
}

// audit checks I1 to I5 of everything that was asked, and I3 of everything that is there.
func audit(ops []op, t truth, r rules) report {
	a := &auditor{
		ops: ops, truth: t, rules: r, byCode: map[string][]op{}, byDevice: map[string][]op{}, byFamily: map[string][]op{},
		byToken: map[string][]op{}, given: map[string]int64{}, foundBy: map[string]string{},
	}
	a.index()
	for _, o := range ops {
		a.count(o)
		a.kept(o)
		a.keptDevice(o)
		a.honest(o)
		a.polite(o)
	}
	a.once()
	a.whole()
	a.wholeDevices()
	a.endings()
	a.linear()
	return a.report
}

func (a *auditor) index() {
	for code, id := range a.truth.codes {
		a.foundBy[id] = code
	}
	for code, d := range a.truth.devices {
		a.foundBy[d.family] = code
	}
	delete(a.foundBy, "") // of devices that nobody allowed anything
	for _, o := range a.ops {
		switch k := o.ask.Kind; {
		case o.class() == unreached:
		case k == authorize, k == device:
			a.given[o.answer.Code] = o.ask.At
		case k == redeem:
			a.byCode[o.ask.Code] = append(a.byCode[o.ask.Code], o)
		case k == poll, decides(o):
			a.indexDevice(o)
		case k == refresh, k == revoke && o.ask.Family != "":
			a.byFamily[o.ask.Family] = append(a.byFamily[o.ask.Family], o)
		case k == revoke:
			a.byToken[o.ask.Token] = append(a.byToken[o.ask.Token], o)
		}
	}
}

func (a *auditor) count(o op) {
	if o.class() == unreached {
		return
	}
	a.requests++
	switch o.class() {
	case granted, active, ended, decided, fine:
		a.acknowledged++
	case unavailable:
		a.unavailable++
	case lost:
		a.lost++
	}
	if o.answer.At != never {
		a.slowest = max(a.slowest, time.Duration(o.answer.At-o.ask.At))
	}
}

// kept checks that what was acknowledged is there.
func (a *auditor) kept(o op) {
	switch n := o.answer; {
	case n.Class == granted && o.ask.Kind == authorize:
		if _, there := a.truth.codes[n.Code]; !there {
			a.find(lostWord, "request %d was given a code that is not there", n.ID)
		}
	case n.Class == granted && o.ask.Kind != device:
		a.keptTokens(o)
	case n.Class == ended && o.ask.Family != "":
		if !a.truth.families[o.ask.Family].revoked {
			a.find(lostWord, "request %d ended family %s, which lives", n.ID, o.ask.Family)
		}
	case n.Class == ended && o.ask.Token != "":
		t := a.truth.tokens[o.ask.Token]
		if !t.revoked && !a.truth.families[t.family].revoked {
			a.find(lostWord, "request %d ended token %s, which lives", n.ID, o.ask.Token)
		}
	}
}

func (a *auditor) keptTokens(o op) {
	n := o.answer
	row, there := a.truth.tokens[n.Token]
	if !there || row.family != n.Family {
		a.find(lostWord, "request %d was given token %s, which is not there", n.ID, n.Token)
	}
	if n.Family == "" {
		return
	}
	f, there := a.truth.families[n.Family]
	if !there || !f.spent || f.generation < int64(n.Generation) {
		a.find(lostWord, "request %d was given generation %d of family %s, which stands at %d", n.ID, n.Generation, n.Family, f.generation)
	}
}

// once checks that nothing was given twice. A refresh token may be answered again within its grace, and then with the same one.
func (a *auditor) once() {
	for code, all := range a.byCode {
		if n := successes(all); n > 1 {
			a.find(doubled, "code %.12s was redeemed %d times", code, n)
		}
	}
	for id, all := range a.byFamily {
		times := map[uint32]int{}
		for _, o := range all {
			if o.ask.Kind == refresh && o.class() == granted {
				times[o.ask.Generation]++
			}
		}
		for g, n := range times {
			if n > 1 && a.rules.grace == 0 {
				a.find(doubled, "generation %d of family %s was answered %d times", g, id, n)
			}
		}
	}
}

func successes(all []op) (n int) {
	for _, o := range all {
		if o.class() == granted {
			n++
		}
	}
	return n
}

// whole checks that there is nothing half of which is missing.
func (a *auditor) whole() {
	rows := map[string]int64{}
	for id, t := range a.truth.tokens {
		rows[t.family]++
		if f, there := a.truth.families[t.family]; t.family != "" && (!there || !f.spent) {
			a.find(halfDone, "token %s is of family %s, which nobody redeemed", id, t.family)
		}
	}
	for code, id := range a.truth.codes {
		if !a.truth.families[id].known {
			a.find(halfDone, "code %.12s founds family %s, which is not there", code, id)
		}
	}
	for id, f := range a.truth.families {
		_, paid := a.truth.tokens[f.spentBy]
		switch {
		case f.known && a.foundBy[id] == "", f.known != slices.Contains(a.truth.told[id], "consent.granted"):
			a.find(halfDone, "family %s was born without its code or its record", id)
		case f.spent && !paid:
			a.find(halfDone, "family %s was redeemed for a token that is not there", id)
		case f.generation > rows[id]:
			a.find(halfDone, "family %s stands at generation %d with %d tokens", id, f.generation, rows[id])
		}
	}
}

// endings checks that no family ended that nobody had a reason to end. Of codes that wait, old ones give way to new ones.
func (a *auditor) endings() {
	for id, f := range a.truth.families {
		presented := len(a.byCode[a.foundBy[id]]) > 0 || len(a.byFamily[id]) > 0
		if f.known && f.revoked && presented && a.reasonToEnd(id, never) == "" {
			a.find(falsified, "family %s was ended, and nobody had asked for it (%s)", id, strings.Join(a.truth.told[id], ", "))
		}
	}
}

// reasonToEnd says why a family may have ended before a moment: somebody revoked it, or presented something twice.
func (a *auditor) reasonToEnd(id string, before int64) string {
	same := map[uint32][]op{}
	for _, o := range a.byFamily[id] {
		if o.ask.Kind == revoke && o.ask.At < before {
			return "revoked"
		}
		same[o.ask.Generation] = append(same[o.ask.Generation], o)
	}
	for _, all := range same {
		if replayed(all, before, int64(a.rules.grace)) {
			return "refreshed twice"
		}
	}
	if a.truth.families[id].spent && replayed(a.byCode[a.foundBy[id]], before, 0) {
		return "redeemed twice"
	}
	return ""
}

// replayed reports whether one of the requests that present the same thing may have come when another one had spent it so long ago.
func replayed(all []op, before, ago int64) bool {
	for i, late := range all {
		if late.class() == granted || late.ask.At >= before {
			continue
		}
		for j, early := range all {
			if i != j && late.answer.At-early.ask.At > ago {
				return true
			}
		}
	}
	return false
}

// sorted lists findings, worst first.
func (r report) sorted() []finding {
	all := slices.Clone(r.findings)
	slices.SortStableFunc(all, func(x, y finding) int {
		return cmp.Compare(slices.Index(breaches, x.breach), slices.Index(breaches, y.breach))
	})
	return all
}
