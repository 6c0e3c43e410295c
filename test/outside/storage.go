package main

import (
	"context"
	"sync/atomic"

	"github.com/gopassport/passport/adapters/memory"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/ports"
)

// counted is a storage that delegates, and counts what is committed.
type counted struct {
	ports.Ledger
	commits atomic.Int64
}

// Commit implements ports.Ledger.
func (c *counted) Commit(ctx context.Context, i token.Issuance) error {
	err := c.Ledger.Commit(ctx, i)
	if err == nil {
		c.commits.Add(1)
	}
	return err
}

// storage keeps everything in this process and replaces one port.
func storage(k ports.Clock) ports.Storage {
	p := memory.Ports(memory.New(k))
	p.Ledger = &counted{Ledger: p.Ledger}
	return p
}
