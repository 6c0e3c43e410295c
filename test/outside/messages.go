package main

import (
	"time"

	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/secret"
)

// messages stands for the service that sends passwords to phones, by challenge; a real one counts wrong guesses, too.
type messages map[string]message

// message is a password that was sent. Its challenge, which the app got when it asked for the message, never comes again; six digits do.
type message struct {
	app       client.ID
	userID    string
	password  secret.Value
	expiresAt time.Time
}

// NewOneTimePassword makes the grant, with nothing sent.
func NewOneTimePassword() *OneTimePassword { return &OneTimePassword{messages{}} }
