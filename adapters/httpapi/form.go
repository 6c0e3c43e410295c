package httpapi

import (
	"errors"
	"mime"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/gopassport/passport/application/clientauth"
	"github.com/gopassport/passport/domain/fault"
	"github.com/gopassport/passport/domain/secret"
)

const (
	notAForm   = "Send parameters as application/x-www-form-urlencoded in the body."
	malformed  = "The parameters are not well-formed."
	inTheQuery = "Send parameters in the body, not in the URL."
)

// presented reads a request to an endpoint for clients: a form in the body, and nothing in the URL, where it would be logged.
func presented(c echo.Context) (clientauth.Presented, error) {
	r := c.Request()
	if r.URL.RawQuery != "" {
		return clientauth.Presented{}, fault.InvalidRequest.For("query_parameters", inTheQuery)
	}
	if len(r.Header.Values("Authorization")) > 1 {
		return clientauth.Presented{}, fault.InvalidRequest.For("authorization_repeated", "The header Authorization is included more than once.")
	}
	form, err := body(r)
	if err != nil {
		return clientauth.Presented{}, err
	}
	return clientauth.Presented{
		Authorization: secret.Of(r.Header.Get("Authorization")), Form: clientauth.NewForm(form), Source: source(c),
	}, nil
}

// body reads the form in a request's body.
func body(r *http.Request) (url.Values, error) { return bodyOf(r, maxParams) }

// bodyOf is body with a limit of its own.
func bodyOf(r *http.Request, most int) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.Header.Get("Content-Encoding") != "" {
		return nil, fault.InvalidRequest.For("content_type", notAForm)
	}
	r.URL.RawQuery = "" // ParseForm would mix it in
	if err := r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, echo.NewHTTPError(http.StatusRequestEntityTooLarge)
		}
		return nil, fault.InvalidRequest.From(err, malformed)
	}
	return r.PostForm, wellFormedValues(r.PostForm, most)
}

// query reads the parameters in the URL.
func query(r *http.Request) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.InvalidRequest.From(err, malformed)
	}
	return values, nil
}

func wellFormedQuery(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	values, err := query(r)
	if err != nil {
		return err
	}
	return wellFormedValues(values, maxParams)
}

func wellFormedValues(values url.Values, most int) error {
	n := 0
	for name, all := range values {
		n += len(all)
		for _, v := range append(all, name) {
			if !wellFormed(v) {
				return fault.InvalidRequest.For("text_malformed", malformed)
			}
		}
	}
	if n > most {
		return fault.InvalidRequest.For("too_many_parameters", "There are too many parameters.")
	}
	return nil
}
