package core

import (
	"reflect"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/ports"
)

// OwnersKnown reports whether one store keeps grants and people: only then is what it tells of a resource owner beside a grant what
// UserFinder would tell.
func OwnersKnown(s ports.Storage) exchange.OwnersKnown {
	people := behind(s.UserFinder)
	return exchange.OwnersKnown(isOne(people) && people == behind(s.CodeFinder) && people == behind(s.RefreshFinder))
}

// behind is whoever answers in the end.
func behind(port any) any {
	for {
		w, ok := port.(ports.Wrapper)
		if !ok {
			return port
		}
		port = w.Wrapped()
	}
}

// isOne reports whether a store can be told from another: two values may be equal and not the same.
func isOne(store any) bool {
	return store != nil && reflect.TypeOf(store).Kind() == reflect.Pointer
}
