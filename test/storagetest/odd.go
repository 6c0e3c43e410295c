package storagetest

import "time"

// odd is text that a storage must give back as it is: quotes of every language it may be built into, placeholders, wildcards,
// control characters, right-to-left marks, and characters of one to four bytes. There is no NUL in it: that is refused before.
const odd = `o'dd "q" ''; \' \\ \n %_ $1 ?0 :p @p {} -- /*x*/ </script> ` + "\t\r\n\x01\x7f é ß 漢字 \u202e \u00a0 e\u0301 😀 👩‍👩‍👧"

// oddScope is a scope token as odd as the grammar admits (RFC 6749, 3.3).
const oddScope = `it's:?%_$1;--/*{}[]^~`

// oddURI is a URI as odd as a registered one can be.
const oddURI = `https://app.example/a'b%27%5C?q=$1&p=%F0%9F%98%80;--/*x*/`

// oddClaims hold every type of JSON.
func oddClaims() map[string]any {
	return map[string]any{
		odd: odd, "flag": true, "nothing": nil, "number": 12.5, "whole": float64(1 << 40), "empty": "",
		"list": []any{odd, float64(1), false}, "object": map[string]any{"inner": []any{map[string]any{odd: odd}}},
	}
}

// elsewhere is a moment as a clock of another zone, and of finer grain, tells it.
func elsewhere(t time.Time) time.Time {
	return t.Add(123456*time.Microsecond + 789).In(time.FixedZone("elsewhere", 2*60*60))
}

// stored fails unless got is the moment given in UTC and whole microseconds.
func stored(t tb, what string, got, given time.Time) {
	t.Helper()
	if off := got.Sub(given).Abs(); off > time.Microsecond {
		t.Errorf("%s: got %v; want %v", what, got, given)
	}
	if got.Location() != time.UTC || got.Nanosecond()%1000 != 0 {
		t.Errorf("%s: got %v; want UTC in whole microseconds", what, got)
	}
}
