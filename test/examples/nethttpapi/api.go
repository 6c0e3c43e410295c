// Package nethttpapi is an API on net/http: a route protected in one line, a scope asked for in one more.
package nethttpapi

import (
	"fmt"
	"net/http"

	"github.com/gopassport/passport/adapters/guard"
)

// Routes are those of an API for orders.
func Routes(api *guard.Guard) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /status", api.RequireToken(http.HandlerFunc(status)))
	mux.Handle("GET /orders", api.RequireScopes("orders:read")(http.HandlerFunc(list)))
	mux.Handle("POST /orders", api.RequireScopes("orders:write")(http.HandlerFunc(place)))
	mux.Handle("GET /me", api.RequireUser(http.HandlerFunc(me)))
	mux.Handle("POST /imports", api.RequireClient(http.HandlerFunc(place)))
	return mux
}

func status(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(w, "open; you may order: %v\n", guard.From(r.Context()).Can("orders:write"))
}

func list(w http.ResponseWriter, r *http.Request) {
	whose := "everybody's orders"
	if id, is := guard.From(r.Context()).User(); is {
		whose = "the orders of " + id
	}
	_, _ = fmt.Fprintln(w, whose)
}

func place(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }

func me(w http.ResponseWriter, r *http.Request) {
	id, _ := guard.From(r.Context()).User()
	_, _ = fmt.Fprintln(w, id)
}
