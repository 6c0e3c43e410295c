package main

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// row is one to be written before anything is measured.
type row struct {
	into string
	args []any
}

// prepare makes n of what a measurement needs, in one commit, and answers with their texts.
func (f *floor) prepare(c echo.Context) error {
	n, err := strconv.Atoi(c.QueryParam("n"))
	if err != nil {
		return echo.ErrBadRequest
	}
	one := map[string]func(echo.Context, int) (string, []row){
		"codes": f.newCode, "families": f.newFamily, "devices": f.newDevice, "people": f.newPerson, "sessions": f.newSession,
	}[c.Param("what")]
	if one == nil {
		return echo.ErrNotFound
	}
	texts := make([]string, n)
	var rows []row
	for i := range texts {
		var more []row
		texts[i], more = one(c, i)
		rows = append(rows, more...)
	}
	if err := f.db.fill(c.Request().Context(), rows); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, texts)
}

func (f *floor) newCode(c echo.Context, _ int) (string, []row) {
	code, family := handle(), uuid.Must(uuid.NewV7()).String()
	return code, []row{openFamily(family, 0), {
		"INSERT INTO floor_codes (hash, family_id, challenge, expires_at) VALUES ($1, $2, $3, $4)",
		[]any{sum(code), family, c.QueryParam("challenge"), now() + hour},
	}}
}

func (f *floor) newFamily(echo.Context, int) (string, []row) {
	id := uuid.Must(uuid.NewV7()).String()
	return newRefresh(id, 1), []row{openFamily(id, 1)}
}

func openFamily(id string, generation int64) row {
	return row{
		"INSERT INTO floor_families (id, client_id, user_id, scope, generation, expires_at) VALUES ($1, 'web', 'person-0', $2, $3, $4)",
		[]any{id, scope, generation, now() + 100*hour},
	}
}

func (f *floor) newDevice(echo.Context, int) (string, []row) {
	code := handle()
	return code, []row{{
		"INSERT INTO floor_devices (hash, pause, expires_at) VALUES ($1, $2, $3)", []any{sum(code), 9 * hour / 36000, now() + hour},
	}}
}

func (f *floor) newPerson(c echo.Context, i int) (string, []row) {
	name := "person-" + strconv.Itoa(i)
	return name, []row{{
		"INSERT INTO floor_users (id, username, password) VALUES ($1, $2, $3)",
		[]any{uuid.NewString(), name, f.people.hash(c.QueryParam("password"))},
	}}
}

// newSession is a browser in which the person of its number is signed in.
func (f *floor) newSession(c echo.Context, i int) (string, []row) {
	people, err := strconv.Atoi(c.QueryParam("people"))
	if err != nil || people < 1 {
		people = 1
	}
	cookie := handle()
	return cookie, []row{{
		"INSERT INTO floor_sessions (id, hash, user_id, expires_at) VALUES ($1, $2, $3, $4)",
		[]any{uuid.NewString(), sum(cookie), "person-" + strconv.Itoa(i%people), now() + 100*hour},
	}}
}
