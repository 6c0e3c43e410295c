package client_test

import (
	"slices"
	"testing"

	"github.com/gopassport/passport/domain/client"
)

func TestResources(t *testing.T) {
	t.Parallel()
	const a, b, c = "https://a.example", "https://b.example", "https://c.example"
	many := slices.Repeat([]string{a}, client.MaxResources+1)
	for _, tc := range []struct {
		name                       string
		registered, granted, asked []string
		want                       []string
		refused                    bool
	}{
		{"nothing registered, nothing asked: the issuer itself", nil, nil, nil, nil, false},
		{"nothing asked: all that is registered", []string{a, b}, nil, nil, []string{a, b}, false},
		{"B36 one of those registered", []string{a, b}, nil, []string{b}, []string{b}, false},
		{"B36 one that is not", []string{a, b}, nil, []string{c}, nil, true},
		{"B36 one of each", []string{a, b}, nil, []string{a, c}, nil, true},
		{"B36 too many", []string{a}, nil, many, nil, true},
		{"the same twice counts once", []string{a}, nil, []string{a, a}, []string{a}, false},
		{"nothing asked: all that was granted", []string{a, b}, []string{b}, nil, []string{b}, false},
		{"not what was never granted", []string{a, b}, []string{b}, []string{a}, nil, true},
		{"not what was taken away since", []string{a}, []string{a, b}, []string{b}, nil, true},
		{"what is left of what was granted", []string{a}, []string{a, b}, nil, []string{a}, false},
		{"nothing is left of what was granted", []string{c}, []string{a, b}, nil, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := client.Client{Audience: tc.registered}.Resources(tc.granted, tc.asked)
			if (err != nil) != tc.refused || !slices.Equal(got, tc.want) {
				t.Errorf("got %v, %v; want %v, refused %v", got, err, tc.want, tc.refused)
			}
		})
	}
}
