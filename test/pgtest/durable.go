package pgtest

import (
	"context"
	"fmt"
)

// Durable starts a PostgreSQL that keeps what it has acknowledged, for those who measure: the servers that URL uses need not, and are
// faster for it. It is a cluster made by the initdb of this machine, or else a container. The cluster goes with this process and inherits
// the cores that it may use; Local says that it is one.
func Durable(ctx context.Context) (Place, error) {
	careful := settings{"-c", "max_connections=300", "-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB"}
	p, noLocal := startLocal(ctx, careful)
	if noLocal == nil {
		return Place{URL: p.url, About: p.about, Local: true}, nil
	}
	p, noDocker := startContainer(ctx, careful)
	if noDocker == nil {
		return Place{URL: p.url, About: p.about}, nil
	}
	return Place{}, fmt.Errorf("%w: %s (initdb: %s; Docker: %s)", errNone, remedy, line(noLocal), line(noDocker))
}

// Place is a server that answers.
type Place struct {
	URL, About string
	Local      bool
}
