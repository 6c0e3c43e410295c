package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

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
	if !isForm(r.Header.Get("Content-Type")) || r.Header.Get("Content-Encoding") != "" {
		return nil, fault.InvalidRequest.For("content_type", notAForm)
	}
	values, err := postForm(r)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, echo.NewHTTPError(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return nil, fault.InvalidRequest.From(err, malformed)
	}
	return values, wellFormedValues(values, most)
}

const formType = "application/x-www-form-urlencoded"

func isForm(kind string) bool {
	if kind == formType {
		return true
	}
	kind, _, err := mime.ParseMediaType(kind)
	return err == nil && kind == formType
}

// postForm is r.ParseForm without what it does beside: the query is not mixed in. Whoever stands before us may have read the body
// already.
func postForm(r *http.Request) (url.Values, error) {
	if r.PostForm != nil {
		return r.PostForm, nil
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.PostForm, err = url.ParseQuery(string(b))
	return r.PostForm, err
}

// query reads the parameters in the URL. They were parsed when the request came in, and are well-formed.
func query(r *http.Request) url.Values { return r.Form }

func wellFormedQuery(r *http.Request) (url.Values, error) {
	if r.URL.RawQuery == "" {
		return url.Values{}, nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.InvalidRequest.From(err, malformed)
	}
	return values, wellFormedValues(values, maxParams)
}

func wellFormedValues(values url.Values, most int) error {
	n := 0
	for name, all := range values {
		n += len(all)
		if !wellFormed(name) || slices.ContainsFunc(all, func(v string) bool { return !wellFormed(v) }) {
			return fault.InvalidRequest.For("text_malformed", malformed)
		}
	}
	if n > most {
		return fault.InvalidRequest.For("too_many_parameters", "There are too many parameters.")
	}
	return nil
}
