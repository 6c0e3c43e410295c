package httpapi

import (
	"errors"
	"slices"

	"github.com/labstack/echo/v4"
)

// errShed says that more was asked at once than the server answers.
var errShed = errors.New("too many requests are being answered")

// probes are asked by whoever decides what becomes of the server: they get an answer however busy it is.
var probes = []string{"/livez", "/readyz"}

// shed refuses at once what the server would not come to in time. A queue that grows helps nobody: those who wait in it have left
// before it is their turn.
func (s *Server) shed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if slices.Contains(probes, c.Path()) {
			return next(c)
		}
		defer s.answering.Add(-1)
		if s.answering.Add(1) > int64(s.cfg.MaxRequests) {
			s.turnedAway.Add(1)
			return errShed
		}
		return next(c)
	}
}
