package storagetest

import (
	"testing"

	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

func TestAStorageMayLackWhatItDeclares(t *testing.T) {
	t.Parallel()
	Run(t, func(*testing.T) ports.Storage {
		s := drops(healthy())
		s.UserFinder, s.UserBook = nil, nil
		return s
	}, Lacks(People, ChangeEntries))
}

func TestADirectoryAloneCanBeProven(t *testing.T) {
	t.Parallel()
	Directory(t, func(t *testing.T, people ...user.User) ports.UserFinder {
		s := healthy()
		for _, u := range people {
			if err := s.UserBook.AddUser(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}
		return s.UserFinder
	})
}
