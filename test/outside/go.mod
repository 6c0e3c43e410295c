module example.com/acme/login

go 1.26.0

require (
	github.com/google/wire v0.7.0
	github.com/gopassport/passport v0.0.0
)

replace github.com/gopassport/passport => ../..
