package main

import (
	"testing"
	"time"

	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/test/granttest"
)

func TestGrantKeepsTheContract(t *testing.T) {
	granttest.Run(t, storage, func(w *granttest.World) granttest.Subject {
		mine := NewOneTimePassword()
		return granttest.Subject{Grant: mine, Life: time.Minute, Good: func() map[string]string {
			challenge := w.Text()
			mine.sent[challenge] = message{w.Client.ID, string(w.Person.ID), secret.Of("493027"), w.Clock.Now().Add(time.Minute)}
			return map[string]string{"challenge": challenge, "otp": "493027"}
		}}
	})
}
