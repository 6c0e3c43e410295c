package main

import (
	"testing"
	"time"
)

// deviceStory is the honest story with three devices in it: one was allowed and bought tokens, one was denied, one waits.
func deviceStory() *story {
	s := honestStory()
	s.truth.families["D"] = family{known: true, spent: true, spentBy: "d1", generation: 2}
	s.truth.tokens["d1"], s.truth.tokens["d2"] = accessRow{family: "D"}, accessRow{family: "D"}
	s.truth.told["D"] = []string{"consent.granted"}
	s.truth.devices = map[string]deviceRow{"yes": {family: "D"}, "no": {denied: true}, "open": {}}
	s.truth.denials = 1
	for _, code := range []string{"yes", "no", "open"} {
		s.say(record{Kind: device}, record{Class: granted, Code: code})
		s.polls(code, record{Class: waits, Note: "authorization_pending"})
	}
	s.says(approve, "yes", record{Class: unavailable})
	s.polls("yes", record{Class: waits, Note: "slow_down"})
	s.says(approve, "yes", record{Class: decided})
	s.polls("yes", record{Class: granted, named: named{"d1", "D", 1}})
	s.say(record{Kind: refresh, named: named{"", "D", 1}}, record{Class: granted, named: named{"d2", "D", 2}})
	s.say(record{Kind: introspect, named: named{"d2", "", 0}}, record{Class: active})
	s.says(deny, "no", record{Class: lost})
	s.says(deny, "no", record{Class: refused, Note: "too late"})
	s.polls("no", record{Class: refused, Note: "access_denied"})
	return s
}

func (s *story) polls(code string, answer record) { s.say(record{Kind: poll, Code: code}, answer) }

func (s *story) says(verdict kind, code string, answer record) {
	s.say(record{Kind: verdict, Code: code}, answer)
}

func (s *story) device(code string, change func(d *deviceRow)) {
	d := s.truth.devices[code]
	change(&d)
	s.truth.devices[code] = d
}

// last changes the answer of a device's last request of a kind.
func (s *story) last(k kind, code string, answer record) {
	for i := len(s.ops) - 1; i >= 0; i-- {
		if o := &s.ops[i]; o.ask.Kind == k && o.ask.Code == code {
			answer.ID, answer.Answer, answer.At = o.answer.ID, true, o.ask.At+500
			o.answer = answer
			return
		}
	}
}

// replays lets the device come again once it has its tokens.
func (s *story) replays() { s.polls("yes", record{Class: refused, Note: "invalid_grant"}) }

func believed(t *testing.T, s *story) {
	t.Helper()
	for _, f := range audit(s.ops, s.truth, strict).findings {
		t.Errorf("got %s: %s; want nothing found", f.breach, f.what)
	}
}

func TestAnHonestStoryOfDevicesIsBelieved(t *testing.T) {
	t.Parallel()
	believed(t, deviceStory())
}

func TestEveryBreachAboutADeviceIsFound(t *testing.T) {
	t.Parallel()
	eachIsFound(t, deviceStory, []planted{
		{"a device code is gone", lostWord, "a device code that is not there", func(s *story) { delete(s.truth.devices, "open") }},
		{"an approval is lost", lostWord, "which is not approved", func(s *story) {
			s.device("yes", func(d *deviceRow) { d.family = "" })
		}},
		{"a denial is lost", lostWord, "which is not denied", func(s *story) {
			s.last(deny, "no", record{Class: decided})
			s.device("no", func(d *deviceRow) { d.denied = false })
		}},
		{"tokens are of another family", lostWord, `which stands for "F"`, func(s *story) {
			s.device("yes", func(d *deviceRow) { d.family = "F" })
		}},
		{"a redemption is forgotten", lostWord, "generation 1 of family D", func(s *story) { s.family("D", func(f *family) { f.spent = false }) }},
		{"a code is redeemed twice", doubled, "code yes was redeemed 2 times", func(s *story) {
			s.truth.tokens["d3"] = accessRow{family: "D"}
			s.polls("yes", record{Class: granted, named: named{"d3", "D", 1}})
		}},
		{"a code is decided twice", doubled, "device code yes has no order", func(s *story) { s.says(deny, "yes", record{Class: decided}) }},
		{"a code is approved and denied", doubled, "approved and denied", func(s *story) {
			s.device("yes", func(d *deviceRow) { d.denied = true })
		}},
		{"tokens before anybody decided", doubled, "device code open has no order", func(s *story) {
			s.polls("open", record{Class: granted, named: named{"d3", "E", 1}})
		}},
		{"an approval without its family", halfDone, "family E, which is not there", func(s *story) {
			s.device("open", func(d *deviceRow) { d.family = "E" })
		}},
		{"a family without its device", halfDone, "without its code", func(s *story) { delete(s.truth.devices, "yes") }},
		{"an approval without its record", halfDone, "or its record", func(s *story) { delete(s.truth.told, "D") }},
		{"a denial without its record", halfDone, "0 refusals are recorded", func(s *story) { s.truth.denials = 0 }},
		{"a record without its denial", halfDone, "2 refusals are recorded", func(s *story) { s.truth.denials = 2 }},
		{"tokens for a denied code", revived, "device code no gave tokens", func(s *story) {
			s.polls("no", record{Class: granted, named: named{"d3", "E", 1}})
		}},
		{"tokens after a replay", revived, "family D gave tokens after its end", func(s *story) {
			s.replays()
			s.say(record{Kind: refresh, named: named{"", "D", 2}}, record{Class: granted, named: named{"d3", "D", 3}})
		}},
		{"a token lives after a replay", revived, "token d2", func(s *story) {
			s.replays()
			s.say(record{Kind: introspect, named: named{"d2", "", 0}}, record{Class: active})
		}},
		{"a refresh after a replay has no order", doubled, "family D has no order", func(s *story) {
			s.replays()
			s.say(record{Kind: refresh, named: named{"", "D", 2}}, record{Class: granted, named: named{"d3", "D", 3}})
		}},
		{"an allowed device is told to wait", falsified, "somebody had answered", func(s *story) {
			s.last(poll, "yes", record{Class: waits, Note: "authorization_pending"})
		}},
		{"a device is denied, and nobody did it", falsified, "access_denied without a reason", func(s *story) {
			s.polls("open", record{Class: refused, Note: "access_denied"})
		}},
		{"a fresh device code is refused", falsified, "invalid_grant without a reason", func(s *story) {
			s.polls("open", record{Class: refused, Note: "invalid_grant"})
		}},
		{"a young device code is too old", falsified, "expired_token without a reason", func(s *story) {
			s.polls("open", record{Class: refused, Note: "expired_token"})
		}},
		{"a first decision comes too late", falsified, "there was no other", func(s *story) {
			s.says(approve, "open", record{Class: refused, Note: "too late"})
		}},
		{"a client that has no device is told to wait", falsified, "refused with slow_down", func(s *story) {
			s.say(record{Kind: machine}, record{Class: waits, Note: "slow_down"})
		}},
		{"a device client is refused", falsified, "invalid_client", func(s *story) {
			s.say(record{Kind: device}, record{Class: refused, Note: "invalid_client"})
		}},
	})
}

// A decision and a purchase whose answers are lost may have had their effect or not.
func TestWhatNobodyCanKnowOfADeviceIsForgiven(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(s *story){
		"a decision that came too late after one that was lost": func(s *story) {
			s.says(approve, "open", record{Class: lost})
			s.polls("open", record{Class: waits, Note: "authorization_pending"})
			s.says(approve, "open", record{Class: lost})
		},
		"tokens that were lost on the way": func(s *story) {
			s.truth.families["E"] = family{known: true, spent: true, spentBy: "e1", generation: 1, revoked: true}
			s.truth.told["E"], s.truth.tokens["e1"] = []string{"consent.granted"}, accessRow{family: "E"}
			s.device("open", func(d *deviceRow) { d.family = "E" })
			s.says(approve, "open", record{Class: lost})
			s.polls("open", record{Class: lost})
			s.polls("open", record{Class: refused, Note: "invalid_grant"})
		},
		"a replay, and what is dead after it": func(s *story) {
			s.family("D", func(f *family) { f.revoked = true })
			s.replays()
			s.say(record{Kind: introspect, named: named{"d2", "", 0}}, record{Class: inactive})
			s.say(record{Kind: refresh, named: named{"", "D", 2}}, record{Class: refused, Note: "invalid_grant"})
		},
		"a code that grew too old": func(s *story) {
			s.polls("open", record{Class: refused, Note: "expired_token"})
			o := &s.ops[len(s.ops)-1]
			o.ask.At, o.answer.At = o.ask.At+int64(time.Hour), o.answer.At+int64(time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := deviceStory()
			tell(s)
			believed(t, s)
		})
	}
}
