package clientauth

import (
	"slices"

	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
)

// Presented is all that a request shows about its sender, free of HTTP.
type Presented struct {
	Authorization secret.Value // the Authorization header as it came
	Form          Form
	Source        string // the address it came from, for counting
}

// Form holds the parameters of a request. It hides its values: some are credentials.
type Form struct{ values map[string][]secret.Value }

// NewForm takes the parameters of a request. A parameter without a value counts as absent (OAuth 2.1, 3.2).
func NewForm(values map[string][]string) Form {
	f := Form{make(map[string][]secret.Value, len(values))}
	hidden := make([]secret.Value, 0, len(values)) // most have one
	for name, all := range values {
		first := len(hidden)
		for _, v := range all {
			hidden = append(hidden, secret.Of(v))
		}
		f.values[name] = hidden[first:len(hidden):len(hidden)]
	}
	return f
}

// Secret returns a parameter that is a credential.
func (f Form) Secret(name string) secret.Value {
	if all := f.values[name]; len(all) > 0 {
		return all[0]
	}
	return secret.Value{}
}

// Get returns a parameter, or "".
func (f Form) Get(name string) string { return f.Secret(name).Reveal() }

// Has reports whether a parameter has a value.
func (f Form) Has(name string) bool { return !f.Secret(name).Empty() }

// All returns every value of a parameter that may be repeated.
func (f Form) All(name string) []string {
	var all []string
	for _, v := range f.values[name] {
		if !v.Empty() {
			all = append(all, v.Reveal())
		}
	}
	return all
}

// repeatable are the parameters that may come more than once (RFC 8707, 2).
var repeatable = []string{"resource"}

// Once refuses a form in which a parameter comes more than once (RFC 6749, 3.1 and 3.2).
func (f Form) Once() error {
	for name, all := range f.values {
		if len(all) > 1 && !slices.Contains(repeatable, name) {
			return fault.InvalidRequest.For("parameter_repeated", "A parameter is included more than once.")
		}
	}
	return nil
}
