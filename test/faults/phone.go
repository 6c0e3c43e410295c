package main

import (
	"fmt"
	"math/rand/v2"
	"net/http/cookiejar"
	"net/url"
)

// codesPerPhone is fewer than the user codes that one browser may try in ten minutes.
const codesPerPhone = 8

// phone is the browser in which somebody answers for devices. Before it has tried too many codes it gives way to another one at
// another address, for it is not the limits of guessing that are looked at here.
type phone struct {
	*person
	signedIn bool
	typed    int
}

func newPhone(h *house, name string) *phone { return &phone{person: newPerson(h, name)} }

// replace keeps nothing but the mark of having signed that person in before, without which an account has few sign-ins an hour.
func (p *phone) replace() {
	was := p.jar
	p.jar, _ = cookiejar.New(nil)
	p.http.Jar = p.jar
	p.signedIn, p.typed, p.from = false, 0, somewhere()
	at, err := url.Parse(p.h.servers[0].base())
	if err != nil {
		return
	}
	for _, c := range was.Cookies(at) {
		if c.Name == "passport_familiar" {
			p.jar.SetCookies(at, append(p.jar.Cookies(at), c))
		}
	}
}

// somewhere is an address like any other.
func somewhere() string {
	return fmt.Sprintf("10.%d.%d.%d", rand.IntN(256), rand.IntN(256), rand.IntN(256))
}
