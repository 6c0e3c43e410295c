package granttest

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

type approvalBook struct {
	ports.ApprovalBook
	*watch
}

func (b approvalBook) Approve(ctx context.Context, a grant.Approval, e ...audit.Entry) error {
	b.note("ApprovalBook.Approve")
	return b.ApprovalBook.Approve(ctx, a, e...)
}

func (b approvalBook) CloseRequest(ctx context.Context, d secret.Digest, at time.Time, e ...audit.Entry) error {
	b.note("ApprovalBook.CloseRequest")
	return b.ApprovalBook.CloseRequest(ctx, d, at, e...)
}

type consentBook struct {
	ports.ConsentBook
	*watch
}

func (b consentBook) WithdrawConsent(ctx context.Context, u user.ID, c client.ID, at time.Time, e ...audit.Entry) error {
	b.note("ConsentBook.WithdrawConsent")
	return b.ConsentBook.WithdrawConsent(ctx, u, c, at, e...)
}

type clientBook struct {
	ports.ClientBook
	*watch
}

func (b clientBook) AddClient(ctx context.Context, c client.Client, e ...audit.Entry) error {
	b.note("ClientBook.AddClient")
	return b.ClientBook.AddClient(ctx, c, e...)
}

func (b clientBook) UpdateClient(ctx context.Context, c client.Client, was time.Time, e ...audit.Entry) error {
	b.note("ClientBook.UpdateClient")
	return b.ClientBook.UpdateClient(ctx, c, was, e...)
}

func (b clientBook) DeleteClient(ctx context.Context, id client.ID, at time.Time, e ...audit.Entry) error {
	b.note("ClientBook.DeleteClient")
	return b.ClientBook.DeleteClient(ctx, id, at, e...)
}

type userBook struct {
	ports.UserBook
	*watch
}

func (b userBook) AddUser(ctx context.Context, u user.User, e ...audit.Entry) error {
	b.note("UserBook.AddUser")
	return b.UserBook.AddUser(ctx, u, e...)
}

func (b userBook) UpdateUser(ctx context.Context, u user.User, was time.Time, e ...audit.Entry) error {
	b.note("UserBook.UpdateUser")
	return b.UserBook.UpdateUser(ctx, u, was, e...)
}
