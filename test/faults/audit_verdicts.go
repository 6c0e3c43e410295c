package main

import (
	"slices"
	"time"
)

// honest checks verdicts: none comes of a fault of ours, and what was ended stays so.
func (a *auditor) honest(o op) {
	n := o.answer
	switch {
	case o.ask.Kind == poll, decides(o):
		a.honestDevice(o)
	case n.Class == waits, n.Class == refused && (n.Note != "invalid_grant" || o.ask.Kind != redeem && o.ask.Kind != refresh):
		a.find(falsified, "request %d (%s) was refused with %s", n.ID, o.ask.Kind, n.Note)
	case n.Class == refused && o.ask.Kind == redeem:
		a.honestRedeem(o)
	case n.Class == refused && a.reasonToEnd(o.ask.Family, n.At) == "":
		a.find(falsified, "request %d: generation %d of family %s was refused without a reason", n.ID, o.ask.Generation, o.ask.Family)
	case n.Class == inactive && a.endOfToken(o.ask.Token, n.At, false) == "":
		a.find(falsified, "request %d: live token %s was called inactive", n.ID, o.ask.Token)
	case n.Class == active && a.endOfToken(o.ask.Token, o.ask.At, true) != "":
		a.find(revived, "request %d: token %s was called active after its end", n.ID, o.ask.Token)
	case n.Class == granted && o.ask.Kind == refresh && a.acknowledgedEnd(o.ask.Family, o.ask.At):
		a.find(revived, "request %d: family %s gave tokens after its end", n.ID, o.ask.Family)
	}
}

// honestRedeem: a code may be refused once it was presented before, and then only where it was spent indeed, or is too old. A code
// that gave way to newer ones has an ended family that nobody redeemed.
func (a *auditor) honestRedeem(o op) {
	id := a.truth.codes[o.ask.Code]
	f := a.truth.families[id]
	given, known := a.given[o.ask.Code]
	late := known && o.answer.At-given >= int64(a.rules.codeLife)
	before := slices.ContainsFunc(a.byCode[o.ask.Code], func(p op) bool { return earlier(p, o) })
	if late || before && f.spent || f.revoked && !f.spent {
		return
	}
	a.find(falsified, "request %d: code %.12s was refused, and it was neither spent nor old", o.ask.ID, o.ask.Code)
}

// endOfToken says why a token may be dead at a moment, or, if the answer must have come, why it is.
func (a *auditor) endOfToken(id string, at int64, surely bool) string {
	family := a.truth.tokens[id].family
	for _, o := range slices.Concat(a.byToken[id], a.byFamily[family]) {
		moment := o.ask.At
		if surely {
			moment = o.answer.At
		}
		if o.ask.Kind == revoke && moment < at && (!surely || o.class() == ended) {
			return "revoked"
		}
	}
	switch {
	case family == "":
		return ""
	case !surely:
		return a.reasonToEnd(family, at)
	case a.acknowledgedEnd(family, at):
		return "presented twice"
	}
	return ""
}

// acknowledgedEnd reports whether somebody was told before a moment that a family ends: by the answer to a revocation, or by the
// refusal of a code that had been spent, which comes when that end is stored.
func (a *auditor) acknowledgedEnd(id string, before int64) bool {
	return slices.ContainsFunc(a.byFamily[id], func(o op) bool {
		return o.ask.Kind == revoke && o.class() == ended && o.answer.At < before
	}) || a.truth.families[id].spent && slices.ContainsFunc(a.byCode[a.foundBy[id]], func(o op) bool {
		return o.class() == refused && o.answer.At < before
	})
}

// polite checks how an answer was given.
func (a *auditor) polite(o op) {
	took := time.Duration(o.answer.At - o.ask.At)
	if o.class() == odd {
		a.find(rude, "request %d (%s): %s", o.ask.ID, o.ask.Kind, o.answer.Note)
	}
	if o.answer.At != never && a.rules.longest > 0 && took > a.rules.longest {
		a.find(rude, "request %d (%s) took %s to be %s", o.ask.ID, o.ask.Kind, took.Round(time.Millisecond), o.class())
	}
}
