// Package subject says for whom a token speaks.
package subject

// Kind is what a subject is. It travels in the token (claim sub_kind), so that a client's id is never taken for a user's.
type Kind string

// The kinds.
const (
	User   Kind = "user"
	Client Kind = "client"
)

// Subject is a resource owner: a person, or a client on its own behalf. The zero Subject is nobody.
type Subject struct {
	Kind Kind
	ID   string
}

// OfUser names a person.
func OfUser(id string) Subject { return Subject{User, id} }

// OfClient names a client that acts for itself.
func OfClient(id string) Subject { return Subject{Client, id} }

// IsZero reports whether nobody is named.
func (s Subject) IsZero() bool { return s == Subject{} }

// Valid reports whether s names exactly one resource owner.
func (s Subject) Valid() bool { return s.ID != "" && (s.Kind == User || s.Kind == Client) }
