package exchange

import "github.com/gopassport/passport/domain/fault"

// Missing refuses a request that lacks a parameter the grant needs.
func Missing(name string) error {
	return fault.InvalidRequest.For("parameter_missing", "The parameter "+name+" is missing.")
}
