package main

import (
	"time"

	"github.com/anishathalye/porcupine"
)

// linear checks that each code, each device code and each family's ratchet behaved as if requests had come one after the other, in an order that
// agrees with the times at which they were asked and answered. A request without a verdict may have had its effect or not.
func (a *auditor) linear() {
	for code, all := range a.byCode {
		if !linearizable(codeModel(), a.histories(all)) {
			a.find(doubled, "the history of code %.12s has no order", code)
		}
	}
	for code, all := range a.byDevice {
		if !linearizable(deviceModel(), a.histories(all)) {
			a.find(doubled, "the history of device code %.12s has no order", code)
		}
	}
	for id, all := range a.byFamily {
		if !linearizable(ratchetModel(a.rules.grace > 0), a.histories(append(a.replays(id), all...))) {
			a.find(doubled, "the history of family %s has no order", id)
		}
	}
}

// replays are the requests that may have ended a family because its code had been spent.
func (a *auditor) replays(id string) []op {
	var all []op
	for _, o := range a.byCode[a.foundBy[id]] {
		if o.class() != granted {
			all = append(all, o)
		}
	}
	return all
}

// patience is how long one history may be searched; one that takes longer is not held against anybody.
const patience = 5 * time.Second

func linearizable(m porcupine.NondeterministicModel, history []porcupine.Operation) bool {
	return porcupine.CheckOperationsTimeout(m.ToModel(), history, patience) != porcupine.Illegal
}

func (a *auditor) histories(all []op) []porcupine.Operation {
	var history []porcupine.Operation
	for i, o := range all {
		returned := o.answer.At
		if o.class() == lost || o.class() == unavailable || o.class() == odd {
			returned = never // it may still be under way
		}
		history = append(history, porcupine.Operation{ClientId: i, Input: o.ask, Output: o.answer, Call: o.ask.At, Return: returned})
	}
	return history
}

// codeModel is a credential that is spent once. A refusal says nothing where a code may have become old or given way: whether it may
// be refused is looked at elsewhere.
func codeModel() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Init: func() []any { return []any{false} },
		Step: func(state, _, output any) []any {
			spent, answer := state.(bool), output.(record)
			switch answer.Class {
			case granted:
				if spent {
					return nil
				}
				return []any{true}
			case refused:
				return []any{spent}
			}
			return []any{spent, true}
		},
	}
}

// ratchet is a family as its holder can know it.
type ratchet struct {
	generation uint32
	dead       bool
}

func ratchetModel(grace bool) porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Init: func() []any { return []any{ratchet{generation: 1}} },
		Step: func(state, input, output any) []any {
			r, ask, answer := state.(ratchet), input.(record), output.(record)
			switch ask.Kind {
			case revoke:
				return r.ended(answer.Class == ended)
			case redeem, poll:
				return r.ended(answer.Class == refused)
			}
			return r.presented(ask.Generation, answer, grace)
		},
	}
}

// ended lists what may have become of the ratchet when somebody asked for its end, or replayed what it came of.
func (r ratchet) ended(surely bool) []any {
	dead := ratchet{r.generation, true}
	if surely {
		return []any{dead}
	}
	return []any{r, dead}
}

// presented lists what may have become of the ratchet when somebody presented a generation and got an answer.
func (r ratchet) presented(p uint32, answer record, grace bool) []any {
	var turned []any
	switch {
	case r.dead:
	case p == r.generation:
		turned = append(turned, ratchet{p + 1, false})
	case p+1 == r.generation && grace:
		turned = append(turned, r)
	}
	var replayed []any
	if !r.dead && p < r.generation {
		replayed = append(replayed, ratchet{r.generation, true})
	}
	switch answer.Class {
	case granted:
		if answer.Generation != p+1 {
			return nil
		}
		return turned
	case refused:
		if r.dead {
			return []any{r}
		}
		return replayed
	}
	return append(append(turned, replayed...), r)
}
