package main

import "github.com/anishathalye/porcupine"

// answerState is what has become of a device code.
type answerState int

const (
	unanswered answerState = iota
	allowed
	turnedDown
	spent
)

// deviceModel is a device code: somebody decides once, and if they allow it, it buys tokens once.
func deviceModel() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Init: func() []any { return []any{unanswered} },
		Step: func(state, input, output any) []any {
			was, ask, answer := state.(answerState), input.(record), output.(record)
			switch ask.Kind {
			case approve:
				return was.decided(allowed, answer)
			case deny:
				return was.decided(turnedDown, answer)
			}
			return was.polled(answer)
		},
	}
}

// decided lists what may have become of a code when somebody decided.
func (s answerState) decided(verdict answerState, answer record) []any {
	switch {
	case answer.Class == decided && s == unanswered:
		return []any{verdict}
	case answer.Class == decided, answer.Class == refused && s == unanswered:
		return nil
	case answer.Class == refused, s != unanswered:
		return []any{s}
	}
	return []any{s, verdict}
}

// polled lists what may have become of a code when the device asked.
func (s answerState) polled(answer record) []any {
	switch answer.Class {
	case granted:
		return only(s == allowed, spent)
	case waits:
		return only(s == unanswered, s)
	case refused:
		return only(s.refusedWith(answer.Note), s)
	}
	if s == allowed {
		return []any{s, spent}
	}
	return []any{s}
}

// refusedWith reports whether a poll may be refused so. How old a code is, is looked at elsewhere.
func (s answerState) refusedWith(note string) bool {
	switch note {
	case "access_denied":
		return s == turnedDown
	case "invalid_grant":
		return s == spent
	}
	return note == "expired_token"
}

func only(ok bool, s answerState) []any {
	if ok {
		return []any{s}
	}
	return nil
}
