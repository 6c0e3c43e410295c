package core

import (
	"reflect"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/ports"
)

// Directory is the store that keeps people: what it tells of a resource owner beside a grant is what UserFinder would tell.
func Directory(s ports.Storage) exchange.Directory {
	store := behind(s.UserFinder)
	if store == nil || reflect.TypeOf(store).Kind() != reflect.Pointer { // two values may be equal and not the same
		return exchange.Directory{}
	}
	return exchange.Directory{Store: store}
}

// most bounds how many wrappers stand before each other.
const most = 16

// behind is whoever answers in the end.
func behind(port any) any {
	for range most {
		w, ok := port.(ports.Wrapper)
		if !ok {
			break
		}
		by, next := w.Wrapped()
		if reflect.TypeOf(by) != reflect.TypeOf(port) {
			break
		}
		port = next
	}
	return port
}
