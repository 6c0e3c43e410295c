package main

import (
	"strings"
	"testing"
	"time"
)

// story is a journal and a database that agree: a code was redeemed, refreshed, and its family ended; a machine has a token that
// ended alone.
type story struct {
	ops   []op
	truth truth
}

func (s *story) say(ask, answer record) *op {
	n := int64(len(s.ops)+1) * 1000
	ask.ID, ask.At = n, n
	answer.ID, answer.Answer, answer.At = n, true, n+500
	if answer.Class == lost {
		answer.At = never
	}
	s.ops = append(s.ops, op{ask, answer})
	return &s.ops[len(s.ops)-1]
}

func honestStory() *story {
	s := &story{truth: truth{
		families: map[string]family{"F": {known: true, spent: true, spentBy: "t1", revoked: true, generation: 3}, "G": {known: true}},
		tokens:   map[string]accessRow{"t1": {family: "F"}, "t2": {family: "F"}, "t3": {family: "F"}, "m": {revoked: true}},
		codes:    map[string]string{"c": "F", "d": "G"},
		told:     map[string][]string{"F": {"consent.granted", "family.revoked"}, "G": {"consent.granted"}},
	}}
	s.say(record{Kind: authorize}, record{Class: granted, Code: "c"})
	s.say(record{Kind: authorize}, record{Class: granted, Code: "d"})
	s.say(record{Kind: redeem, Code: "c"}, record{Class: granted, named: named{"t1", "F", 1}})
	s.say(record{Kind: refresh, named: named{"", "F", 1}}, record{Class: unavailable})
	s.say(record{Kind: refresh, named: named{"", "F", 1}}, record{Class: granted, named: named{"t2", "F", 2}})
	s.say(record{Kind: refresh, named: named{"", "F", 2}}, record{Class: granted, named: named{"t3", "F", 3}})
	s.say(record{Kind: introspect, named: named{"t1", "", 0}}, record{Class: active})
	s.say(record{Kind: machine}, record{Class: granted, named: named{"m", "", 0}})
	s.say(record{Kind: revoke, named: named{"m", "", 0}}, record{Class: ended})
	s.say(record{Kind: introspect, named: named{"m", "", 0}}, record{Class: inactive})
	s.say(record{Kind: revoke, named: named{"", "F", 3}}, record{Class: ended})
	s.say(record{Kind: refresh, named: named{"", "F", 3}}, record{Class: refused, Note: "invalid_grant"})
	return s
}

var strict = rules{grace: 0, codeLife: time.Minute, deviceLife: time.Minute, longest: time.Second}

func TestAnHonestStoryIsBelieved(t *testing.T) {
	t.Parallel()
	s := honestStory()
	r := audit(s.ops, s.truth, strict)
	for _, f := range r.findings {
		t.Errorf("got %s: %s; want nothing found", f.breach, f.what)
	}
	if r.requests != 12 || r.acknowledged != 9 || r.unavailable != 1 {
		t.Errorf("got %d requests, %d acknowledged, %d unavailable; want 12, 9, 1", r.requests, r.acknowledged, r.unavailable)
	}
}

func TestEveryKindOfBreachIsFound(t *testing.T) {
	t.Parallel()
	eachIsFound(t, honestStory, []planted{
		{"a code that was given is gone", lostWord, "a code that is not there", func(s *story) { delete(s.truth.codes, "d") }},
		{"a token that was given is gone", lostWord, "token m", func(s *story) { delete(s.truth.tokens, "m") }},
		{"a rotation was forgotten", lostWord, "stands at 2", func(s *story) { s.family("F", func(f *family) { f.generation = 2 }) }},
		{"a redemption was forgotten", lostWord, "generation 1 of family F", func(s *story) { s.family("F", func(f *family) { f.spent = false }) }},
		{"the end of a family was forgotten", lostWord, "ended family F", func(s *story) { s.family("F", func(f *family) { f.revoked = false }) }},
		{"the end of a token was forgotten", lostWord, "ended token m", func(s *story) { s.truth.tokens["m"] = accessRow{} }},
		{"a code was redeemed twice", doubled, "redeemed 2 times", func(s *story) {
			s.truth.tokens["t4"] = accessRow{family: "F"}
			s.say(record{Kind: redeem, Code: "c"}, record{Class: granted, named: named{"t4", "F", 1}})
		}},
		{"a refresh token was answered twice", doubled, "generation 1 of family F was answered 2 times", func(s *story) {
			s.truth.tokens["t4"] = accessRow{family: "F"}
			s.ops[3].answer.Class, s.ops[3].answer.named = granted, named{"t4", "F", 2}
		}},
		{"a refresh token of long ago was answered", doubled, "has no order", func(s *story) {
			s.ops[5].ask.Generation, s.ops[5].answer.named = 1, named{"t3", "F", 2}
		}},
		{"a refused code was redeemed later", doubled, "redeemed 2 times", func(s *story) {
			s.ops[1] = s.ops[2]
		}},
		{"a token without its redemption", halfDone, "nobody redeemed", func(s *story) { s.truth.tokens["t9"] = accessRow{family: "G"} }},
		{"a token without its family", halfDone, "nobody redeemed", func(s *story) { s.truth.tokens["t9"] = accessRow{family: "H"} }},
		{"a redemption without its token", halfDone, "redeemed for a token", func(s *story) { s.family("F", func(f *family) { f.spentBy = "t9" }) }},
		{"a rotation without its token", halfDone, "with 3 tokens", func(s *story) { s.family("F", func(f *family) { f.generation = 4 }) }},
		{"a code without its family", halfDone, "founds family G", func(s *story) { delete(s.truth.families, "G") }},
		{"a family without its code", halfDone, "without its code", func(s *story) { delete(s.truth.codes, "d") }},
		{"an approval without its record", halfDone, "or its record", func(s *story) { delete(s.truth.told, "G") }},
		{"a record without its approval", halfDone, "or its record", func(s *story) { s.family("G", func(f *family) { f.known = false }) }},
		{"a dead token opens", revived, "token m", func(s *story) { s.ops[9].answer.Class = active }},
		{"a dead family gives tokens", revived, "family F", func(s *story) {
			s.truth.tokens["t4"] = accessRow{family: "F"}
			s.family("F", func(f *family) { f.generation = 4 })
			s.ops[11].answer = record{ID: 12000, Answer: true, At: 12500, Class: granted, named: named{"t4", "F", 4}}
		}},
		{"a dead family's token opens", revived, "token t2", func(s *story) {
			s.say(record{Kind: introspect, named: named{"t2", "", 0}}, record{Class: active})
		}},
		{"a live token is called inactive", falsified, "token t1", func(s *story) { s.ops[6].answer.Class = inactive }},
		{"a fresh code is refused", falsified, "neither spent nor old", func(s *story) {
			s.say(record{Kind: redeem, Code: "d"}, record{Class: refused, Note: "invalid_grant"})
		}},
		{"a live refresh token is refused", falsified, "without a reason", func(s *story) {
			s.ops[5].answer = record{ID: 6000, Answer: true, At: 6500, Class: refused, Note: "invalid_grant"}
			s.ops[5].ask.Generation = 3
		}},
		{"a client is refused", falsified, "invalid_client", func(s *story) {
			s.say(record{Kind: machine}, record{Class: refused, Note: "invalid_client"})
		}},
		{"a family ended by itself", falsified, "nobody had asked", func(s *story) {
			s.family("G", func(f *family) { f.revoked, f.spent, f.spentBy, f.generation = true, true, "t5", 1 })
			s.truth.tokens["t5"] = accessRow{family: "G"}
			s.say(record{Kind: redeem, Code: "d"}, record{Class: granted, named: named{"t5", "G", 1}})
		}},
		{"an answer that should not be", rude, "500", func(s *story) { s.say(record{Kind: machine}, record{Class: odd, Note: "500"}) }},
		{"an answer that came too late", rude, "took 2s", func(s *story) {
			s.say(record{Kind: machine}, record{Class: unavailable}).answer.At = int64(len(s.ops))*1000 + int64(2*time.Second)
		}},
	})
}

// planted is a breach that is put into a story which was honest.
type planted struct {
	name  string
	want  breach
	about string
	plant func(s *story)
}

func eachIsFound(t *testing.T, honest func() *story, all []planted) {
	t.Helper()
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := honest()
			c.plant(s)
			r := audit(s.ops, s.truth, strict)
			for _, f := range r.findings {
				if f.breach == c.want && strings.Contains(f.what, c.about) {
					return
				}
			}
			t.Errorf("got %v; want %s about %q", r.findings, c.want, c.about)
		})
	}
}

func (s *story) family(id string, change func(f *family)) {
	f := s.truth.families[id]
	change(&f)
	s.truth.families[id] = f
}

// What is lost on the way is not held against the server, and neither is what follows from it.
func TestWhatNobodyCanKnowIsForgiven(t *testing.T) {
	t.Parallel()
	s := honestStory()
	s.truth.tokens["t5"] = accessRow{family: "G"}
	s.family("G", func(f *family) { f.revoked, f.spent, f.spentBy, f.generation = true, true, "t5", 1 })
	s.say(record{Kind: redeem, Code: "d"}, record{Class: lost})
	s.say(record{Kind: redeem, Code: "d"}, record{Class: refused, Note: "invalid_grant"})
	for _, f := range audit(s.ops, s.truth, strict).findings {
		t.Errorf("got %s: %s; want nothing found", f.breach, f.what)
	}
}

func TestWithinTheGraceARefreshTokenIsAnsweredAgain(t *testing.T) {
	t.Parallel()
	s := honestStory()
	s.truth.tokens["t4"] = accessRow{family: "F"}
	s.ops[3].answer.Class, s.ops[3].answer.named = granted, named{"t4", "F", 2}
	for _, f := range audit(s.ops, s.truth, rules{grace: time.Minute, codeLife: time.Minute, longest: time.Second}).findings {
		t.Errorf("got %s: %s; want nothing found", f.breach, f.what)
	}
}
