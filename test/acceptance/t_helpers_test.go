package acceptance

// Features that lines wait for.
const (
	guard   = "guard (next issue)"
	helpers = "test helpers (next issue)"
)

var linesT = map[int]line{
	220: {says: "actingAs passes the guard and the checks of scopes, inheritance included", notYet: helpers},
	221: {says: "actingAsClient passes the checks of scopes and sets the client", notYet: helpers},
}
