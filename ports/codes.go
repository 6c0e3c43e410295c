package ports

import (
	"context"

	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
)

// CodeFinder reads authorization codes.
type CodeFinder interface {
	// FindCode returns the code with one of the digests, spent or not, expired or not, together with its family as it stands, and
	// how the resource owner stands if people are kept beside it.
	// ErrNotFound where there is none.
	FindCode(ctx context.Context, digests []secret.Digest) (grant.Code, error)
}
