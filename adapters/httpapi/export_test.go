package httpapi

// Route is an endpoint that is mounted.
type Route struct{ Method, Path string }

// Routes lists what is mounted, from the table that the router is made of.
func (s *Server) Routes() []Route {
	var all []Route
	for _, r := range s.table() {
		for _, m := range r.methods {
			if r.mounted {
				all = append(all, Route{m, r.path})
			}
		}
	}
	return all
}
