package system

import (
	"errors"
	"strings"

	"golang.org/x/text/secure/precis"

	"github.com/gopassport/passport/domain/user"
)

// Usernames compares names as RFC 8265 says for user names without regard to case (UsernameCaseMapped): full and half width are
// one, capitals are small letters, composed and decomposed letters are one. Characters that cannot be seen, look like another by
// compatibility alone (ſ, ﬁ, ⓐ) or stand inside as spaces are refused. An e-mail address is a name like any other.
type Usernames struct{}

// Why a name is refused.
var (
	errNameEmpty = errors.New("a username needs at least one character")
	errNameLong  = errors.New("a username has at most 255 bytes")
	errNameRunes = errors.New("a username has letters, digits and punctuation: no spaces inside and nothing invisible")
)

// maxTypedLen bounds what is looked at: a name in full width takes three bytes where its canonical form takes one.
const maxTypedLen = 4 * user.MaxUsernameLen

// Canonical implements ports.Usernames.
func (Usernames) Canonical(name string) (string, error) {
	if len(name) > maxTypedLen {
		return "", errNameLong
	}
	name = strings.TrimSpace(name)
	if name == "" {
		return "", errNameEmpty
	}
	canonical, err := precis.UsernameCaseMapped.String(name)
	if err != nil {
		return "", errNameRunes
	}
	if len(canonical) > user.MaxUsernameLen {
		return "", errNameLong
	}
	return canonical, nil
}
