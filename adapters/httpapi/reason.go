package httpapi

import (
	"net"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/application/record"
)

// reason is what the log may hold of an error.
func reason(err error) string { return record.Reason(err, quotesNothing) }

// quotesNothing knows errors of HTTP that hold neither what was sent nor what was stored.
func quotesNothing(err error) bool {
	switch err.(type) {
	case *net.OpError, *net.DNSError, *echo.HTTPError, *http.MaxBytesError:
		return true
	}
	return slices.Contains([]error{errPanic, errLeaving, errShed, http.ErrAbortHandler, http.ErrBodyReadAfterClose}, err)
}
